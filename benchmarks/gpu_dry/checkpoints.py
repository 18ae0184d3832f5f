"""Write the checkpoints of published models without weights: what `from_pretrained` reads before it reads weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.tiny.published import ITSELF, Component, model_names, published

_NO_WEIGHTS = "none.safetensors"
"""A file that says that weights are safetensors; nothing reads it."""


def names_by_model() -> dict[str, str]:
    """Return the names of published models by their names on the hub."""
    return {published(name).model: name for name in model_names()}


def write_checkpoint(name: str, folder: Path) -> Path:
    """Write the configuration of a published model into `folder`, once, and return the folder."""
    if folder.is_dir():
        return folder
    model = published(name)
    folder.mkdir(parents=True)
    for key, component in model.components.items():
        _write_component(component, folder if ITSELF in model.components else folder / key)
    if model.classname:
        index = {"_class_name": model.classname, **model.arguments}
        index |= {key: [part.library, part.classname] for key, part in model.components.items()}
        _write_json(folder / "model_index.json", index)
    (folder / _NO_WEIGHTS).touch()
    return folder


def _write_component(component: Component, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / _NO_WEIGHTS).touch()
    if component.classname == "Qwen2VLProcessor":
        processor = component.make()
        processor.tokenizer.save_pretrained(str(folder))
        processor.image_processor.save_pretrained(str(folder))
    elif component.is_transformer_model:
        head = {"architectures": [component.classname], "model_type": component.kind.config_class.model_type}
        _write_json(folder / "config.json", {**head, **component.config})
    elif component.library == "transformers":
        component.make().save_pretrained(str(folder))
    else:
        _write_json(folder / component.kind.config_name, {"_class_name": component.classname, **component.config})


def _write_json(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=2), encoding="utf-8")
