"""Test that a script reads and plans once, films every aspect ratio, and makes nothing twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from agents.editing import Reading, SetAspect, SetGround
from agents.editing.apply import apply_edit, apply_edits
from agents.editing.selectors import ShotSelector
from agents.editing.storyboard import EditableStoryboard
from agents.planning.rule_based import RuleBasedPlanner
from agents.review import retakes
from agents.run_context import Progress
from agents.scripting import aspect_variants, production, scripts
from storage.domain import Transcript, VideoFormat
from storage.errors import KomadoriError
from storage.library import Library
from tests.conftest import transcript_of
from tests.program import HOUSE
from tools.video import clips

pytestmark = pytest.mark.film


SMALL = 'pages = "1"\nfps = 12\nheight = 180\n[settings]\npreset = "ultrafast"\ncrf = 30\n'
TWO_PAGES = SMALL.replace('"1"', '"1-2"').replace("180", "120")


def script(room: Path, edits: str = "", aspects: str = '["16:9"]', more: str = "") -> scripts.LoadedScript:
    (room / "film.toml").write_text(
        f'source = "chapter"\nproject = "p.komadori"\ntranscript = "t.json"\noutput = "out/{{aspect}}.mp4"\n'
        f"aspects = {aspects}\nedits = [{edits}]\n{more}{SMALL}"
    )
    return scripts.load_script(room / "film.toml")


@pytest.fixture
def room(tmp_path: Path, chapter: Path) -> Path:
    (tmp_path / "t.json").write_text(transcript_of(1).model_dump_json())
    return tmp_path


def artifacts_by_tool(project: Path) -> Counter[str]:
    """Return the number of artifacts made, by tool."""
    with Library.open(project, readonly=True) as library:
        return Counter(str(event.facts["tool"]) for event in library.events(kinds={"made"}))


def revision_log(project: Path) -> list[tuple[str, str]]:
    """Return author and message of each revision."""
    with Library.open(project, readonly=True) as library:
        return [(revision.author, revision.message) for revision in library.revisions()]


def shot(room: Path, name: str) -> float:
    with Library.open(room / "p.komadori", readonly=True) as library:
        return library.shot(name).seconds


def test_the_example_makes_three_films_of_one_reading_and_one_plan(tmp_path: Path) -> None:
    example = HOUSE / "examples" / "three_films.toml"
    (tmp_path / "film.toml").write_text(f'include = ["{example}"]\nedits = ["shot 2 lock"]\n{TWO_PAGES}')
    loaded = scripts.load_script(tmp_path / "film.toml", {"out": str(tmp_path)})
    said: list[Progress] = []
    produced = production.produce(loaded, said.append)
    assert list(produced.films) == ["16:9", "9:16", "1:1"]
    project = tmp_path / "komadori.komadori"
    assert revision_log(project) == [
        ("director", "planned by rules"), ("script", "as the script says"),
        ("script", "framed for 9:16"), ("script", "framed for 1:1"),
    ]  # fmt: skip
    notes = [one.stage for one in said if one.kind == "note"]
    assert (notes.count("read"), notes.count("storyboard")) == (1, 1), "and they are told once"
    once, shots = artifacts_by_tool(project), produced.films["16:9"].shots
    assert (once["read"], once["composite"], shots) == (2, 3 * shots, 10)
    sizes = [clips.probe_clip(tmp_path / f"komadori-{name}.mp4") for name in ("16x9", "9x16", "1x1")]
    assert [(size.width, size.height) for size in sizes] == [(214, 120), (120, 214), (120, 120)]
    with Library.open(project, readonly=True) as library:
        transcript, head = library.transcript(), library.head()
        assert transcript
        assert head
        assert head.message == "as the script says"
        for revision in library.revisions()[1:]:
            board = EditableStoryboard(library.shots(revision.number), transcript, revision.screen or VideoFormat())
            assert sum(len(one.balloons) for one in board.shots) >= 10
            assert not [fault for one in board.shots for fault in board.unread(one)]
    again = production.produce(loaded)
    assert artifacts_by_tool(project) == once
    assert len(revision_log(project)) == 4
    assert again.films["9:16"].film == tmp_path / "komadori-9x16.mp4"


def test_every_line_of_the_sample_chapter_is_in_view_for_its_time_in_each_of_them() -> None:
    script = scripts.load_script(HOUSE / "examples" / "three_films.toml")
    transcript = Transcript.model_validate_json((HOUSE / "examples" / "komadori.truth.json").read_text())
    planned = EditableStoryboard(RuleBasedPlanner().plan(transcript, VideoFormat(), {}), transcript, VideoFormat())
    board = apply_edits(planned, [edit for edit in script.edits() if not isinstance(edit, Reading)])
    lines = {text.id for page in transcript.pages for text in page.balloons if text.kind != "sound"}
    for aspect in script.script.aspects:
        turned = apply_edit(board, SetAspect(aspect=aspect))
        assert lines <= {line for shot in turned.shots for line in shot.balloons}
        assert not [fault for shot in turned.shots for fault in turned.unread(shot)]


def test_the_sample_chapter_s_own_film_shows_every_technique_that_suits_it_and_all_is_read() -> None:
    script = scripts.load_script(HOUSE / "examples" / "film.toml")
    transcript = Transcript.model_validate_json((HOUSE / "examples" / "komadori.truth.json").read_text())
    planned = EditableStoryboard(RuleBasedPlanner().plan(transcript, VideoFormat(), {}), transcript, VideoFormat())
    board = apply_edits(planned, [edit for edit in script.edits() if not isinstance(edit, Reading)])
    effects = {effect.kind for shot in board.shots for effect in shot.render_options.effects}
    assert {"boil", "breathe", "flicker", "impact", "petals", "smoke", "speed-lines", "sway"} <= effects
    assert {"timed", "pop"} <= {shot.render_options.lettering for shot in board.shots}
    assert {"cut", "dissolve"} == {shot.transition for shot in board.shots}
    assert any(shot.reveals for shot in board.shots), "a page that builds up"
    assert not [fault for shot in board.shots for fault in board.unread(shot)]


def test_what_the_critic_changed_stays_in_its_own_framing_and_when_the_script_says_more(room: Path) -> None:
    both = script(room, '"shot 2 seconds 4.5"', '["16:9", "9:16"]')
    production.produce(both)

    def judge(shot: str) -> None:
        with Library.open(room / "p.komadori") as library:
            assert retakes.apply_critic_edits(library, [SetGround(which=ShotSelector.of(shot), fill="paper")], "bare")

    judge("s003")
    with aspect_variants.frame_for_aspect(room / "p.komadori", "9:16"):
        judge("s004")
    assert fill(room, "s003") == "paper"
    assert fill(room, "s004") == "page"
    with aspect_variants.frame_for_aspect(room / "p.komadori", "9:16"):
        assert fill(room, "s004") == "paper", "what it changed of the tall film is found again"
    production.produce(script(room, '"shot 2 seconds 5", "shot 1 lock"'))
    assert (shot(room, "s002"), fill(room, "s003")) == (5, "paper")


def fill(room: Path, name: str) -> str:
    with Library.open(room / "p.komadori", readonly=True) as library:
        return library.shot(name).render_options.outpaint.fill


def test_the_reading_is_corrected_once(room: Path) -> None:
    loaded = script(room, '"page 1 swap panels 2 3", "shot 4 seconds 5"')
    for _ in range(2):
        production.produce(loaded)
        with Library.open(room / "p.komadori", readonly=True) as library:
            transcript = library.transcript()
            assert transcript
            assert [panel.box.x0 for panel in transcript.pages[0].panels] == [20, 20, 210, 20]
        assert shot(room, "s004") == 5


def test_the_style_of_a_script_is_that_of_the_film_and_replans_it(room: Path) -> None:
    (room / "quiet.toml").write_text("pace = 1.5\nmotion = 0\n")
    production.produce(script(room))
    usual = shot(room, "s002")
    production.produce(script(room, more='style = "quiet.toml"\n'))
    with Library.open(room / "p.komadori", readonly=True) as library:
        settings = library.settings()
        assert settings
        assert settings.style.summary() == "pace 1.5; motion 0"
        assert all(len({key.box for key in plan.camera}) == 1 for plan in library.shots())
    assert shot(room, "s002") > usual
    with pytest.raises(KomadoriError, match="brisk"):
        production.produce(script(room, more='style = "brisk.toml"\n'))
