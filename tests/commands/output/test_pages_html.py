"""Test that the page of what was read is self-contained, true to the transcript, and safe from text on the pages."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from commands.output import pages_html
from main import main
from storage.domain import Balloon, Box, Order, Transcript
from tests.conftest import draw_page, transcript_of
from tools import png

SPACE = "{http://www.w3.org/2000/svg}"


def shown(tmp_path: Path, transcript: Transcript, by_hand: set[int] | None = None) -> str:
    picture = tmp_path / "page.png"
    picture.write_bytes(png.encode_png(draw_page(1)))
    return pages_html.render_pages_html(
        transcript, dict.fromkeys(range(9), picture), by_hand or set(), "a title & more"
    )


def drawing(html: str, number: int = 0) -> ElementTree.Element:
    """Return the drawing of one page, which is sound XML too."""
    found = re.findall(r"<svg.*?</svg>", html, re.DOTALL)[number]
    return ElementTree.fromstring(found.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def test_it_needs_nothing_beside_itself(tmp_path: Path) -> None:
    html = shown(tmp_path, transcript_of(2))
    assert html.count("data:image/jpeg;base64,") == 2
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)", html)
    assert "a title &amp; more" in html


@pytest.mark.parametrize("order", ["rtl", "ltr"])
def test_every_panel_and_balloon_stands_where_it_is_with_its_number(tmp_path: Path, order: Order) -> None:
    transcript = transcript_of(1).model_copy(update={"order": order})
    svg = drawing(shown(tmp_path, transcript))
    panels = [shape.get("points") for shape in svg.iter(f"{SPACE}polygon") if shape.get("class") == "panel"]
    assert panels[0] == "23,23 377,23 377,197 23,197"
    assert len(panels) == 4
    badges = [(float(circle.get("cx", 0)), float(circle.get("cy", 0))) for circle in svg.iter(f"{SPACE}circle")]
    assert (badges[0][0] > 300) == (order == "rtl"), "in the corner where reading begins"
    (balloon,) = [shape for shape in svg.iter(f"{SPACE}polygon") if shape.get("class") == "balloon"]
    assert balloon.get("points") == "40,40 120,40 120,90 40,90"
    titles = [title.text for title in svg.iter(f"{SPACE}title")]
    assert titles == [*(f"panel {n}: {box}" for n, box in enumerate(boxes(transcript), 1)), "balloon 1: 40,40,120,90"]


def boxes(transcript: Transcript) -> list[str]:
    return [",".join(f"{edge:.0f}" for edge in panel.box) for panel in transcript.pages[0].panels]


def test_doubts_stand_on_top_and_what_is_said_beside_its_panel(tmp_path: Path) -> None:
    page = transcript_of(1).pages[0]
    lost = Balloon(
        id="t0-1", order=1, box=Box(1, 1, 9, 9), text="<script>alert(1)</script>", confidence=0.3, kind="sound"
    )
    page = page.model_copy(update={"balloons": (*page.balloons, lost), "doubts": ("some panels overlap",)})
    html = shown(tmp_path, transcript_of(1).model_copy(update={"pages": (page,)}), {0})
    assert html.index("some panels overlap") < html.index("<section")
    assert html.index("hello there") < html.index("In no panel") < html.index("&lt;script&gt;alert(1)")
    assert "<script>alert" not in html
    assert html.count("read with little confidence") == 1
    assert html.count("corrected by hand") == 1
    assert "Look twice" not in shown(tmp_path, transcript_of(1))


def test_read_writes_it(tmp_path: Path, chapter: Path) -> None:
    assert main(["read", str(chapter), "--html", str(tmp_path / "out.html")]) == 0
    html = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "<h1>chapter</h1>" in html
    assert html.count("<svg") == 2
