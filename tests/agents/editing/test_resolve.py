"""Test that edits are stored with the plans of takes and the artifacts of pictures that they name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agents import shot_references
from agents.editing import grammar, revise
from agents.editing.shot_status import read_only_context
from agents.resolved_shot import ResolvedShot
from agents.shots import shots_to_film
from agents.stages import animate
from storage.domain import Appearance, Box, Character
from storage.errors import KomadoriError, SettingsError
from storage.library import Library
from storage.settings import Backends
from tests.replaying import replayed


@pytest.fixture
def library(filmed: Path) -> Iterator[Library]:
    with Library.open(filmed / "chapter.komadori") as library:
        yield library


def say(library: Library, *lines: str) -> None:
    """Apply edits to the library."""
    revise.revise(library, [grammar.parse_line(line) for line in lines])


def references_and_key(library: Library, name: str) -> tuple[list[shot_references.Reference], str]:
    """Return the references of a shot and the key of its motion, with an animator that draws at random."""
    context = read_only_context(library)
    context.settings = context.settings.model_copy(update={"backends": Backends(animate="tests.outside.Drifting")})
    resolved = ResolvedShot(next(shot for shot in shots_to_film(context, {}) if shot.id == name))
    animate.resolve_motions(context, [resolved])
    return shot_references.choose_references(context, resolved.shot), (resolved.jobs("motions") or ())[0].key


def test_a_person_may_say_what_a_model_keeps_alike_and_it_is_in_the_key(library: Library, filmed: Path) -> None:
    picture = filmed / "her hand.png"
    picture.write_bytes((filmed / "chapter" / "002.png").read_bytes())
    around, before = references_and_key(library, "s003")
    other = references_and_key(library, "s004")
    assert len(around) == shot_references.MAX_REFERENCES
    done = revise.revise(library, grammar.parse_lines(f'shot 3 refs s005, "{picture}"'))
    assert done.stale == (), "nothing draws in this film: it stays as it was"
    (page, box), (kept, whole) = references_and_key(library, "s003")[0]
    transcript, pages = library.transcript(), library.pages()
    assert transcript
    assert (page, box) == (pages[1].artifact, transcript.pages[1].panels[0].box)
    assert (kept, whole) == (pages[1].artifact, None), "the same picture is kept once"
    assert references_and_key(library, "s003")[1] != before
    assert references_and_key(library, "s004") == other
    picture.unlink()
    say(library, "shot 3 slower")
    assert replayed(library) == library.shots(), "the log needs no file"
    say(library, "shot 3 refs none", "shot 3 faster")
    assert references_and_key(library, "s003")[0] == []
    say(library, "shot 3 refs default")
    assert references_and_key(library, "s003")[0] == around


def test_somebody_of_the_cast_is_their_portrait(library: Library) -> None:
    say(library, "page 1 speaker 1 mika")
    with pytest.raises(SettingsError, match="there is no picture of mika"):
        say(library, "shot 3 refs mika")
    transcript, page = library.transcript(), library.pages()[0]
    assert transcript
    cast = tuple(character.model_copy(update={"reference": page.artifact}) for character in transcript.cast)
    library.set_transcript(transcript.model_copy(update={"cast": cast}))
    say(library, "shot 3 refs Mika")
    assert references_and_key(library, "s003")[0] == [(page.artifact, None)]


def test_what_cannot_be_looked_at_is_refused(library: Library, filmed: Path) -> None:
    (filmed / "no.png").write_text("this is no picture")
    for said, what in {
        "somebody": "somebody is no character, no shot and no picture", "s099": "no shot 99",
        f'"{filmed / "gone.png"}"': "cannot be read", f'"{filmed / "no.png"}"': "no.png",
    }.items():  # fmt: skip
        with pytest.raises(KomadoriError, match=what) as excinfo:
            say(library, f"shot 3 refs {said}")
        assert excinfo.value.hint


def test_the_choice_of_a_take_is_in_the_log_with_the_plan_that_filmed_it(library: Library) -> None:
    say(library, "shot 3 seconds 6")
    say(library, "shot 3 take 1", "shot 3 slower")
    assert replayed(library) == library.shots()
    with pytest.raises(SettingsError, match="shot 3 has no take 7 for this screen"):
        say(library, "shot 3 take 7")


def test_the_place_of_a_portrait_is_where_its_character_is_seen_in_the_shot(library: Library) -> None:
    shot = next(shot for shot in shots_to_film(read_only_context(library), {}) if shot.id == "s003")
    portrait, panel = "a" * 64, shot.panels[0]
    x0, y0, *_ = panel.box
    seen = [
        Appearance(id=f"c{number}", box=Box(x0 + number, y0, x0 + number + 9, y0 + 9), character=who, panel=where)
        for number, (who, where) in enumerate([("mika", panel.id), ("mika", "elsewhere"), ("ren", panel.id)])
    ]
    assert shot.transcript
    page = shot.page_transcript.model_copy(update={"characters": tuple(seen)})
    pages = tuple(page if other.index == page.index else other for other in shot.transcript.pages)
    cast = (Character(id="mika", name="Mika", reference=portrait),)
    shot = replace(shot, transcript=shot.transcript.model_copy(update={"pages": pages, "cast": cast}))
    places = shot_references.reference_places(shot, [(portrait, None), (shot.page.artifact, panel.box)])
    assert places == [[seen[0].box], []]
