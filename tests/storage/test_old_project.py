"""Test that a project of an older version opens, shows its history and can be continued.

`project_0006.zip` holds a project of format 0006, made by the program of that time: two drawn pages at 320x180, read
from a transcript, with edits by hand and by chat, corrections of the transcript, two runs of a script in two aspects, a
critic's retake and best-of choice, a change of aspect and back, and undo. Its films and plates are left out: they are
made anew.
"""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pytest

import main
from agents import run
from agents.corrections import grammar
from agents.editing import shot_protection, undo
from agents.review import retakes
from agents.scripting import scripts
from agents.scripting.script_edits import apply_script_edits, scripted_fixes
from storage import migrations
from storage.library import Library
from storage.records import Revision

pytestmark = pytest.mark.film


PACKED = Path(__file__).with_name("project_0006.zip")
SCRIPT = """
source = "chapter"
edits = ["shot 4 slower", 'page 2 text 1 "good bye"', 'page 1 kind 1 thought', 'page 1 speaker 1 nobody']
"""
"""The last text of the project's script."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Unpack the project as the old version left it, not opened yet."""
    project = tmp_path / "chapter.komadori"
    with zipfile.ZipFile(PACKED) as packed:
        packed.extractall(project)
    dump = project / "library.sql"
    with closing(sqlite3.connect(project / "library.db")) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
    dump.unlink()
    return project


def test_what_made_a_revision_and_of_which_it_repeats_the_changes_is_known(old: Path) -> None:
    with Library.open(old) as library:
        made = {revision.number: revision for revision in library.revisions()}
    assert [number for number, one in made.items() if one.kind == "plan"] == [1, 3, 5, 8, 13]
    assert {number: one.origin for number, one in made.items() if one.kind == "rebase"} == {
        4: 2, 6: 4, 9: 7, 14: 12, 16: 14, 22: 21,
    }  # fmt: skip
    assert [number for number, one in made.items() if one.kind == "aspect"] == [11, 17, 20]
    assert (made[18].kind, made[19].kind) == ("retake", "best_of")
    assert [number for number, one in made.items() if one.kind == "edit"] == [2, 7, 10, 12, 15, 21, 23]
    assert all(one.origin is None for one in made.values() if one.kind != "rebase")
    assert {number for number, one in made.items() if one.key} == {1, 3, 5, 8, 11, 13, 17, 20}, "content keys alone"


def test_what_made_a_correction_is_data(old: Path) -> None:
    with Library.open(old) as library:
        given, *fixes = library.corrections()
        assert (given.kind, given.edits, bool(given.key)) == ("transcript", (), True)
        assert {fix.kind for fix in fixes} == {"fix"}
        for one in fixes:
            assert one.edits == (grammar.parse_line(one.message).model_dump(mode="json"),)
        assert [edit["do"] for edit in scripted_fixes(library)] == ["text", "kind", "speaker"]


@pytest.mark.parametrize(
    "line",
    [form.example for form in grammar.FORMS if form.do not in ("voice", "sounds")]  # there were none yet
    + ["page 3 split panel 2 at x half", "page 1 speaker 5 nobody", "accept all", "page 3 accept all"]
    + ['page 3 text 5 "He said: \\"Go\\"\\nand \\\\ went"', "page 3 add panel -2.5,20,380,200.25", "rename a 'B C'"],
)
def test_every_way_that_a_fix_was_written_is_understood(line: str) -> None:
    migration = import_module("storage.migrations.versions.0007_kinds_of_revisions_and_corrections")
    fix = grammar.parse_line(line)
    assert migration.fixes_in(grammar.format_correction(fix)) == [fix.model_dump(mode="json")]


def test_words_that_are_no_fix_give_none_and_a_revision_that_is_not_there_is_no_origin(old: Path) -> None:
    with closing(sqlite3.connect(old / "library.db")) as connection, connection:
        connection.execute("UPDATE correction SET message = 'page 1 is odd' WHERE number = 2")
        connection.execute("UPDATE revision SET message = 'carried over from revision 99' WHERE number = 4")
        connection.execute("UPDATE revision SET message = 'carried over from revision 1' WHERE number = 7")
    with Library.open(old) as library:
        assert library.corrections()[1].edits == ()
        made = {revision.number: revision for revision in library.revisions()}
    assert (made[4].kind, made[4].origin) == ("rebase", None)
    assert (made[7].kind, made[7].origin) == ("edit", None), "what a person says makes no rebase"


def test_it_is_copied_before_it_is_changed_and_stands_as_it_did(old: Path) -> None:
    with closing(sqlite3.connect(old / "library.db")) as connection:
        head, corrected = connection.execute("SELECT head, corrected FROM project").fetchone()
        plans = connection.execute("SELECT count(*) FROM revision_shot").fetchone()
    with Library.open(old) as library:
        now, correction = library.head(), library.correction()
        assert now
        assert correction
        assert (now.number, correction.number) == (head, corrected) == (22, 6)
        assert shot_protection.protected_shots(library) == {f"s00{n}" for n in range(1, 8)}
        assert shot_protection.protected_shots(library, ("hand", "chat")) == {"s001", "s002", "s006", "s007"}
        assert [one.number for one in retakes.active_retakes(library)["s008"]] == [18]
    with closing(sqlite3.connect(old / f"library.db.before-{migrations.newest_revision()}")) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == ("0006",)
        assert copy.execute("SELECT count(*) FROM revision_shot").fetchone() == plans


def test_steps_back_go_where_they_went(old: Path) -> None:
    def head(library: Library) -> Revision:
        found = library.head()
        assert found
        return found

    with Library.open(old) as library:
        went = []
        for _ in range(3):
            undo.undo(library)
            went.append(head(library).number)
        assert went == [18, 16, 13], "a plan and what is carried over to it are one step"
        undo.redo(library)
        assert head(library).kind == "rebase"


def test_its_script_has_nothing_left_to_do(old: Path) -> None:
    (old.parent / "film.toml").write_text(SCRIPT)
    with Library.open(old) as library:
        library.move_head(16)  # what the script has made, with what people changed
        before = library.revisions(), library.corrections()
    apply_script_edits(old, scripts.load_script(old.parent / "film.toml"), lambda progress: None)
    with Library.open(old) as library:
        assert (library.revisions(), library.corrections()) == before


def test_it_is_looked_at_and_exported_as_it_is(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (old / "library.db").read_bytes()
    assert main.main(["show", "shots", str(old)]) == 0
    assert len(capsys.readouterr().out.splitlines()) >= 8
    assert main.main(["export", str(old), "json", "-o", str(old.parent)]) == 0
    exported = json.loads((old.parent / "storyboard.json").read_text())
    assert [shot["id"] for shot in exported["shots"]] == [f"s00{n}" for n in range(1, 9)]
    assert ((old / "library.db").read_bytes(), list(old.glob("library.db.before*"))) == (before, [])


def test_it_is_filmed_on_and_exported(old: Path) -> None:
    with Library.open(old) as library:
        planned, settings = library.shots(), library.settings()
    assert settings
    report = run.animate(old, settings, run.RunOptions())
    assert report.film
    assert report.film.is_file()
    assert not report.failed
    with Library.open(old) as library:
        assert library.shots() == planned
        assert len(library.cut().takes) == 8  # type: ignore[union-attr]
    assert main.main(["undo", str(old), "--no-film"]) == 0
    assert main.main(["export", str(old), "json", "-o", str(old.parent)]) == 0
    assert len(json.loads((old.parent / "storyboard.json").read_text())["shots"]) == 8
