"""Test `storyboard`: JSON that keeps its contract, and a self-contained page safe from the text that it shows."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from main import main
from storage.book_info import BookInfo
from storage.domain import ShotPlan, Transcript
from storage.library import Library
from tests.program import print_of, refusal

Said = pytest.CaptureFixture[str]
EVIL = """<script>alert(1)</script><img src=http://evil.example/x onerror="x()">'"><svg/onload=x()>"""


class Page(HTMLParser):
    """An HTML parser that keeps every tag with its attributes, and the text between tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def drawn(project: Path, place: Path) -> Page:
    assert main(["storyboard", str(project), "--html", str(place)]) == 0
    return Page(place.read_text(encoding="utf-8"))


@pytest.mark.parametrize("version", [1, 2])
def test_the_plan_is_written_in_the_version_that_is_asked_for(finished: Path, tmp_path: Path, version: int) -> None:
    project, place = finished / "chapter.komadori", tmp_path / "plan.json"
    assert main(["storyboard", str(project), "--json", str(place), "--json-version", str(version)]) == 0
    assert main(["export", str(project), "json", "-o", str(tmp_path), "--json-version", str(version)]) == 0
    assert (tmp_path / "storyboard.json").read_text() == place.read_text()
    data = json.loads(place.read_text())
    assert data["version"] == version
    status = ("stale", "take", "fallback")
    plans = [{name: value for name, value in shot.items() if name not in status} for shot in data["shots"]]
    with Library.open(project, readonly=True) as library:
        assert tuple(ShotPlan.model_validate(plan) for plan in plans) == library.shots()
        assert Transcript.model_validate_json((tmp_path / "transcript.json").read_text()) == library.transcript()


def test_the_data_keeps_its_contract(finished: Path, tmp_path: Path, capfd: Said) -> None:
    project, before = finished / "chapter.komadori", print_of(finished)
    assert main(["storyboard", str(project)]) == 0
    printed = capfd.readouterr().out
    assert main(["storyboard", str(project), "--json", str(tmp_path / "new" / "plan.json")]) == 0
    assert capfd.readouterr().out == f"{tmp_path / 'new' / 'plan.json'}\n"
    assert (tmp_path / "new" / "plan.json").read_text(encoding="utf-8") == printed
    storyboard = json.loads(printed)
    assert (storyboard["version"], storyboard["aspect"], storyboard["fps"]) == (1, "16:9", 12)
    for shot in storyboard["shots"]:
        assert not shot.pop("stale")
        assert shot.pop("take") == 1
        assert not shot.pop("fallback")
        ShotPlan.model_validate(shot)
    assert print_of(finished) == before


def test_the_page_needs_nothing_beside_itself(finished: Path, tmp_path: Path) -> None:
    page = drawn(finished / "chapter.komadori", tmp_path / "plan.html")
    for _, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "srcset", "action", "poster", "data"):
            target = attributes.get(name)
            assert target is None or target.startswith(("data:image/jpeg;base64,", "#")), target
    assert not {"script", "link", "iframe", "object", "embed", "base"} & {tag for tag, _ in page.tags}
    text = (tmp_path / "plan.html").read_text(encoding="utf-8")
    assert "@import" not in text
    assert "url(" not in text
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy
    assert policy.startswith("default-src 'none'")
    drawn_pages = {attributes["id"] for attributes in page.all("image")}
    assert drawn_pages == {"picture-0", "picture-1"}
    assert {attributes["href"] for attributes in page.all("use")} == {f"#{name}" for name in drawn_pages}


def test_every_shot_shows_its_place_its_pictures_its_lines_and_its_reason(finished: Path, tmp_path: Path) -> None:
    page = drawn(finished / "chapter.komadori", tmp_path / "plan.html")
    with Library.open(finished / "chapter.komadori", readonly=True) as library:
        plans = library.shots()
    assert [attributes["id"] for attributes in page.all("article")] == [plan.id for plan in plans]
    assert all(plan.reason in page.text for plan in plans)
    assert page.text.count("hello there") == 2
    moves = sum(len({key.box for key in plan.camera}) > 1 for plan in plans)
    assert len(page.all("img")) == len(plans) + moves
    assert len([box for box in page.all("rect") if box["class"] == "to"]) == moves
    assert "not filmed" not in page.text


def test_before_it_is_filmed_it_shows_what_the_camera_will_see(chapter: Path, finished: Path, tmp_path: Path) -> None:
    project = tmp_path / "book.komadori"
    words = ["animate", str(chapter), "--project", str(project), "--transcript", str(finished / "transcript.json")]
    assert main([*words, "--approve", "--aspect", "9:16"]) == 0
    page = drawn(project, tmp_path / "plan.html")
    assert not page.all("img")
    assert page.text.count("what the camera will see") >= 8
    assert page.text.count("not filmed") == 8
    assert "none of them filmed yet" in page.text


def test_no_text_of_a_book_becomes_part_of_the_page(filmed: Path, tmp_path: Path) -> None:
    project = filmed / "chapter.komadori"
    plain = [tag for tag, _ in drawn(project, tmp_path / "plain.html").tags]
    with Library.open(project) as library:
        transcript = library.transcript()
        assert transcript
        first, *rest = transcript.pages
        line = first.balloons[0].model_copy(update={"text": EVIL, "language": EVIL, "speaker": EVIL})
        spoken = first.model_copy(update={"balloons": (line,)})
        library.set_transcript(transcript.model_copy(update={"pages": (spoken, *rest)}))
        library.set_project("chapter", BookInfo(title=EVIL))
        plans = tuple(plan.model_copy(update={"reason": EVIL}) for plan in library.shots())
        library.add_revision(plans, key="evil", author="hand", message=EVIL)
        library.set_pages([page.model_copy(update={"name": EVIL}) for page in library.pages()])
    page = drawn(project, tmp_path / "evil.html")
    assert page.text.count("<script>alert(1)</script>") >= 8 + 2
    assert [tag for tag, _ in page.tags if tag not in ("b",)] == [tag for tag in plain if tag not in ("b",)]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_a_place_that_cannot_be_written_is_refused_and_nothing_is_half_written(
    finished: Path, tmp_path: Path, capfd: Said
) -> None:
    words = ["storyboard", str(finished / "chapter.komadori"), "--html", str(tmp_path / "plan.html")]
    assert main([*words, "--json", str(tmp_path)]) == 2
    assert "is a folder" in refusal(capfd.readouterr().err)[0]
    assert not list(tmp_path.iterdir())
