"""Test all that a ComfyUI server can do wrong, and to which machines pages are sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from storage.errors import BackendError, ServerError
from tests.tools.comfy.comfy_server import ComfyThere, comfy_server
from tests.tools.comfy.test_backends import ANIMATE, animated, as_pictures, done
from tools.comfy.server import VARIABLE, ComfyServer


@pytest.fixture(autouse=True)
def unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def failing(there: ComfyThere, nodes: dict[str, Any]) -> dict[str, Any]:
    messages = [["execution_start", {}], ["execution_error", {"node_type": "Move", "exception_message": "no memory"}]]
    return {"status": {"status_str": "error", "completed": False, "messages": messages}, "outputs": {}}


def never_done(there: ComfyThere, nodes: dict[str, Any]) -> dict[str, Any]:
    there.polls = 10**6
    return {}


def nothing_saved(there: ComfyThere, nodes: dict[str, Any]) -> dict[str, Any]:
    return done("3", images=[])


def no_picture(there: ComfyThere, nodes: dict[str, Any]) -> dict[str, Any]:
    return done("3", images=[there.save("film.mp4", b"not a film at all" * 40)])


def lost_file(there: ComfyThere, nodes: dict[str, Any]) -> dict[str, Any]:
    return done("3", images=[{"filename": "gone.png", "subfolder": "komadori", "type": "output"}])


@pytest.mark.parametrize(
    ("work", "reason"),
    [(failing, "failed"), (never_done, "late"), (nothing_saved, "broken"), (no_picture, "broken"),
     (lost_file, "refused")],
)  # fmt: skip
def test_a_workflow_that_makes_nothing_ends_with_its_reason(tmp_path: Path, work: Any, reason: str) -> None:
    with comfy_server(work) as there, pytest.raises(ServerError) as caught:
        animated(there, tmp_path, seconds=0.6)
    assert caught.value.reason == reason
    assert there.cancelled == (["['ticket-1']", "ticket-1"] if reason in ("late", "failed") else [])


def test_a_workflow_that_the_server_does_not_know_is_refused(tmp_path: Path) -> None:
    nodes = {**ANIMATE, "2": {**ANIMATE["2"], "class_type": "NoSuchNode"}}
    with comfy_server(as_pictures) as there, pytest.raises(ServerError) as caught:
        animated(there, tmp_path, nodes)
    assert (caught.value.reason, caught.value.status) == ("refused", 400)


@pytest.mark.parametrize(
    "url", ["http://comfy.example.org:8188", "http://192.168.0.7:8188", "http://localhost.evil.org"]
)
def test_pages_are_sent_to_no_other_machine_unless_the_user_names_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BackendError) as caught:
        ComfyServer(url, 5.0)
    assert not isinstance(caught.value, ServerError)
    monkeypatch.setenv(VARIABLE, url + "/")
    assert ComfyServer(url, 5.0).url == url
    assert ComfyServer("", 5.0).url == url


@pytest.mark.parametrize("url", ["http://127.0.0.1:8188", "http://localhost:9", "http://[::1]:8188"])
def test_this_machine_may_always_be_asked(url: str) -> None:
    assert ComfyServer(url, 5.0).url == url


def test_equal_pictures_have_one_name(tmp_path: Path) -> None:
    with comfy_server(as_pictures) as there:
        animated(there, tmp_path)
        animated(there, tmp_path)
    assert len(there.uploads) == 1
    assert there.paths.count("/upload/image") == 2
