"""Read a workflow of ComfyUI (its API format) and fill in its placeholders.

A placeholder is a value such as "%picture%" or a part of a longer text. A value that is nothing else gets the type of
what stands for it: `"seed": "%seed%"` becomes a number. Texts in percent signs that are none of ours are ComfyUI's own,
such as %date:yyyy%, and stay.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.errors import BackendError

Nodes = dict[str, dict[str, Any]]
"""The nodes of a workflow by their ids, as `POST /prompt` takes them."""
PLACEHOLDERS = (
    "picture", "mask", "prompt", "negative", "seed", "width", "height", "frames", "rate", "seconds", "reference1",
    "reference2", "reference3", "reference4",
)  # fmt: skip
"""What a workflow can ask for. Pictures are names of uploaded files; the mask is white where the model paints."""
MAX_WORKFLOW_BYTES = 4_000_000
_PLACEHOLDER = re.compile("%(" + "|".join(PLACEHOLDERS) + ")%")


@dataclass(frozen=True)
class Workflow:
    """A workflow with placeholders."""

    nodes: Nodes
    digest: str
    """SHA-256 of the file: part of the content keys of what it makes."""
    names: frozenset[str]
    """The placeholders that occur in it."""

    def fill(self, values: Mapping[str, str | float]) -> Nodes:
        """Return its nodes with every placeholder replaced by its value.

        Args:
            values: The value of each placeholder in `names`.
        """
        return {
            name: {**node, "inputs": {key: _filled(value, values) for key, value in node["inputs"].items()}}
            for name, node in self.nodes.items()
        }

    def node(self, title: str) -> str:
        """Return the id of the node with an id or a title.

        Raises:
            BackendError: There is none, or more than one.
        """
        if title in self.nodes:
            return title
        found = [name for name, node in self.nodes.items() if _title(node) == title]
        if len(found) != 1:
            titles = ", ".join(sorted(filter(None, map(_title, self.nodes.values()))))
            raise BackendError(
                f"the workflow has {len(found)} nodes titled {title!r}", f"it has: {titles or 'no titles'}"
            )
        return found[0]


def read_workflow(path: Path, *, needs: tuple[str, ...]) -> Workflow:
    """Read a workflow from a JSON file.

    Args:
        path: The file, as ComfyUI's "Export (API)" writes it.
        needs: Placeholders without which it would not look at what it is given.

    Raises:
        BackendError: The file cannot be read, is no such workflow, or lacks a placeholder.
    """
    hint = 'in ComfyUI choose "Export (API)", and put placeholders into the file'
    try:
        if path.stat().st_size > MAX_WORKFLOW_BYTES:
            raise BackendError(f"{path.name} is too large for a workflow", hint)
        content = path.read_bytes()
        nodes = json.loads(content)
    except OSError as error:
        raise BackendError(
            f"the workflow {path} cannot be read: {error.strerror}", "check the option workflow"
        ) from error
    except (ValueError, RecursionError):
        raise BackendError(f"{path.name} is no JSON", hint) from None
    if not isinstance(nodes, dict) or not nodes or not all(map(_is_node, nodes.values())):
        raise BackendError(f"{path.name} is no workflow in the API format", hint)
    names = frozenset(_PLACEHOLDER.findall(content.decode("utf-8", "replace")))
    if missing := [f"%{name}%" for name in needs if name not in names]:
        raise BackendError(f"{path.name} does not use {' and '.join(missing)}", "docs/drawing.md shows a workflow")
    return Workflow(nodes, hashlib.sha256(content).hexdigest(), names)


def _is_node(node: object) -> bool:
    return isinstance(node, dict) and isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), dict)


def _title(node: Mapping[str, Any]) -> str:
    about = node.get("_meta")
    return str(about.get("title", "")) if isinstance(about, dict) else ""


def _filled(value: object, values: Mapping[str, str | float]) -> object:
    """Return one input of a node with its placeholders replaced."""
    if not isinstance(value, str):
        return value
    if whole := _PLACEHOLDER.fullmatch(value):
        return values[whole[1]]
    return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), value)
