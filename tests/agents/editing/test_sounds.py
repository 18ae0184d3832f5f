"""Test edits of what shots sound like: their values, their bounds, and that they outlive every other edit."""

from __future__ import annotations

import random
from typing import get_args

import pytest

from agents.conversation import shot_table
from agents.corrections.errors import GrammarError
from agents.editing import grammar, history
from agents.editing.derived_edits import edits_between
from agents.editing.refusals import EditError
from agents.editing.sound_edits import AddSound, ChangeLevel, SetLevel
from agents.editing.sounds import MOST_CUES, describe_sound
from agents.editing.storyboard import EditableStoryboard
from storage.domain import ShotPlan, ShotSound
from storage.sound import AmbienceKind, Bus, Mood, MusicCue, SoundCue, SoundKind
from tests.agents.test_editing import board, changed_ids, edited, shot


def sound_of(*lines: str, number: str = "3") -> ShotSound:
    return shot(edited(*lines), number).sound


def moments_of(plan: ShotPlan) -> list[float]:
    """Return the seconds of a shot at which its sounds come that have a moment of their own."""
    return [cue.at * plan.seconds for cue in plan.sound.cues if cue.at is not None]


def test_a_level_is_set_or_changed_for_one_bus_or_for_all() -> None:
    assert sound_of("shot 3 music -6", "shot 3 music -4.5") == ShotSound(music_gain=-4.5)
    assert sound_of("shot 3 voice louder", "shot 3 voice louder by 1.5") == ShotSound(voice_gain=5.5)
    assert sound_of("shot 3 quieter", "shot 3 effects much louder") == ShotSound(
        voice_gain=-4, effects_gain=4, ambience_gain=-4, music_gain=-4
    )
    assert edited("shot 3 volume +3", "shot 3 music -6", "shot 3 volume 0") == board()
    assert sound_of(*["shot 3 music louder by 60"] * 2).music_gain == 24.0
    for line in ("shot 3 music -61", "shot 3 volume +25", "shot 3 louder by 61"):
        with pytest.raises(GrammarError):
            grammar.parse_line(line)


def test_a_muted_bus_is_heard_again() -> None:
    assert sound_of("shot 3 mute music", "shot 3 mute voice").muted == ("voice", "music")
    assert sound_of("shot 3 mute").muted == get_args(Bus)
    assert sound_of("shot 3 mute", "shot 3 unmute music").muted == ("voice", "effects", "ambience")
    assert edited("page 1 mute", "film unmute") == board()


def test_a_sound_comes_at_a_second_with_a_balloon_or_at_the_beginning() -> None:
    there = edited("shots 1-2 merge")
    second = there.balloon(shot(there, "1"), 2).id
    assert sound_of("shot 1 sound thunder", number="1").cues == (SoundCue(kind="thunder"),)
    assert shot(edited("shot 1 sound thunder with text 2 -6 dB for 2s", on=there), "1").sound.cues == (
        SoundCue(kind="thunder", balloon=second, gain=-6, seconds=2),
    )
    (cue,) = sound_of("shot 3 sound thunder at 1.5").cues
    assert cue.at == pytest.approx(1.5 / shot(there, "3").seconds)
    (again,) = sound_of("shot 3 sound thunder at 1.5", "shot 3 sound thunder at 1.5 +3 dB").cues
    assert again == cue.model_copy(update={"gain": 3.0})
    assert len(sound_of("shot 3 sound thunder at 1", "shot 3 sound thunder").cues) == 2


def test_sounds_are_removed_by_their_kind_or_all_at_once() -> None:
    lines = ["shot 3 sound thunder", "shot 3 sound door at 1", "shot 3 sound thunder at 0.5"]
    assert [cue.kind for cue in sound_of(*lines, "shot 3 sound thunder none").cues] == ["door"]
    assert edited(*lines, "shot 3 sound none") == board()
    assert edited("shot 3 sound none") == board()


def test_a_place_and_music_are_chosen_and_go_on_as_before() -> None:
    assert sound_of("shot 3 place rain").ambience == "rain"
    assert sound_of("shot 3 music tense").music == MusicCue(mood="tense")
    assert sound_of("shot 3 music none").music == MusicCue()
    assert edited("shot 3 place rain", "shot 3 music none", "shot 3 place none", "shot 3 music auto") == board()
    after = edited("page 1 place sea")
    assert {one.sound.ambience for one in after.shots if one.page == 0} == {"sea"}
    assert len(after.notes) == 1, "the sea goes on behind the next page"
    assert edited("film place sea").notes == ()


@pytest.mark.parametrize("name", [*get_args(SoundKind)])
def test_every_sound_can_be_said(name: str) -> None:
    edit = grammar.parse_line(f"shot 3 sound {name}")
    assert isinstance(edit, AddSound)
    assert edit.kind == name


@pytest.mark.parametrize(
    "line",
    [
        *(f"shot 3 place {kind}" for kind in get_args(AmbienceKind)),
        *(f"shot 3 music {mood}" for mood in get_args(Mood)),
        *(f"shot 3 mute {bus}" for bus in get_args(Bus)), *(f"shot 3 unmute {bus}" for bus in get_args(Bus)),
        "shot 3 mute", "shot 3 unmute", "shot 3 sound none", "shot 3 sound thunder none", "shot 3 place none",
        "shot 3 music none", "shot 3 music auto", 'shot 3 music "my \\"best\\" theme.ogg"', "shot 3 volume -6",
        "shot 3 music 0", "shot 3 ambience +0.5", "shot 3 louder", "shot 3 voice much quieter", "shot 3 louder by 3",
        'shot 3 sound "a b.wav" at 1.5 for 2 s -6 dB', "shot 3 sound knock with balloon 2", 'shot 3 sound "d.wav" none',
    ],
)  # fmt: skip
def test_every_line_about_sound_is_written_as_it_is_read(line: str) -> None:
    assert grammar.format_edit(grammar.parse_line(line)) == line


def test_values_of_any_precision_are_read_again() -> None:
    luck = random.Random(7)
    for _ in range(40):
        gain = luck.choice([luck.uniform(-60, 24), round(luck.uniform(-60, 24), 1), 1e-7, -0.0])
        by = luck.choice([luck.uniform(-60, 60), 4.0, -8.0, 2.0, 1e-6])
        at, seconds = luck.choice([None, luck.uniform(0, 59)]), luck.choice([None, luck.uniform(0.001, 60)])
        which = grammar.parse_line("shot 3 mute").which  # type: ignore[union-attr]
        for edit in (
            SetLevel(which=which, bus=luck.choice([None, *get_args(Bus)]), gain=gain),
            ChangeLevel(which=which, bus=luck.choice([None, *get_args(Bus)]), by=by),
            AddSound(which=which, kind="door", at=at, seconds=seconds, gain=gain),
            AddSound(which=which, file="x y.wav", balloon=luck.choice([None, 3]), gain=gain),
        ):  # fmt: skip
            assert grammar.parse_line(grammar.format_edit(edit)) == edit
            assert grammar.edit_from_data(edit.model_dump(mode="json")) == edit


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["shot 3 sound thunder at 59"], "after_the_end"),
        (["shot 3 sound thunder with balloon 9"], "unknown_balloon"),
        ([f"shot 3 sound door at 0.{at:02d}" for at in range(MOST_CUES + 1)], "too_many_sounds"),
        (["shot 3 sound thunder none"], "already_so"),
        (["shot 3 lock", "shot 3 music -6"], "locked"),
        (["shot 99 louder"], "unknown_shot"),
    ],
)
def test_a_sound_that_cannot_be_is_refused(lines: list[str], kind: str) -> None:
    with pytest.raises(EditError) as refusal:
        edited(*lines)
    assert refusal.value.kind == kind


def test_locked_shots_of_a_film_keep_their_sound() -> None:
    locked = edited("shot 3 music -6", "shot 3 lock")
    after = edited("film music -12", on=locked)
    assert shot(after, "3") == shot(locked, "3")
    assert shot(after, "2").sound.music_gain == -12


def test_each_sound_of_a_split_shot_is_in_the_part_in_which_it_comes() -> None:
    there = edited(
        "shot 3 seconds 4", "shot 3 sound thunder", "shot 3 sound door at 1", "shot 3 sound bell at 3",
        "shot 3 music sad", "shot 3 mute voice", "shot 3 effects -3", "shot 3 place sea",
    )  # fmt: skip
    split = edited("shot 3 split at 2", on=there)
    early, late = shot(split, "3"), shot(split, "3b")
    assert [cue.kind for cue in early.sound.cues] == ["thunder", "door"]
    assert moments_of(early) == pytest.approx([early.seconds / 2], abs=1 / 24)
    assert [cue.kind for cue in late.sound.cues] == ["bell"]
    added = late.seconds - 2
    assert moments_of(late) == pytest.approx([1 + added], abs=1 / 24)
    for part in (early, late):
        bare = part.sound.model_copy(update={"cues": ()})
        assert bare == ShotSound(
            ambience="sea", music=MusicCue(mood="sad"), muted=("voice",), effects_gain=-3
        )  # it goes on with the same in both


def test_a_sound_stays_with_its_balloon_where_a_shot_is_split() -> None:
    there = edited("shots 1-2 merge", "shot 1 sound hit with balloon 1", "shot 1 sound bell with balloon 2")
    unread = edited("shot 1 drop balloon 2", on=there)
    for board_then in (there, unread):
        split = edited("shot 1 split", on=board_then)
        early, late = (shot(split, number).sound.cues for number in ("1", "1b"))
        assert ([cue.kind for cue in early], [cue.kind for cue in late]) == (["hit"], ["bell"])


def test_merged_shots_have_the_sounds_of_all_at_their_moments() -> None:
    there = edited(
        "shot 2 sound thunder", "shot 2 music tense", "shots 2-3 mute voice", "shot 2 mute music", "shot 2 place sea",
        "shot 3 sound door", "shot 3 sound bell at 1", "shot 3 place street", "shot 2 voice +2",
    )  # fmt: skip
    second = shot(there, "3")
    merged = edited("shots 2-3 merge", on=there)
    one = shot(merged, "2")
    assert [cue.kind for cue in one.sound.cues] == ["thunder", "door", "bell"]
    assert one.sound.cues[0] == SoundCue(kind="thunder")
    assert moments_of(one) == pytest.approx(
        [one.seconds - second.seconds, one.seconds - second.seconds + 1], abs=1 / 24
    )
    assert one.sound.ambience == "sea"
    assert one.sound.music == MusicCue(mood="tense")
    assert one.sound.muted == ("voice",)
    assert one.sound.voice_gain == 2
    assert len(merged.notes) > len(edited("shots 2-3 merge").notes), "the street that is not heard is named"


def test_a_sound_comes_as_much_later_as_a_dissolve_takes() -> None:
    there = edited("shot 3 cut", "shot 3 sound door at 0.5", "shot 3 sound thunder")
    later = edited("shot 3 dissolve", on=there)
    added = shot(later, "3").seconds - shot(there, "3").seconds
    assert added > 0.3
    assert moments_of(shot(later, "3")) == pytest.approx([0.5 + added], abs=1e-4)
    assert shot(later, "3").sound.cues[1] == SoundCue(kind="thunder")


def test_another_aspect_and_back_keeps_what_is_heard() -> None:
    there = edited("shot 3 sound door at 0.5", "shot 1 sound hit with balloon 1", "page 2 music calm", "film voice -2")
    turned = edited("film aspect 9:16", on=there)
    back = edited("film aspect 16:9", on=turned)
    for after in (turned, back):
        assert [one.sound for one in after.shots] == [one.sound for one in there.shots]


def test_a_dropped_shot_comes_back_with_its_sound() -> None:
    there = edited("shot 3 sound door at 0.5", "shot 3 place sea")
    assert edited("shot 3 drop", "shot 3 restore", on=there).shots == there.shots


def test_the_place_and_music_that_a_dropped_shot_began_are_named() -> None:
    there = edited("shot 3 place sea", "shot 3 music sad")
    gone = edited("shot 3 drop", on=there)
    for line in ("shot 4 place sea", "shot 4 music sad"):
        assert any(line in note for note in gone.notes)
    kept = edited("shot 4 place street", "shot 4 music none", "shot 3 drop", on=there)
    assert kept.notes == edited("shot 3 drop").notes
    assert edited("shot 4 drop", on=there).notes == edited("shot 4 drop").notes


def test_a_shot_filmed_as_in_an_earlier_take_keeps_its_sound() -> None:
    there = edited("shot 3 closer", "shot 3 music sad")
    take = grammar.parse_line("shot 3 take 1").model_copy(update={"plan": shot(board(), "3")})
    from agents.editing.apply import apply_edits

    after = apply_edits(there, [take])  # type: ignore[list-item]
    assert shot(after, "3") == shot(board(), "3").model_copy(update={"sound": ShotSound(music=MusicCue(mood="sad"))})


LINES = (
    "shot 3 sound door at 0.5 for 2 s -6 dB", "shot 1 sound hit with balloon 1", "shot 3 place sea",
    "shot 3 music none", "shot 2 music tense", "shot 3 mute voice", "shot 3 effects -3", "shot 1 mute",
)  # fmt: skip


def test_sounds_that_nobody_logged_become_edits() -> None:
    for before, after in ((board(), edited(*LINES)), (edited(*LINES), board())):
        derived = list(edits_between(before, before.shots, after.shots))
        again = edited(*map(grammar.format_edit, derived), on=before)
        for plan in after.shots:
            sound = shot(again, plan.id).sound
            assert sound.model_copy(update={"cues": ()}) == plan.sound.model_copy(update={"cues": ()})
            for cue, known in zip(sound.cues, plan.sound.cues, strict=True):
                assert cue.at == pytest.approx(known.at)
                assert cue.model_copy(update={"at": None}) == known.model_copy(update={"at": None})


def test_what_is_heard_is_described_and_told_in_the_history() -> None:
    after = edited(*LINES)
    one = shot(after, "1")
    names = {after.balloon(one, 1).id: "balloon 1"}
    assert describe_sound(one, names).startswith("hit with balloon 1; voice muted")
    assert describe_sound(shot(after, "3")) == (
        "door at 0.5 s for 2 s -6 dB; place sea; music none; voice muted; effects -3 dB"
    )
    changed = {change.name: change.description for change in history.differences(board().shots, after.shots)}
    assert set(changed) == {"s001", "s002", "s003"}
    assert "music tense" in changed["s002"]


def test_a_model_that_edits_is_told_what_is_heard() -> None:
    there = edited(*LINES)
    rows = {str(row["shot"]): row for row in shot_table.shot_rows(there)}
    assert rows["1"]["sound"] == describe_sound(shot(there, "1"), {there.balloon(shot(there, "1"), 1).id: "balloon 1"})
    assert "sound" not in rows["4"], "a shot that sounds as usual costs no tokens"


def random_sound_edit(luck: random.Random, there: EditableStoryboard) -> str:
    one, other = (luck.choice(there.shots).id.lstrip("s0") for _ in range(2))
    who = luck.choice([f"shot {one}"] * 4 + ["page 1", "film", f"shots {one} and {other}", "all close-ups"])
    bus = luck.choice(["", *get_args(Bus)])
    kind = luck.choice(get_args(SoundKind))
    return luck.choice(
        [
            f"{who} {bus} louder", f"{who} {bus} quieter by {luck.uniform(0.1, 20):.2f}", f"{who} mute {bus}",
            f"{who} unmute {bus}", f"{who} {bus or 'volume'} {luck.randint(-60, 24):+d}", f"{who} sound {kind}",
            f"shot {one} sound {kind} at {luck.uniform(0, 3):.2f}", f"shot {one} sound {kind} with balloon 1",
            f"{who} sound none", f"{who} sound {kind} none", f"{who} place {luck.choice(get_args(AmbienceKind))}",
            f"{who} place none", f"{who} music {luck.choice([*get_args(Mood), 'none', 'auto'])}", f"shot {one} split",
            f"shots {one} and {other} merge", f"shot {one} dissolve", f"shot {one} slower", f"shot {one} seconds 4",
            f"shot {one} drop", f"shot {one} restore", f"film aspect {luck.choice(['9:16', '16:9'])}",
        ]
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_no_row_of_edits_makes_a_sound_that_cannot_be(seed: int) -> None:
    luck, there, done = random.Random(seed), board(), 0
    for _ in range(80):
        line = " ".join(random_sound_edit(luck, there).split())
        try:
            after = edited(line, on=there)
        except (EditError, GrammarError):
            continue
        for plan in after.shots:  # as it is read from the library again
            assert ShotPlan.model_validate(plan.model_dump(mode="json")) == plan
            known = {one.id for one in after.page(plan).balloons}
            assert all(cue.balloon is None or cue.balloon in known for cue in plan.sound.cues)
        edit = grammar.parse_line(line)
        if edit.do in ("louder", "mute", "unmute", "level", "sound", "no sounds", "place", "music"):
            bare = [one.model_copy(update={"sound": ShotSound()}) for one in there.shots]
            assert [one.model_copy(update={"sound": ShotSound()}) for one in after.shots] == bare
            assert changed_ids(there, after) <= {one.id for one in there.select(edit.which)}
        there, done = after, done + 1
    assert done > 30
