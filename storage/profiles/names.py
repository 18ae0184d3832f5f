"""Parse the names of models in a profile: a name on the hub, a commit, and a folder or file within it.

owner/name   owner/name@commit   owner/name:folder   owner/name@commit:folder   folder   folder:folder-within
owner/name:folder/file.safetensors   folder:file.safetensors   file.safetensors

A LoRA may have a strength after an asterisk, owner/name:file.safetensors*0.8, which is 1 if it is not given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

WEIGHT_FILES = (".safetensors", ".gguf")
"""Suffixes of files that hold weights and no code."""
_STRENGTH = re.compile(r"(?P<model>.+)\*(?P<strength>-?\d+(\.\d+)?)")
_HUB = re.compile(r"(?P<model>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?(:(?P<inside>[\w./-]+))?")


@dataclass(frozen=True)
class ModelName:
    """A model on the hub, or in a folder."""

    model: str
    revision: str = ""
    """The commit; "" if it is not given."""
    inside: str = ""
    """The folder or file within the model; "" if it is not given."""

    @property
    def is_file(self) -> bool:
        """Return whether one file of weights is named."""
        return self.inside.endswith(WEIGHT_FILES)

    @property
    def part(self) -> str:
        """Return the model and what is named within it without the commit: "owner/name:folder"."""
        return self.model + (f":{self.inside}" if self.inside else "")

    def __str__(self) -> str:
        """Return the name as it is written in a profile."""
        return self.model + (f"@{self.revision}" if self.revision else "") + (f":{self.inside}" if self.inside else "")


def parse_model_name(text: str) -> ModelName:
    """Parse the name of a model; an existing local folder or file comes before a model of the same name on the hub."""
    if text.endswith(WEIGHT_FILES) and Path(text).expanduser().is_file():
        path = Path(text)
        return ModelName(str(path.parent), inside=path.name)
    folder, _, inside = text.rpartition(":")
    if _is_folder(text) or (folder and _is_folder(folder)):
        return ModelName(text) if _is_folder(text) else ModelName(folder, inside=inside)
    match = _HUB.fullmatch(text)
    return ModelName(**{key: said or "" for key, said in match.groupdict().items()}) if match else ModelName(text)


def split_strength(text: str) -> tuple[str, float]:
    """Split the name of a LoRA into the model's name and its strength, 1 if none is given."""
    match = _STRENGTH.fullmatch(text)
    return (match["model"], float(match["strength"])) if match else (text, 1.0)


def hub_models(options: Mapping[str, object]) -> list[tuple[str, ModelName]]:
    """Return the models on the hub that the options of a backend name, each with its option.

    The option `revision` is the commit of `model`.
    """
    texts = [(key, text) for key, value in options.items() for text in (value if isinstance(value, list) else [value])]
    found = list[tuple[str, ModelName]]()
    for key, text in texts:
        bare = split_strength(text)[0] if isinstance(text, str) else ""
        name = parse_model_name(bare)
        if not _HUB.fullmatch(bare) or _is_folder(name.model):
            continue
        if key == "model" and (pinned := options.get("revision")):
            name = replace(name, revision=str(pinned))
        found.append((key, name))
    return found


def _is_folder(text: str) -> bool:
    return Path(text).expanduser().is_dir()
