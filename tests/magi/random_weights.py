"""Write random weights for the stand-in in a folder; a script that runs with the packages of Magi's process."""

import json
import sys
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import save_file

hub: Any = transformers
folder = Path(sys.argv[1])
torch.manual_seed(7)
settings = hub.AutoConfig.from_pretrained(folder, trust_remote_code=True)
kind = hub.AutoModel
if json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"] == "magiv2":
    settings.disable_ocr = True  # as the backend does; the file keeps what the real one says
else:
    kind = hub.AutoModelForCausalLM
model = kind.from_config(settings, trust_remote_code=True)
model.tie_weights()
state = model.state_dict()
state.pop("lm_head.weight", None)  # tied to another
save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
