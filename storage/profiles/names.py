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
    if _there(text) or (folder and _there(folder)):
        return ModelName(text) if _there(text) else ModelName(folder, inside=inside)
    found = _HUB.fullmatch(text)
    return ModelName(**{key: said or "" for key, said in found.groupdict().items()}) if found else ModelName(text)


def hub_models(options: Mapping[str, object]) -> dict[str, ModelName]:
    """Return the models on the hub that the options of a backend name, by option.

    The option `revision` is the commit of `model`.
    """
    said = {key: text for key, text in options.items() if isinstance(text, str) and _HUB.fullmatch(text)}
    found = {key: parse_model_name(text) for key, text in said.items()}
    found = {key: name for key, name in found.items() if not _there(name.model)}
    if "model" in found and (pinned := options.get("revision")):
        found["model"] = ModelName(found["model"].model, str(pinned), found["model"].inside)
    return found


def _there(text: str) -> bool:
    return Path(text).expanduser().is_dir()
