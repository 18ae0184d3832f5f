"""Run Magi v2 through the real transformers library, from a folder with a small model of the same interface."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storage.domain import PageTranscript
from tests.magi import lettered_page, set_up
from tools.reading.order import arrange_page
from tools.transcribe import load_transcriber


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> PageTranscript:
    folder = set_up("v2", tmp_path_factory.mktemp("magi") / "v2")
    backend = load_transcriber("magi2", model=str(folder), licence_accepted=True, device="cpu")
    found: PageTranscript = backend.read(lettered_page(), language="en")
    return found


def test_balloons_have_our_words_and_magis_speakers(read: PageTranscript) -> None:
    said = {text.text: (text.speaker, text.kind) for text in read.balloons}
    assert said == {"HELLO THERE": ("k1", "speech"), "GOOD DAY": ("k0", "speech"), "BOOM": (None, "sound")}


def test_characters_are_seen_inside_the_page_and_one_without_area_is_not(read: PageTranscript) -> None:
    assert [seen.character for seen in read.characters] == ["k0", "k1"]
    assert all(panel.box.x0 >= 0 and panel.box.x1 <= 500 for panel in read.panels)


def test_the_reading_order_is_ours(read: PageTranscript) -> None:
    page = arrange_page(read, "ltr")
    assert page.balloons[0].text == "GOOD DAY"
    assert [seen.panel for seen in page.characters] == ["p0-0", "p0-1"]
    assert arrange_page(read, "rtl").balloons[0].text == "HELLO THERE"


@pytest.mark.skipif(
    "KOMADORI_MAGI" not in os.environ, reason="KOMADORI_MAGI names no folder with a (tiny) real Magi v2"
)
def test_a_real_magi_keeps_the_promise() -> None:
    folder = Path(os.environ["KOMADORI_MAGI"])
    backend = load_transcriber("magi2", model=str(folder), licence_accepted=True)
    page = backend.read(lettered_page(), language="en")
    assert (page.width, page.height) == (500, 700)
    assert {"HELLO THERE", "GOOD DAY"} <= {text.text for text in page.balloons}
