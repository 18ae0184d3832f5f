"""Test that edits change only what they say, and that no sequence of them breaks the rules of a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from agents.corrections.errors import GrammarError
from agents.editing import Place, Plan, Reading, SetFrame, grammar, selectors
from agents.editing.apply import apply_edits
from agents.editing.forms import FORMS
from agents.editing.framing import place_in
from agents.editing.refusals import EditError
from agents.editing.selectors import ShotSelector
from agents.editing.storyboard import EditableStoryboard, refuse_broken
from agents.planning.rule_based import RuleBasedPlanner
from storage.domain import Box, ShotPlan, VideoFormat
from storage.errors import BackendError, SettingsError
from tests.agents.test_corrections import book

SCREEN = VideoFormat()


def board(screen: VideoFormat = SCREEN) -> EditableStoryboard:
    """Return a storyboard of eight shots on two pages; the first page has three balloons and two people."""
    transcript = book()
    return EditableStoryboard(RuleBasedPlanner().plan(transcript, screen, {}), transcript, screen)


def edited(*lines: str, on: EditableStoryboard | None = None) -> EditableStoryboard:
    """Return the storyboard after the edits."""
    return apply_edits(on or board(), [plan(line) for line in lines])


def plan(line: str) -> Plan:
    edit = grammar.parse_line(line)
    assert not isinstance(edit, Reading)
    return edit


def shot(of: EditableStoryboard, number: str) -> ShotPlan:
    return next(one for one in of.shots if one.id == selectors.full_name(number))


def select_shots(there: EditableStoryboard, words: str) -> list[ShotPlan]:
    return there.select(ShotSelector.parse(words))


def changed_ids(before: EditableStoryboard, after: EditableStoryboard) -> set[str]:
    old = {one.id: one.model_copy(update={"ordinal": 0}) for one in before.shots}
    new = {one.id: one.model_copy(update={"ordinal": 0}) for one in after.shots}
    return {name for name in {**old, **new} if old.get(name) != new.get(name)}


def refusal_of(line: str, on: EditableStoryboard | None = None) -> EditError:
    """Return the error for an edit that must be refused."""
    with pytest.raises(EditError) as error:
        edited(line, on=on)
    assert error.value.hint
    return error.value


def test_every_form_is_understood_and_written_again_as_the_same_edit() -> None:
    for form in FORMS:
        edit = grammar.parse_line(form.example)
        assert edit.do == form.do
        assert grammar.parse_line(grammar.format_edit(edit)) == edit
        assert grammar.edit_from_data(edit.model_dump(mode="json")) == edit


def test_shots_are_named_in_many_ways() -> None:
    for said, spelt in {
        "shot s007": "shot 7", "shots 3, 5-6 and 9": "shots 3, 5-6, 9", "shots 3 to 6": "shots 3-6",
        "every close-up of mika": "all close-ups of mika", "the whole film": "all shots",
        "all shots on page 2": "all shots of page 2", "pages 2-3": "all shots of pages 2-3", "shot 7b": "shot 7b",
    }.items():  # fmt: skip
        selector = ShotSelector.parse(said)
        assert str(selector) == spelt
        assert ShotSelector.parse(spelt) == selector
    for nonsense in ("", "shots", "shot seven", "page", "her"):
        with pytest.raises(ValueError, match="names no shots"):
            ShotSelector.parse(nonsense)


def test_selectors_find_the_shots_they_name() -> None:
    there = board()
    assert [one.id for one in select_shots(there, "shots 2-4")] == ["s002", "s003", "s004"]
    assert {one.page for one in select_shots(there, "page 2")} == {1}
    assert [one.id for one in select_shots(there, "all shots of mika")] == [
        one.id for one in there.shots if "mika" in one.characters
    ]
    assert all(not one.balloons for one in select_shots(there, "all silent"))
    error = (
        refusal_of("all shots of bob slower"),
        refusal_of("shot 99 slower"),
        refusal_of("all wides of page 9 slower"),
    )
    assert [(one.kind, one.shot) for one in error] == [
        ("unknown_character", ""), ("unknown_shot", "s099"), ("no_such_shots", ""),
    ]  # fmt: skip


def test_people_are_named_as_they_are_called() -> None:
    there = board()
    cast = tuple(
        character.model_copy(update={"name": "Mika Sato" if character.id == "mika" else "美香 さくら"})
        for character in there.transcript.cast
    )
    pages = tuple(page.model_copy() for page in there.transcript.pages)
    there = replace(there, transcript=there.transcript.model_copy(update={"cast": cast, "pages": pages}))
    mika, kid = ([one.id for one in there.shots if name in one.characters] for name in ("mika", "kid"))
    assert mika
    assert kid
    for said in ("mika", "Mika Sato", "MIKA SATO", '"mika sato"', "“Mika Sato”", "Ｍｉｋａ"):
        assert [one.id for one in select_shots(there, f"all shots of {said}")] == mika, said
        assert str(grammar.parse_line(f"every shot of {said} much slower").which).startswith("all shots of"), said  # type: ignore[union-attr]
    for said in ("美香 さくら", "「美香 さくら」", "美香\u3000さくら", "KID"):
        assert changed_ids(there, edited(f"all shots of {said} pace 1.5", on=there)) == set(kid), said
    assert ShotSelector.parse("every close-up of Mika Sato on page 2") == ShotSelector(
        pages=(2, 2), characters=("Mika Sato",), kind="close-up"
    )
    assert ShotSelector.parse('all shots of "Silent Bob"').kind == ""
    assert ShotSelector.parse("all of O'Brien with Mika").characters == ("O'Brien", "Mika")
    assert str(ShotSelector.parse("all shots of O'Brien with Mika Sato")) == 'all shots of "O\'Brien" of "Mika Sato"'
    assert not grammar.is_understood("all shots of the old man slower"), "that is for somebody who understands"
    assert grammar.parse_line("all shots of mika pan left") == grammar.parse_line('all shots of "mika" pan left')
    gone = edited(f"shots {selectors.short_name(mika[0])} and {selectors.short_name(kid[0])} drop", on=there)
    back = edited("all shots of Mika Sato restore", on=gone)
    assert [one.id for one in back.shots if one.id in (mika[0], kid[0])] == [mika[0]]


def test_slower_and_faster_change_the_time_alone_and_no_faster_than_it_can_be_read() -> None:
    there = board()
    slow = edited("shot 3 slower")
    assert changed_ids(there, slow) == {"s003"}
    assert shot(slow, "3").seconds == pytest.approx(1.3 * shot(there, "3").seconds, abs=0.05)
    assert shot(slow, "3").camera == shot(there, "3").camera
    fast = edited("shot 1 pace 0.2")
    assert fast.notes
    assert 0.2 * shot(there, "1").seconds < shot(fast, "1").seconds <= shot(there, "1").seconds
    assert not fast.faults(shot(fast, "1"))


def test_a_length_in_which_nothing_can_be_read_is_refused_with_the_least() -> None:
    error = refusal_of("shot 1 seconds 1")
    least = error.least_seconds
    assert least
    assert error.shot == "s001"
    assert error.violations[0].kind == "unread", "what cannot be read is said before what is merely short"
    assert error.violations[0].subject in shot(board(), "1").balloons
    assert error.violations[0].measured < error.violations[0].needed
    assert shot(edited(f"shot 1 seconds {least + 0.1:.1f}"), "1").seconds < shot(board(), "1").seconds + 0.2
    assert shot(edited("shot 1 drop balloon 1", "shot 1 seconds 1.5"), "1").seconds == 1.5


def test_the_camera_moves_to_the_named_place_and_keeps_the_balloons() -> None:
    there = board()
    for place in get_args(Place):
        after = edited(f"shot 3 on {place}")
        view = shot(after, "3").camera[0].box
        part = place_in(there.panels(shot(there, "3"))[0], place)
        assert view.aspect == pytest.approx(16 / 9)
        assert view.x0 <= part.center[0] <= view.x1
        assert not after.faults(shot(after, "3"))
    kept = edited("shot 1 on lower left")
    assert kept.notes
    assert not kept.unread(shot(kept, "1"))
    free = edited("shot 1 drop balloon 1", "shot 1 on lower left")
    assert shot(free, "1").camera[0].box.area < shot(kept, "1").camera[0].box.area
    assert "1 balloon is no longer read" in free.notes


def test_boxes_are_pixels_or_shares_of_the_page() -> None:
    pixels, shares = edited("shot 3 on box 40,240,150,400"), edited("shot 3 on box 10%,40%,37.5%,66.6667%")
    assert shot(pixels, "3").camera[0].box == pytest.approx(shot(shares, "3").camera[0].box, abs=0.01)
    with pytest.raises(GrammarError):
        edited("shot 3 on box 150,240,40,400")


def test_somebody_who_was_seen_can_be_looked_at() -> None:
    there = board()
    name = selectors.short_name(select_shots(there, "all shots of kid")[0].id)
    view = shot(edited(f"shot {name} on kid"), name).camera[0].box
    assert view.x0 <= 280 <= view.x1
    assert view.y0 <= 355 <= view.y1
    assert refusal_of(f"shot {name} on mika").kind == "not_seen"


def test_moves_start_and_end_where_they_say() -> None:
    inward, outward = (shot(edited(f"shot 3 {kind}"), "3").camera for kind in ("push in", "pull out"))
    assert inward[0].box.area > inward[-1].box.area
    assert outward[0].box.area < outward[-1].box.area
    right, left = (shot(edited(f"shot 4 {kind}"), "4").camera for kind in ("pan right", "pan left"))
    assert right[0].box.x0 < right[-1].box.x0
    assert left[0].box.x0 > left[-1].box.x0
    assert len({key.box for key in shot(edited("shot 3 push in", "shot 3 hold"), "3").camera}) == 1


def test_structure_changes_without_losing_anything() -> None:
    there = board()
    split = edited("shot 1 split")
    assert [one.id for one in split.shots[:2]] == ["s001", "s001b"]
    assert shot(split, "1").balloons + shot(split, "1b").balloons == shot(there, "1").balloons
    merged = edited("shots 2-3 merge")
    assert shot(merged, "2").panels == shot(there, "2").panels + shot(there, "3").panels
    assert [one.ordinal for one in merged.shots] == list(range(len(merged.shots)))
    assert [one.id for one in edited("shots 2 and 3 swap").shots[:3]] == ["s001", "s003", "s002"]
    assert [one.id for one in edited("shot 1 after 3").shots[:3]] == ["s002", "s003", "s001"]
    assert edited("shot 1 after 3", "shot 1 before 2").shots == there.shots
    gone = edited("shots 2-3 drop")
    assert "2 panels are no longer shown" in gone.notes
    assert edited("shots 2-3 restore", on=gone).shots == there.shots


def test_what_cannot_be_is_refused_with_its_cure() -> None:
    for line, what in {
        "film drop": ("nothing_left", ""), "shots 1 and 8 swap": ("other_page", ""), "film swap": ("not_two_shots", ""),
        "shots 1 and 3 merge": ("not_adjacent", ""), "shot 2 merge": ("one_shot", ""),
        "shot 3 restore": ("in_film", "s003"), "shot 99 restore": ("never_planned", "s099"),
        "page 1 restore": ("not_left_out", ""), "shot 2 split at 0.1": ("no_cut", "s002"),
        "shot 3 after 3": ("beside_itself", "s003"), "shots 2-3 split": ("several_shots", ""),
        "shot 3 drop balloon 9": ("unknown_balloon", "s003"), "shot 3 on panel 9": ("unknown_panel", "s003"),
        "shot 3 take 4": ("unknown_take", "s003"), "shot 3 refs nobody.known": ("unknown_reference", ""),
    }.items():  # fmt: skip
        error = refusal_of(line)
        assert (error.kind, error.shot) == what, line
        assert error.violations == (), line
    with pytest.raises(BackendError):
        edited("shot 2 animate nonsense")
    with pytest.raises(SettingsError):
        edited("film aspect 9:1")


def test_an_edit_that_would_break_the_film_is_refused_with_what_it_would_break() -> None:
    """The gravest violation comes first, with kind, shot and measure; the message is made from them."""
    there = board()
    first = shot(there, "1")
    hurried = there.with_shots([first.model_copy(update={"seconds": 1.2})])
    with pytest.raises(EditError) as error:
        refuse_broken(there, hurried)
    assert (error.value.kind, error.value.shot) == ("broken_promise", "s001")
    unread = error.value.violations[0]
    assert (unread.kind, unread.shot) == ("unread", "s001")
    assert unread.subject in first.balloons
    number = there.number_of(first, unread.subject)
    assert number
    assert f"drop balloon {number}" in error.value.hint, "the hint is a line that can be typed"
    refuse_broken(hurried, there)
    refuse_broken(hurried, hurried.with_shots([first.model_copy(update={"seconds": 1.25})]))


def test_a_camera_without_room_is_refused_with_what_would_be_wrong() -> None:
    wide = edited("shot 3 zoom 0.3")
    for line, kinds in {"shot 1 tilt up": ["unread"], "shot 3 zoom 0.3": ["off_panel"], "shot 2 pan left": []}.items():
        error = refusal_of(line, wide)
        assert (error.kind, error.shot) == ("no_room", f"s00{line[5]}")
        assert [violation.kind for violation in error.violations] == kinds


def test_nobody_touches_a_locked_shot() -> None:
    locked = edited("shot 3 lock")
    for line in ("shot 3 slower", "shot 3 drop", "shot 3 hold", "shots 2 and 3 swap"):
        error = refusal_of(line, locked)
        assert (error.kind, error.shot) == ("locked", "s003")
    after = edited("film slower", on=locked)
    assert len(after.notes) == 1
    assert shot(after, "3") == shot(locked, "3")
    assert shot(edited("shot 3 unlock", "shot 3 slower", on=locked), "3").seconds > shot(locked, "3").seconds


def test_another_aspect_keeps_every_shot_and_every_line_readable() -> None:
    there = board()
    for aspect, ratio in {"9:16": 9 / 16, "1:1": 1.0, "4:5": 0.8}.items():
        turned = edited(f"film aspect {aspect}")
        assert [one.id for one in turned.shots] == [one.id for one in there.shots]
        assert [one.balloons for one in turned.shots] == [one.balloons for one in there.shots]
        for one in turned.shots:
            assert one.camera[0].box.aspect == pytest.approx(ratio, rel=0.005)
            assert not turned.unread(one)
            assert one.seconds >= shot(there, one.id).seconds - 0.05


def test_a_dissolve_gets_its_time_and_the_treatment_moves_no_camera() -> None:
    there = board()
    assert shot(edited("shot 3 dissolve"), "3").seconds > shot(there, "3").seconds
    for line in (
        "clean lettering", "ground blur", "animate still", 'prompt "wind"', "seed 12", "lock", "generated 0.3",
        "lines on",
    ):  # fmt: skip
        after = edited(f"shot 3 {line}")
        assert changed_ids(there, after) == {"s003"}
        assert shot(after, "3").camera == shot(there, "3").camera
    assert shot(edited("shot 3 seed next"), "3").seed == shot(there, "3").seed + 1


def test_a_bound_on_what_is_drawn_and_the_ink_over_it_are_said_and_taken_back() -> None:
    for said, share in {"0.3": 0.3, "30%": 0.3, "1": 1.0, "default": None}.items():
        assert (
            shot(edited("shot 3 generated 0.5", f"shot 3 generated {said}"), "3").render_options.max_generated == share
        )
    assert shot(edited("shot 3 lines on"), "3").render_options.keep_line_art
    assert edited("shot 3 lines on", "shot 3 lines off", "shot 3 generated 30 %", "shot 3 generated default") == board()
    for line in ("shot 3 generated 1.5", "shot 3 generated half"):
        with pytest.raises(GrammarError):
            grammar.parse_line(line)


def test_a_line_may_be_completed_and_a_text_holds_several() -> None:
    assert "shot 7 push in" in grammar.complete_line("shot 7 pu")
    assert grammar.complete_line("sho") == ["shot ", "shots "]
    assert grammar.complete_line("all shots of mi", ["Mika Sato", "mio"]) == ["all shots of mio "]
    assert grammar.complete_line('shot 7 on "mi', ["Mika Sato", "mio"]) == ['shot 7 on "Mika Sato" ']
    assert "shot 7 on upper left" in grammar.complete_line("shot 7 on ", ["Mika Sato"]) + grammar.complete_line(
        "shot 7 on u", ["Mio"]
    )
    assert len(grammar.parse_lines('shot 1 slower; shot 2 prompt "a; b" # why\nshot 3 lock')) == 3
    assert not grammar.is_understood("make it nicer")
    assert "slower" in grammar.catalogue()


def test_a_frame_is_data_before_it_is_words() -> None:
    edit = SetFrame(which=ShotSelector.of("s003"), box=Box(1, 2, 3, 4))
    assert grammar.format_edit(edit) == "shot 3 on box 1,2,3,4"


@pytest.mark.parametrize("line", ["film mood wistful", 'film notes "stay on hands"', "film genre drama"])
def test_what_a_style_sheet_says_is_refused_with_the_way_to_say_it(line: str) -> None:
    with pytest.raises(GrammarError) as caught:
        grammar.parse_line(line)
    assert f"{line.split()[1]} = " in caught.value.hint
    assert "--style sheet.toml" in caught.value.hint


def test_the_usual_style_is_come_back_to_by_undo() -> None:
    with pytest.raises(GrammarError) as caught:
        grammar.parse_line("film style normal")
    assert caught.value.examples == ("undo",)
