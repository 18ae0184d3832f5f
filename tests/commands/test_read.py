"""Test that a transcript corrected by hand is filmed, and that only the shots it touches are made again."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from agents import comprehension
from agents.book_notes import describe_note
from main import main
from storage.domain import Box, Transcript
from storage.library import Library
from tests.agents.comprehension.scripted import willing
from tests.conftest import PANELS
from tests.loopback import serving
from tests.program import print_of, refusal
from tests.tools.ingest.packing import page, write_zip

Said = pytest.CaptureFixture[str]


def test_a_book_is_read_to_a_file_or_to_the_standard_output_and_nothing_is_filmed(
    finished: Path, tmp_path: Path, capfd: Said
) -> None:
    book, place = str(finished / "chapter"), tmp_path / "deep" / "transcript.json"
    words = ["read", book, "--pages", "2", "--project", str(tmp_path / "book.komadori")]
    assert main([*words, "--json", str(place)]) == 0
    said = capfd.readouterr()
    assert said.out == ""
    assert f"transcript  {place}" in said.err
    assert "1 pages, 4 panels, 0 texts" in said.err
    found = Transcript.model_validate_json(place.read_text(encoding="utf-8"))
    assert [(page.index, page.image, page.width, page.height) for page in found.pages] == [(1, "002.png", 400, 600)]
    assert json.loads(place.read_text())["version"] == 1
    assert main(words) == 0
    assert capfd.readouterr().out == place.read_text(encoding="utf-8")
    with Library.open(tmp_path / "book.komadori", readonly=True) as library:
        assert library.head() is None
        assert library.transcript() == found


def test_reading_into_a_project_keeps_its_picture(filmed: Path) -> None:
    with Library.open(filmed / "chapter.komadori", readonly=True) as library:
        before = library.settings()
    words = ["read", str(filmed / "chapter"), "--project", str(filmed / "chapter.komadori")]
    assert main([*words, "--json", str(filmed / "out.json")]) == 0
    with Library.open(filmed / "chapter.komadori", readonly=True) as library:
        assert library.settings() == before


def test_a_place_that_cannot_be_written_is_refused_before_the_reading(
    finished: Path, tmp_path: Path, capfd: Said
) -> None:
    before = print_of(tmp_path)
    assert main(["read", str(finished / "chapter"), "--json", str(tmp_path)]) == 2
    assert "is a folder" in refusal(capfd.readouterr().err)[0]
    assert print_of(tmp_path) == before


def test_a_text_and_an_order_corrected_by_hand_film_only_their_shots_again_and_stand(filmed: Path) -> None:
    project, given = filmed / "chapter.komadori", filmed / "transcript.json"
    words = ["animate", str(filmed / "chapter"), "--project", str(project), "-o", str(filmed / "film.mp4")]
    transcript, before = json.loads(given.read_text()), made(project)
    transcript["pages"][0]["texts"][0]["text"] = "hello there, this line is a good deal longer than it was"
    one, other = transcript["pages"][1]["panels"][1:3]
    one["order"], other["order"] = other["order"], one["order"]
    given.write_text(json.dumps(transcript))
    assert main([*words, "--transcript", str(given)]) == 0
    again = made(project) - before
    assert 1 <= again["composite"] <= 4, "of eight shots"
    assert not again["ingest"]
    assert not again["read"]
    assert panels_in_order(project) == [*PANELS, PANELS[0], PANELS[2], PANELS[1], PANELS[3]]
    corrected, film = made(project), (filmed / "film.mp4").read_bytes()
    assert "longer than it was" in (filmed / "film.srt").read_text()
    assert main(words) == 0
    assert made(project) == corrected
    assert (filmed / "film.mp4").read_bytes() == film


def test_a_model_is_asked_only_where_that_is_said_and_its_answers_stand(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Said
) -> None:
    monkeypatch.setenv("KOMADORI_MODEL", "scripted")
    kept = ["--project", str(tmp_path / "book.komadori")]
    words = ["read", str(finished / "chapter"), "--pages", "2", "--json", str(tmp_path / "transcript.json")]
    with serving(willing) as there:
        monkeypatch.setenv("OPENAI_BASE_URL", there.url)
        assert main(words) == main([*words, *kept]) == 0
        assert there.asked == []
        assert main([*words, *kept, "--understand", "--max-cost", "1"]) == 0
        assert [one.name for one in there.asked] == ["PageAnswer"]
        capfd.readouterr()
        assert main([*words, *kept]) == main([*words, *kept, "--understand"]) == 0
        assert len(there.asked) == 1, "what was answered is not asked again"
    with Library.open(tmp_path / "book.komadori", readonly=True) as library:
        assert [page.synopsis for page in comprehension.comprehension_of(library).pages] == ["Somebody says hello."]
        settings = library.settings()
        assert settings
        assert settings.max_cost == 1


@pytest.mark.parametrize("model", ["", "scripted"])
def test_to_understand_wants_a_model_and_a_server(
    model: str, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Said
) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KOMADORI_MODEL", model)
    monkeypatch.chdir(tmp_path)
    assert main(["read", str(finished / "chapter"), "--understand"]) == 2
    assert refusal(capfd.readouterr().err)[1].startswith("set KOMADORI_MODEL")
    assert not list(tmp_path.iterdir())


def made(project: Path) -> Counter[str]:
    """Return how many things each stage has made so far."""
    with Library.open(project, readonly=True) as library:
        return Counter(event.stage for event in library.events(kinds={"made"}))


def panels_in_order(project: Path) -> list[Box]:
    with Library.open(project, readonly=True) as library:
        transcript = library.transcript()
        assert transcript
        boxes = {panel.id: panel.box for page in transcript.pages for panel in page.panels}
        return [boxes[panel] for plan in library.shots() for panel in plan.panels]


def test_what_was_guessed_and_left_out_is_printed_and_kept(tmp_path: Path, capfd: Said) -> None:
    members = {"/第１０話.png": page(1), "/第２話.png": page(2), "/表紙.png": page(3), "/あとがき.txt": b"text",
               "/info/comicinfo.xml": b"nothing at all"}  # fmt: skip
    book, project = write_zip(tmp_path / "book.cbr", members, "cp932"), tmp_path / "book.komadori"
    words = ["read", str(book), "--json", str(tmp_path / "transcript.json"), "--project", str(project)]
    assert main(words) == 0
    with Library.open(project, readonly=True) as library:
        notes = library.info().notes
        assert [stored.name for stored in library.pages()] == ["表紙.png", "第２話.png", "第１０話.png"]
    assert [(note.kind, note.count, note.value) for note in notes][:4] == [
        ("guessed_names", 4, "cp932"), ("stripped_slashes", 5, ""), ("other_files", 1, ""), ("covers_first", 1, ""),
    ]  # fmt: skip
    assert notes[-1].kind == "unread_metadata"
    said = capfd.readouterr().err
    assert all(describe_note(note) in said for note in notes)
    assert main(["show", "project", str(project)]) == 0
    assert "cp932" in capfd.readouterr().out
    assert main(["animate", str(book), "--project", str(project), "--dry-run"]) == 0
    assert "cp932" in capfd.readouterr().out


def test_a_project_of_a_version_that_did_not_know_the_names_goes_on(tmp_path: Path) -> None:
    """Older versions kept names in mojibake, covers last, and no notes; nothing is read anew for that."""
    members = {"第１話.png": page(1), "第２話.png": page(2), "表紙.png": page(3)}
    book, project = write_zip(tmp_path / "book.cbz", members, "cp932"), tmp_path / "book.komadori"
    words = ["read", str(book), "--json", str(tmp_path / "transcript.json"), "--project", str(project)]
    assert main(words) == 0
    assert main(["fix", str(project), "page 1 add panel 2,2,12,12"]) == 0
    before = made(project)
    with Library.open(project) as library:
        cover, *others = library.pages()
        old = [stored.name.encode("cp932").decode("cp437") for stored in (*others, cover)]
        pages = [
            stored.model_copy(update={"index": index, "name": name})
            for index, (stored, name) in enumerate(zip((*others, cover), old, strict=True))
        ]
        library.set_project(str(book), library.info().model_copy(update={"notes": ()}))
        library.set_pages(pages)
    assert main(words) == 0
    with Library.open(project, readonly=True) as library:
        transcript = library.transcript()
        assert transcript
        assert [(one.index, one.image) for one in transcript.pages] == [
            (0, "表紙.png"), (1, "第１話.png"), (2, "第２話.png"),
        ]  # fmt: skip
        assert len(transcript.pages[0].panels) == 2, "the correction stays with its page"
        assert [note.kind for note in library.info().notes] == ["guessed_names", "covers_first"]
    assert made(project)["ingest"] == before["ingest"]
    assert made(project)["read"] == before["read"]


def test_a_page_that_is_not_read_is_left_out_by_its_number(tmp_path: Path, capfd: Said) -> None:
    members = {"1.png": page(1), "2.jxr": b"II\xbc\x01" + bytes(99), "3.jp2": page(3, "JPEG2000")}
    book, place = write_zip(tmp_path / "book.cbz", members), tmp_path / "transcript.json"
    words = ["read", str(book), "--json", str(place), "--project", str(tmp_path / "book.komadori")]
    assert main(words) == 2
    what, hint = refusal(capfd.readouterr().err)
    assert "2.jxr" in what
    assert "--pages 1,3" in hint
    assert main([*words, "--pages", "1,3"]) == 0
    assert [one["image"] for one in json.loads(place.read_text())["pages"]] == ["1.png", "3.jp2"]


def test_books_are_answered_with_a_command_that_runs(
    tmp_path: Path, capfd: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    series = tmp_path / "a series"
    series.mkdir()
    for name in ("1.cbz", "2.cbt", "._1.cbz"):
        write_zip(series / name, {"1.png": page()})
    assert main(["read", str(series)]) == 2
    _, hint = refusal(capfd.readouterr().err)
    assert f"main.py run SCRIPT.toml --chapters '{series}'" in hint
    (tmp_path / "SCRIPT.toml").touch()
    assert main(["run", "SCRIPT.toml", "--chapters", str(series), "--check"]) == 0
    assert "2 chapters" in capfd.readouterr().out
