"""The program of the model's process: load a Manga Whisperer model, then answer one image after another.

It runs as a script with `tools/magi/process.py` at the other end of its pipes, and imports nothing of this project.

A request is a line of JSON, {"shape": [height, width, 3]}, and then the pixels, RGB uint8. A reply is a line of JSON,
{"answer": ...} or {"error": the exception's class, "message": ...}. The first one says whether the model was loaded.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

Ask = Callable[[NDArray[np.uint8]], object]
"""Gives the model one image, (h, w, 3) RGB uint8, and returns its answer."""


def main(task: str, folder: str, device: str) -> None:
    """Serve requests until the input ends."""
    gc.set_threshold(10_000)  # the objects of imported modules stay, and are else searched again and again
    requests = sys.stdin.buffer
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the model's code prints is no reply
    try:
        ask = TASKS[task](Path(folder), device or _best_device())
    except Exception as reason:  # a stranger's code raises whatever it stumbles on
        _reply(replies, _error(reason))
        return
    _reply(replies, {"answer": None})
    while line := requests.readline():
        shape = json.loads(line)["shape"]
        pixels = np.frombuffer(requests.read(int(np.prod(shape))), np.uint8).reshape(shape)
        try:
            reply = {"answer": _to_plain(ask(pixels))}
        except Exception as reason:
            reply = _error(reason)
        _reply(replies, reply)


def _load_magi2(folder: Path, device: str, *, without: tuple[str, ...]) -> Any:
    """Load Magi v2 without the parts that its config can switch off, such as "disable_ocr"."""
    import transformers

    config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=True, local_files_only=True)
    for part in without:
        setattr(config, part, True)
    detector = getattr(config, "detection_model_config", None)
    if detector is not None:
        detector.use_pretrained_backbone = False  # they would be fetched, and then replaced by the model's own
    return _complete(
        transformers.AutoModel.from_pretrained(
            folder, config=config, trust_remote_code=True, local_files_only=True, output_loading_info=True
        ),
        device,
    )


def _read_pages_with_magi2(folder: Path, device: str) -> Ask:
    # its reader of English would come from a second repository
    model = _load_magi2(folder, device, without=("disable_ocr",))

    def ask(page: NDArray[np.uint8]) -> object:
        with _inference_mode():
            return model.predict_detections_and_associations([page])[0]

    return ask


def _embed_crops_with_magi2(folder: Path, device: str) -> Ask:
    model = _load_magi2(folder, device, without=("disable_ocr", "disable_detections"))

    def ask(crop: NDArray[np.uint8]) -> object:
        height, width = crop.shape[:2]
        with _inference_mode():
            [embeddings] = model.predict_crop_embeddings([crop], [[[0, 0, width, height]]])
        return embeddings[0].float()

    return ask


def _read_pages_with_magi3(folder: Path, device: str) -> Ask:
    """Load Magi v3, in half precision except on the CPU, and its processor."""
    import torch
    import transformers

    model = _complete(
        transformers.AutoModelForCausalLM.from_pretrained(
            folder, trust_remote_code=True, local_files_only=True, output_loading_info=True,
            torch_dtype=torch.float32 if device == "cpu" else torch.float16,
        ),
        device,
    )  # fmt: skip
    processor = transformers.AutoProcessor.from_pretrained(folder, trust_remote_code=True, local_files_only=True)

    def ask(page: NDArray[np.uint8]) -> object:
        with _inference_mode():
            return model.predict_detections_and_associations([page], processor)[0]

    return ask


TASKS: Mapping[str, Callable[[Path, str], Ask]] = {
    "magi2 pages": _read_pages_with_magi2,
    "magi2 crops": _embed_crops_with_magi2,
    "magi3 pages": _read_pages_with_magi3,
}
"""Loads the model for each task and returns how to ask it."""


def _complete(loaded: tuple[Any, Mapping[str, object]], device: str) -> Any:
    """Return the loaded model on its device. Raises ValueError if some of its weights were not in the folder."""
    model, info = loaded
    missing = info["missing_keys"]
    if isinstance(missing, list) and missing:
        raise ValueError(f"{len(missing)} of its weights are not in the folder, {missing[0]} for one")
    return model.to(device).eval()


def _inference_mode() -> Any:
    import torch

    return torch.inference_mode()


def _best_device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _to_plain(value: Any) -> Any:
    """Convert tensors and arrays, alone or in dicts and lists, to lists of numbers."""
    if isinstance(value, Mapping):
        return {str(name): _to_plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_plain(item) for item in value]
    return value.tolist() if hasattr(value, "tolist") else value


def _error(reason: Exception) -> dict[str, object]:
    return {"error": type(reason).__name__, "message": str(reason)}


def _reply(replies: IO[str], reply: Mapping[str, object]) -> None:
    replies.write(json.dumps(reply) + "\n")
    replies.flush()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (KeyboardInterrupt, BrokenPipeError):  # the other end is gone, or is being stopped as well
        os._exit(1)
