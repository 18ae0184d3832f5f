"""Stand-ins for Magi: models of our own with its signatures and keys, tiny random weights, loaded as the real ones are.

The real code and weights are for academic use only and stand nowhere in this house. `set_up` writes a folder that
transformers loads with `from_pretrained(folder, trust_remote_code=True)`: config.json, the code, random weights.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_MODULES = tempfile.TemporaryDirectory(prefix="komadori-magi-")
# transformers copies such code here before it runs it: not into the home of whoever runs the tests
os.environ.setdefault("HF_MODULES_CACHE", _MODULES.name)


def set_up(version: str, folder: Path, **changes: Any) -> Path:
    """A stand-in for Magi "v2" or "v3" in `folder`, its config with `changes`: what it answers, how it fails."""
    import torch
    import transformers
    from safetensors.torch import save_file

    hub: Any = transformers
    shutil.copytree(HERE / version, folder, ignore=shutil.ignore_patterns("__pycache__"))
    config = folder / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text(encoding="utf-8")) | changes), encoding="utf-8")
    torch.manual_seed(7)
    kind = hub.AutoModel if version == "v2" else hub.AutoModelForCausalLM
    settings = hub.AutoConfig.from_pretrained(folder, trust_remote_code=True)
    if version == "v2":
        settings.disable_ocr = True  # as the backend does; the file keeps what the real one says
    model = kind.from_config(settings, trust_remote_code=True)
    save_file(model.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def lettered_page() -> Any:
    """A page of two panels for the stand-ins' answers, 500 x 700: three letterings, two people of unlike tone."""
    import cv2
    import numpy as np

    page = np.full((700, 500, 3), 255, np.uint8)
    for x0, x1 in ((6, 238), (252, 494)):
        cv2.rectangle(page, (x0, 24), (x1, 676), (0, 0, 0), 2)
    for text, x, y, size in (("HELLO THERE", 290, 100, 0.7), ("GOOD DAY", 60, 100, 0.7), ("BOOM", 60, 640, 0.9)):
        cv2.putText(page, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, (0, 0, 0), 2)
    cv2.ellipse(page, (125, 400), (50, 120), 0, 0, 360, (30, 30, 30), -1)
    for y in range(270, 540, 18):
        cv2.line(page, (320, y), (460, y + 9), (150, 150, 150), 4)
    return page
