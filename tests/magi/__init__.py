"""Stand-ins for Magi: models of our own with its signatures and keys, tiny random weights, loaded as the real ones are.

The real code and weights are for academic use only and are no part of this project. `set_up` writes a folder that
transformers loads with `from_pretrained(folder, trust_remote_code=True)`: config.json, the code, random weights.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tools.magi import process

HERE = Path(__file__).parent
_MODULES = tempfile.TemporaryDirectory(prefix="komadori-magi-")
# transformers copies such code here before it runs it: not into the home of whoever runs the tests
os.environ.setdefault("HF_MODULES_CACHE", _MODULES.name)


def set_up(version: str, folder: Path, **changes: Any) -> Path:
    """A stand-in for Magi "v2" or "v3" in `folder`, its config with `changes`: what it answers, how it fails."""
    if not process.is_installed():
        pytest.skip("the packages of Magi's process are not installed")
    shutil.copytree(_with_weights(version), folder)
    config = folder / "config.json"
    settings = json.loads(config.read_text(encoding="utf-8")) | changes
    config.write_text(json.dumps(settings), encoding="utf-8")
    return folder


@cache
def _with_weights(version: str) -> Path:
    """The stand-in's code and config with random weights."""
    folder = Path(_MODULES.name) / "stand-ins" / version
    shutil.copytree(HERE / version, folder, ignore=shutil.ignore_patterns("__pycache__"))
    if version == "v2":
        _name_backbone(folder / "config.json", folder.with_name("backbone"))
    subprocess.run(
        [sys.executable, "-P", str(HERE / "random_weights.py"), str(folder)], env=process.environment(), check=True
    )
    return folder


def _name_backbone(config: Path, place: Path) -> None:
    """Name a small ResNet as the detector's backbone, where the real config names one of timm."""
    place.mkdir()
    resnet = {"embedding_size": 8, "hidden_sizes": [8] * 4, "depths": [1] * 4, "out_features": ["stage4"]}
    (place / "config.json").write_text(json.dumps({"model_type": "resnet", **resnet}), encoding="utf-8")
    settings = json.loads(config.read_text(encoding="utf-8"))
    settings["detection_model_config"]["backbone"] = str(place)
    config.write_text(json.dumps(settings), encoding="utf-8")


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
