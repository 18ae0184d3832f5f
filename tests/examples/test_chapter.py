"""The sample chapter: what is committed is what the script says it draws."""

import json
import runpy
from pathlib import Path
from typing import Any

import cv2
import pytest

from storage.domain import Transcript

pytestmark = pytest.mark.film


EXAMPLES = Path(__file__).parents[2] / "examples"


def script() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES / "draw_chapter.py"))


def test_every_page_of_the_script_is_there_in_its_size() -> None:
    files = sorted((EXAMPLES / "komadori").glob("*.png"))
    assert [file.name for file in files] == [f"{n:03d}.png" for n in range(1, len(script()["PAGES"]) + 1)]
    for file in files:
        page = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        assert page is not None
        assert page.shape == (1700, 1200)
    assert sum(file.stat().st_size for file in files) < 2_500_000


def test_the_ground_truth_is_a_transcript_of_these_pages() -> None:
    truth = Transcript.model_validate(json.loads((EXAMPLES / "komadori.truth.json").read_text(encoding="utf-8")))
    assert truth.order == "ltr"
    assert [page.image for page in truth.pages] == [f"{n:03d}.png" for n in range(1, len(script()["PAGES"]) + 1)]
    for page in truth.pages:
        ids = {panel.id for panel in page.panels}
        assert [panel.order for panel in page.panels] == list(range(len(page.panels)))
        assert all(text.panel in ids and text.text for text in page.balloons)
        for box in [panel.box for panel in page.panels] + [text.box for text in page.balloons]:
            assert box.x0 >= 0
            assert box.y0 >= 0
            assert box.x1 <= page.width
            assert box.y1 <= page.height


def test_the_book_says_its_title_and_that_it_reads_left_to_right() -> None:
    info = (EXAMPLES / "komadori" / "ComicInfo.xml").read_text(encoding="utf-8")
    assert "<Title>Komadori</Title>" in info
    assert "<Manga>No</Manga>" in info
    assert "<LanguageISO>en</LanguageISO>" in info
