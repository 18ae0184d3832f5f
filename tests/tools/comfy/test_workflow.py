"""Test that workflows are read, refused with their fault, and filled with values of the right type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from storage.errors import BackendError
from tools.comfy.workflow import read_workflow

NODES: dict[str, dict[str, Any]] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "%picture%"}, "_meta": {"title": "Plate"}},
    "2": {"class_type": "KSampler", "inputs": {
        "seed": "%seed%", "text": "masterpiece, %prompt%, %date:yyyy%", "cfg": 6.5, "image": ["1", 0],
    }, "_meta": {"title": "Draw"}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}, "_meta": {"title": "Draw"}},
}  # fmt: skip


def written(folder: Path, content: object) -> Path:
    path = folder / "workflow.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_value_has_the_type_of_what_stands_for_it(tmp_path: Path) -> None:
    workflow = read_workflow(written(tmp_path, NODES), needs=("picture",))
    assert workflow.names == {"picture", "seed", "prompt"}
    filled = workflow.fill({"picture": "a.png", "seed": 7, "prompt": 'she says "50 %seed%"'})
    assert filled["1"]["inputs"] == {"image": "a.png"}
    assert filled["2"]["inputs"] == {
        "seed": 7, "text": 'masterpiece, she says "50 %seed%", %date:yyyy%', "cfg": 6.5, "image": ["1", 0],
    }  # fmt: skip
    assert workflow.nodes["1"]["inputs"] == {"image": "%picture%"}, "it can be filled again"


def test_the_digest_follows_the_file(tmp_path: Path) -> None:
    first = read_workflow(written(tmp_path, NODES), needs=()).digest
    other = json.loads(json.dumps(NODES))
    other["2"]["inputs"]["cfg"] = 6.0
    assert read_workflow(written(tmp_path, other), needs=()).digest != first
    assert read_workflow(written(tmp_path, NODES), needs=()).digest == first


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"nodes": [], "links": []}', '{"1": {"class_type": "A"}}', "[" * 5000, '{"1": 3}'],
)
def test_what_is_no_workflow_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(BackendError):
        read_workflow(written(tmp_path, content), needs=())


def test_a_workflow_that_looks_at_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError):
        read_workflow(written(tmp_path, NODES), needs=("picture", "mask"))
    with pytest.raises(BackendError):
        read_workflow(tmp_path / "missing.json", needs=())


def test_a_node_is_found_by_its_title_or_its_id(tmp_path: Path) -> None:
    workflow = read_workflow(written(tmp_path, NODES), needs=())
    assert (workflow.node("Plate"), workflow.node("3")) == ("1", "3")
    for title in ("Draw", "nobody"):
        with pytest.raises(BackendError):
            workflow.node(title)
