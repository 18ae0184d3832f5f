"""Parse the names of models in a profile: a name on the hub, a commit, and a folder within it.

owner/name   owner/name@commit   owner/name:folder   owner/name@commit:folder   folder   folder:folder-within
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_HUB = re.compile(r"(?P<model>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?(:(?P<inside>[\w./-]+))?")


@dataclass(frozen=True)
class ModelName:
    """A model on the hub, or in a folder."""

    model: str
    revision: str = ""
    """The commit; "" if it is not given."""
    inside: str = ""
    """The folder within the model; "" if it is not given."""

    @property
    def part(self) -> str:
        """Return the model and its inner folder without the commit: "owner/name:folder"."""
        return self.model + (f":{self.inside}" if self.inside else "")

    def __str__(self) -> str:
        """Return the name as it is written in a profile."""
        return self.model + (f"@{self.revision}" if self.revision else "") + (f":{self.inside}" if self.inside else "")


def parse_model_name(text: str) -> ModelName:
    """Parse the name of a model; an existing local folder comes before a model of the same name on the hub."""
    folder, _, inside = text.rpartition(":")
    if _is_folder(text) or (folder and _is_folder(folder)):
        return ModelName(text) if _is_folder(text) else ModelName(folder, inside=inside)
    match = _HUB.fullmatch(text)
    return ModelName(**{key: said or "" for key, said in match.groupdict().items()}) if match else ModelName(text)


def hub_models(options: Mapping[str, object]) -> dict[str, ModelName]:
    """Return the models on the hub that the options of a backend name, by option.

    The option `revision` is the commit of `model`.
    """
    texts = {key: text for key, text in options.items() if isinstance(text, str) and _HUB.fullmatch(text)}
    names = {key: parse_model_name(text) for key, text in texts.items()}
    names = {key: name for key, name in names.items() if not _is_folder(name.model)}
    if "model" in names and (pinned := options.get("revision")):
        names["model"] = ModelName(names["model"].model, str(pinned), names["model"].inside)
    return names


def _is_folder(text: str) -> bool:
    return Path(text).expanduser().is_dir()
