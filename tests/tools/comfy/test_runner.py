"""Test what a workflow is given: references where it asks for them, and the key of its file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tools.comfy.comfy_server import comfy_server
from tests.tools.comfy.test_backends import OUTPAINT, done, painted, workflow
from tests.tools.drawings import lines
from tools.comfy.runner import ComfyRunner
from tools.plates import Image


@pytest.mark.parametrize(("given", "shown"), [(0, ["picture"] * 3), (1, ["0", "0", "0"]), (2, ["0", "1", "1"])])
def test_references_that_are_missing_are_replaced(tmp_path: Path, given: int, shown: list[str]) -> None:
    nodes = json.loads(json.dumps(OUTPAINT))
    nodes["4"]["inputs"] = {f"image{place}": f"%reference{place}%" for place in (1, 2, 3)}
    pictures: dict[str, Image] = {"picture": lines(40, 40), "0": lines(30, 30), "1": lines(20, 20)}
    with comfy_server(painted) as there:
        runner = ComfyRunner(workflow(tmp_path, nodes), (), url=there.url, seconds=9, output="")
        runner.run(
            pictures["picture"], lines(40, 40)[..., 0], [pictures[str(n)] for n in range(given)], prompt="",
            negative="", numbers={},
        )  # fmt: skip
        sizes = [there.uploads[name].shape[0] for name in there.queued[0]["4"]["inputs"].values()]
    assert sizes == [pictures[name].shape[0] for name in shown]


def test_only_the_node_that_is_named_counts(tmp_path: Path) -> None:
    nodes = {**OUTPAINT, "7": {"class_type": "SaveImage", "inputs": {}, "_meta": {"title": "the one"}}}

    def two(there: object, nodes: object) -> dict[str, object]:
        first = done("3", images=[there.save("a.png", b"a")])  # type: ignore[attr-defined]
        first["outputs"]["7"] = {"images": [there.save("b.png", b"b")]}  # type: ignore[attr-defined]
        return first

    with comfy_server(two) as there:
        made = [
            ComfyRunner(workflow(tmp_path, nodes), (), url=there.url, seconds=9, output=output).run(
                lines(8, 8), lines(8, 8)[..., 0], [], prompt="", negative="", numbers={}
            )
            for output in ("the one", "7", "")
        ]
    assert made == [[b"b"], [b"b"], [b"a", b"b"]]


def test_whether_it_looks_at_references_is_known_from_the_file(tmp_path: Path) -> None:
    looks = ComfyRunner(workflow(tmp_path, OUTPAINT), (), url="", seconds=9, output="").uses_references
    blind = {name: node for name, node in OUTPAINT.items() if name != "4"}
    assert looks
    assert not ComfyRunner(workflow(tmp_path, blind), (), url="", seconds=9, output="").uses_references
