"""Run Magi v3 through the real transformers library, from a folder with a small model of the same interface."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.errors import BackendError
from tests.magi import lettered_page, set_up
from tools.transcribe import load_transcriber


def test_what_it_writes_down_out_of_order_and_incomplete_is_understood(tmp_path: Path) -> None:
    folder = set_up("v3", tmp_path / "v3")
    backend = load_transcriber("magi3", model=str(folder), licence_accepted=True, device="cpu")
    page = backend.read(lettered_page(), language="en")
    assert len(page.panels) == 2, "a panel that is said twice is one"
    said = {text.text: text for text in page.balloons}
    assert said["GOOD DAY"].speaker == "k0", "of two speakers the nearer one"
    assert said["HELLO THERE"].speaker is None, "its tail leads to somebody without a label"
    assert said["HELLO THERE"].tail is not None
    assert "BOOM" in said, "our own reader finds what Magi left out"
    assert [seen.character for seen in page.characters] == ["k0", None]


def test_a_page_it_stumbles_over_fails_in_two_lines(tmp_path: Path) -> None:
    folder = set_up("v3", tmp_path / "v3", malformed=True)
    backend = load_transcriber("magi3", model=str(folder), licence_accepted=True, device="cpu")
    with pytest.raises(BackendError, match="magi3 failed: IndexError") as refusal:
        backend.read(lettered_page())
    assert "--transcript" in refusal.value.hint
