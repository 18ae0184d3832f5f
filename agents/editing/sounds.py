"""Change what shots sound like: levels, sound effects, places and music; no picture changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import get_args

from agents.editing.refusals import EditError
from agents.editing.selectors import short_name
from agents.editing.sound_edits import (
    AddSound,
    ChangeLevel,
    Mute,
    RemoveSounds,
    SetAmbience,
    SetLevel,
    SetMusic,
    SoundEdit,
    Unmute,
)
from agents.editing.storyboard import EditableStoryboard
from agents.planning import timing
from agents.planning.panels import need_of, page_unit
from agents.planning.sound_times import delay_cues, divide_sound, with_cues
from storage.domain import ShotPlan, ShotSound
from storage.sound import Bus, MusicCue, SoundCue

MOST_CUES = 12
"""Most sound effects of one shot: more of them are noise."""
BUSES: tuple[Bus, ...] = get_args(Bus)
QUIETEST, LOUDEST = -60.0, 24.0
"""Bounds of a level in decibels; see `storage.sound.Decibels`."""


def set_sound(board: EditableStoryboard, edit: SoundEdit) -> EditableStoryboard:
    """Change what the selected shots sound like.

    Raises:
        EditError: A sound comes after the end of its shot or with a balloon that the shot does not have, a shot has
            too many sounds, or no shot has the sound that is to be removed.
    """
    found, board = board.select_unlocked(edit.which)
    if isinstance(edit, RemoveSounds):
        _refuse_missing(found, edit)
    change = _CHANGES[type(edit)]
    changed = [shot.model_copy(update={"sound": change(board, shot, edit)}) for shot in found]
    return board.with_shots(changed).with_note(*_notes(board, found, edit))


def divide_shot_sound(
    board: EditableStoryboard,
    shot: ShotPlan,
    parts: Sequence[float],
    lengths: Sequence[float],
    read: Sequence[Sequence[str]],
) -> list[ShotSound]:
    """Return what each part of a shot sounds like.

    Args:
        board: The storyboard.
        shot: The whole shot.
        parts: The seconds of it that each part shows, in order.
        lengths: The seconds that each part lasts now.
        read: The balloons that each part reads; lettering that none reads is in the part in which it is seen first.
    """
    part_of = {name: part for part, names in enumerate(read) for name in names}
    for cue in shot.sound.cues:
        if cue.balloon is not None and cue.balloon not in part_of:
            second = _appearance(board, shot, cue.balloon)
            ends = [sum(parts[: part + 1]) for part in range(len(parts))]
            part_of[cue.balloon] = next((part for part, end in enumerate(ends) if second < end), len(parts) - 1)
    return divide_sound(shot.sound, parts, lengths, part_of)


def join_sounds(shots: Sequence[ShotPlan], starts: Sequence[float], seconds: float) -> ShotSound:
    """Return what one shot sounds like that several become: the sounds of all, each at its own moment.

    The place and the music are the first that one of them has, the levels are those of the first shot, and a bus is
    mute that is so in all of them.

    Args:
        shots: The shots.
        starts: The second of the new shot at which each of them begins.
        seconds: How long the new shot lasts.
    """
    cues: list[SoundCue] = []
    for shot, start in zip(shots, starts, strict=True):
        there = delay_cues(shot.sound.cues, shot.seconds, start, seconds, from_start=not start)
        cues += [cue for cue in there if cue not in cues]
    sounds = [shot.sound for shot in shots]
    return sounds[0].model_copy(
        update={
            "cues": tuple(cues),
            "ambience": next((one.ambience for one in sounds if one.ambience), None),
            "music": next((one.music for one in sounds if one.music is not None), None),
            "muted": tuple(bus for bus in BUSES if all(bus in one.muted for one in sounds)),
        }
    )


def describe_lost_sound(shots: Sequence[ShotPlan], joined: ShotSound) -> list[str]:
    """Describe which places and music of shots the one shot that they become does not have."""
    later = [shot.sound for shot in shots]
    places = [one.ambience for one in later if one.ambience not in (None, joined.ambience)]
    pieces = [one.music for one in later if one.music not in (None, joined.music)]
    name = f"shot {short_name(shots[0].id)}"
    return [
        *(f"{name} has one place, and the {place} of a later part is not heard" for place in places),
        *(f"{name} has one music, and {_describe_music(piece, {})} of a later part is not heard" for piece in pieces),
    ]


def describe_changed_course(before: Sequence[ShotPlan], after: Sequence[ShotPlan]) -> Iterator[str]:
    """Yield which place or music a shot that stays has no longer, because the shot with which it began is gone."""
    for name, words in (("ambience", "place"), ("music", "music")):
        was, now = (dict(_course(shots, name)) for shots in (before, after))
        changed = next((shot_id for shot_id in now if shot_id in was and was[shot_id] != now[shot_id]), None)
        if changed is None:
            continue
        said = was[changed]
        heard = _describe_music(said, {}) if isinstance(said, MusicCue) else said or "none"
        shot = f"shot {short_name(changed)}"
        yield f"{shot} no longer has the {words} that began before it; to keep it: {shot} {words} {heard}"


def describe_sound(shot: ShotPlan, names: Mapping[str, str] | None = None) -> str:
    """Describe what a shot sounds like in the words of the grammar; "" where nothing was chosen.

    Args:
        shot: The shot.
        names: The names of balloons by their ids, and of recordings by their artifacts, as far as they are known.
    """
    sound, music, known = shot.sound, shot.sound.music, names or {}
    return "; ".join(
        [
            *(describe_cue(cue, shot.seconds, known) for cue in sound.cues),
            *([f"place {sound.ambience}"] if sound.ambience else []),
            *([f"music {_describe_music(music, known)}"] if music is not None else []),
            *(f"{bus} muted" for bus in sound.muted),
            *(f"{bus} {sound.gain(bus):+g} dB" for bus in BUSES if sound.gain(bus)),
        ]
    )


def describe_cue(cue: SoundCue, seconds: float, names: Mapping[str, str]) -> str:
    """Describe a sound effect of a shot that lasts so many seconds."""
    when = "" if cue.at is None else f" at {cue.at * seconds:.1f} s"
    if cue.balloon is not None:
        when = f" with {names.get(cue.balloon, 'its lettering')}"
    lasts = "" if cue.seconds is None else f" for {cue.seconds:g} s"
    what = cue.kind or _describe_recording(cue.sample, names)
    return f"{what}{when}{lasts}" + (f" {cue.gain:+g} dB" if cue.gain else "")


def _course(shots: Sequence[ShotPlan], name: str) -> Iterator[tuple[str, object]]:
    """Yield the place or the music that is heard in each shot, with the shot's id."""
    heard = None
    for shot in shots:
        begun = getattr(shot.sound, name)
        heard = heard if begun is None else begun
        yield shot.id, heard


def _describe_music(cue: MusicCue, names: Mapping[str, str]) -> str:
    return _describe_recording(cue.file, names) if cue.file else cue.mood or "none"


def _describe_recording(artifact: str, names: Mapping[str, str]) -> str:
    return names.get(artifact, f"recording {artifact[:8]}")


def _appearance(board: EditableStoryboard, shot: ShotPlan, balloon: str) -> float:
    """Return the second of a shot at which lettering comes into view; 0 where it is not on the page any more."""
    page = board.page(shot)
    line = next((one for one in page.balloons if one.id == balloon), None)
    if line is None:
        return 0.0
    opens = timing.appearance_times(shot, [line], shot.seconds)
    (reading,) = timing.read_lines(timing.path_of(shot, shot.seconds), [need_of(line, page_unit(page))], opens)
    return reading.start


def _notes(board: EditableStoryboard, found: Sequence[ShotPlan], edit: SoundEdit) -> Iterator[str]:
    """Yield where a place or music that several shots got is still heard after them."""
    if not isinstance(edit, (SetAmbience, SetMusic)) or len(found) < 2:
        return
    after = board.shots[found[-1].ordinal + 1 :][:1]
    name = "ambience" if isinstance(edit, SetAmbience) else "music"
    goes_on = edit.kind is None if isinstance(edit, SetAmbience) else edit.mood == "auto"
    if after and not goes_on and getattr(after[0].sound, name) is None:
        words = "place" if isinstance(edit, SetAmbience) else "music"
        hint = "place room" if isinstance(edit, SetAmbience) else "music none"
        yield f"the {words} goes on after shot {short_name(found[-1].id)}, until: shot {short_name(after[0].id)} {hint}"


def _refuse_missing(found: Sequence[ShotPlan], edit: RemoveSounds) -> None:
    """Raise EditError if no shot has the one sound that is to be removed."""
    said = edit.kind or edit.file
    if not said or any(_is_removed(cue, edit) for shot in found for cue in shot.sound.cues):
        return
    what = f"{edit.which} {'has' if len(found) == 1 else 'have'} no sound {said}"
    raise EditError(what, "see what there is with: main.py show shot N PROJECT", "already_so", shot=found[0].id)


def _is_removed(cue: SoundCue, edit: RemoveSounds) -> bool:
    if edit.kind is None and not edit.file:
        return True
    return cue.sample == (edit.sample or edit.file) if edit.file else cue.kind == edit.kind and not cue.sample


def _changed_level(board: EditableStoryboard, shot: ShotPlan, edit: SetLevel | ChangeLevel) -> ShotSound:
    sound = shot.sound
    buses = BUSES if edit.bus is None else (edit.bus,)
    gains = {
        f"{bus}_gain": edit.gain
        if isinstance(edit, SetLevel)
        else min(LOUDEST, max(QUIETEST, sound.gain(bus) + edit.by))
        for bus in buses
    }
    return sound.model_copy(update=gains)


def _muted(board: EditableStoryboard, shot: ShotPlan, edit: Mute | Unmute) -> ShotSound:
    named = BUSES if edit.bus is None else (edit.bus,)
    before = shot.sound.muted
    after = {*before, *named} if isinstance(edit, Mute) else {*before} - {*named}
    return shot.sound.model_copy(update={"muted": tuple(bus for bus in BUSES if bus in after)})


def _with_cue(board: EditableStoryboard, shot: ShotPlan, edit: AddSound) -> ShotSound:
    name = short_name(shot.id)
    if edit.at is not None and edit.at >= shot.seconds:
        what = f"shot {name} ends after {shot.seconds:.1f} s, and nothing is heard in it at {edit.at:g} s"
        hint = f"name an earlier moment: shot {name} sound {edit.kind or 'hit'} at {shot.seconds / 2:.1f}"
        raise EditError(what, hint, "after_the_end", shot=shot.id)
    cue = SoundCue(
        kind=None if edit.file else edit.kind,
        sample=edit.sample or edit.file if edit.file else "",
        balloon=None if edit.balloon is None else board.balloon(shot, edit.balloon).id,
        at=None if edit.at is None else edit.at / shot.seconds,
        seconds=edit.seconds,
        gain=edit.gain,
    )
    same = _source_and_moment(cue)
    others = tuple(one for one in shot.sound.cues if _source_and_moment(one) != same)
    if len(others) >= MOST_CUES:
        what = f"shot {name} has {len(others)} sounds already"
        raise EditError(what, f"remove them first: shot {name} sound none", "too_many_sounds", shot=shot.id)
    return with_cues(shot.sound, (*others, cue))


def _source_and_moment(cue: SoundCue) -> tuple[object, ...]:
    return cue.kind, cue.sample, cue.balloon, cue.at


def _without_cues(board: EditableStoryboard, shot: ShotPlan, edit: RemoveSounds) -> ShotSound:
    return with_cues(shot.sound, tuple(cue for cue in shot.sound.cues if not _is_removed(cue, edit)))


def _with_ambience(board: EditableStoryboard, shot: ShotPlan, edit: SetAmbience) -> ShotSound:
    return shot.sound.model_copy(update={"ambience": edit.kind})


def _with_music(board: EditableStoryboard, shot: ShotPlan, edit: SetMusic) -> ShotSound:
    cue: MusicCue | None
    if edit.mood == "auto":
        cue = None
    elif edit.mood == "none" or edit.mood is None:
        cue = MusicCue(file=edit.sample or edit.file)  # silence where there is no file
    else:
        cue = MusicCue(mood=edit.mood)
    return shot.sound.model_copy(update={"music": cue})


_CHANGES: dict[type, Callable[..., ShotSound]] = {
    SetLevel: _changed_level,
    ChangeLevel: _changed_level,
    Mute: _muted,
    Unmute: _muted,
    AddSound: _with_cue,
    RemoveSounds: _without_cues,
    SetAmbience: _with_ambience,
    SetMusic: _with_music,
}
