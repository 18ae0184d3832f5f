"""Derive the edits that turn one state of a page's shots into another, where nobody logged them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from agents.editing import (  # fmt: skip
    AddEffect,
    ClearEffects,
    Drop,
    DropBalloon,
    Lock,
    MoveShot,
    ReadBalloon,
    SetBackend,
    SetClean,
    SetColor,
    SetFrame,
    SetGenerated,
    SetGround,
    SetInk,
    SetLettering,
    SetPainted,
    SetPrompt,
    SetSeconds,
    SetSeed,
    SetTransition,
    SetWithout,
    ShotEdit,
)
from agents.editing.mouths import mouth_edits
from agents.editing.poses import pose_edits
from agents.editing.redrawing import redraw_edit
from agents.editing.selectors import ShotSelector
from agents.editing.sound_edits import (
    AddSound,
    Mute,
    RemoveSounds,
    SetAmbience,
    SetLevel,
    SetMusic,
    Unmute,
)
from agents.editing.sounds import BUSES
from agents.editing.storyboard import EditableStoryboard
from storage.domain import Box, RenderOptions, ShotPlan, ShotSound
from storage.sound import SoundCue


def edits_between(
    board: EditableStoryboard, before: Sequence[ShotPlan], after: Sequence[ShotPlan]
) -> Iterator[ShotEdit]:
    """Yield edits that turn the shots of a page into other ones, as far as edits can.

    A shot that was added cannot be derived, and a moving camera becomes one that rests where it began.

    Args:
        board: The storyboard with the shots `before`.
        before: The shots of the page before the edits.
        after: The shots of the page after them.
    """
    known, stays = {shot.id: shot for shot in before}, {shot.id for shot in after}
    for shot in before:
        if shot.id not in stays:
            yield Drop(which=ShotSelector.of(shot.id))
    both = [shot for shot in after if shot.id in known]
    row = [shot.id for shot in before if shot.id in stays]
    for first, second in pairwise(both):
        if row.index(second.id) != row.index(first.id) + 1:
            yield MoveShot(which=ShotSelector.of(second.id), side="after", other=ShotSelector.of(first.id))
            row.remove(second.id)
            row.insert(row.index(first.id) + 1, second.id)
    for shot in both:
        yield from _edits_of_shot(board, known[shot.id], shot)


def _edits_of_shot(board: EditableStoryboard, old: ShotPlan, new: ShotPlan) -> Iterator[ShotEdit]:
    which = ShotSelector.of(new.id)
    for name in (*old.balloons, *new.balloons):
        number = board.number_of(old, name)
        if number and (name in old.balloons) != (name in new.balloons):
            edit = DropBalloon if name in old.balloons else ReadBalloon
            yield edit(which=which, balloon=number)
    changes: list[tuple[object, object, ShotEdit]] = [
        (old.transition, new.transition, SetTransition(which=which, kind=new.transition)),
        (
            _views(old),
            _views(new),
            SetFrame(which=which, box=new.camera[0].box),
        ),
        (old.seconds, new.seconds, SetSeconds(which=which, seconds=new.seconds)),
        (old.prompt, new.prompt, SetPrompt(which=which, prompt=new.prompt)),
        *_option_changes(which, old.render_options, new.render_options),
        *_effect_changes(which, old.render_options, new),
        (old.render_options.redraw, new.render_options.redraw, redraw_edit(which, new.render_options.redraw)),
        *((None, edit, edit) for edit in pose_edits(board, which, old.render_options.key_poses, new)),
        *((None, edit, edit) for edit in mouth_edits(which, old.render_options.mouths, new.render_options.mouths)),
        *((None, edit, edit) for edit in _sound_edits(board, which, old.sound, new)),
        (old.seed, new.seed, SetSeed(which=which, seed=new.seed)),
        (old.locked or not new.locked, True, Lock(which=which)),
    ]
    yield from (edit for was, now, edit in changes if was != now)


def _views(shot: ShotPlan) -> list[Box]:
    """Return what the camera shows at its keys, without how long it rests there."""
    return [box for box, _ in groupby(key.box for key in shot.camera)]


def _effect_changes(
    which: ShotSelector, was: RenderOptions, new: ShotPlan
) -> Iterator[tuple[object, object, ShotEdit]]:
    """Yield the removal of the effects that a shot had, and the addition of those that it has."""
    now = new.render_options.effects
    if was.effects == now:
        return
    if was.effects:
        yield was.effects, now, ClearEffects(which=which)
    for effect in now:
        at = None if effect.at is None else min(effect.at, 0.999) * new.seconds
        yield None, effect, AddEffect(which=which, kind=effect.kind, strength=effect.strength, box=effect.box, at=at)


def _sound_edits(board: EditableStoryboard, which: ShotSelector, was: ShotSound, new: ShotPlan) -> Iterator[ShotEdit]:
    """Yield the edits that turn one sound of a shot into that of its new plan."""
    now = new.sound
    for bus in BUSES:
        if was.gain(bus) != now.gain(bus):
            yield SetLevel(which=which, bus=bus, gain=now.gain(bus))
        if (bus in was.muted) != (bus in now.muted):
            yield (Mute if bus in now.muted else Unmute)(which=which, bus=bus)
    if was.cues != now.cues:
        if was.cues:
            yield RemoveSounds(which=which)
        yield from (_cue_edit(board, which, cue, new) for cue in now.cues)
    if was.ambience != now.ambience:
        yield SetAmbience(which=which, kind=now.ambience)
    if was.music != now.music:
        music = now.music
        mood = "auto" if music is None else None if music.file else music.mood or "none"
        yield SetMusic(which=which, mood=mood, file=music.file if music else "", sample=music.file if music else "")


def _cue_edit(board: EditableStoryboard, which: ShotSelector, cue: SoundCue, shot: ShotPlan) -> AddSound:
    """Return the edit that adds a sound effect to a shot; lettering that it does not have is left out."""
    return AddSound(
        which=which,
        kind=cue.kind,
        file=cue.sample,
        sample=cue.sample,
        balloon=board.number_of(shot, cue.balloon) if cue.balloon else None,
        at=None if cue.at is None or cue.balloon else min(cue.at, 0.999) * shot.seconds,
        seconds=cue.seconds,
        gain=cue.gain,
    )


def _option_changes(
    which: ShotSelector, was: RenderOptions, now: RenderOptions
) -> Iterator[tuple[object, object, ShotEdit]]:
    """Yield each option as it was and as it is, with the edit that sets it."""
    parts = tuple(part for part in now.clean if part != "balloons")
    yield was.clean, now.clean, SetClean(which=which, parts=parts)
    yield was.outpaint.fill, now.outpaint.fill, SetGround(which=which, fill=now.outpaint.fill)
    yield was.outpaint.prompt, now.outpaint.prompt, SetPainted(which=which, prompt=now.outpaint.prompt)
    yield was.max_generated, now.max_generated, SetGenerated(which=which, share=now.max_generated)
    yield was.keep_line_art, now.keep_line_art, SetInk(which=which, on=now.keep_line_art)
    color = now.color
    yield was.color, color, SetColor(which=which, mode=color.mode, prompt=color.prompt)
    yield was.lettering, now.lettering, SetLettering(which=which, mode=now.lettering)
    for capability in ("outpaint", "animate"):
        then, here = getattr(was, capability), getattr(now, capability)
        yield then.backend, here.backend, SetBackend(which=which, capability=capability, name=here.backend)
        words = here.negative_prompt
        yield then.negative_prompt, words, SetWithout(which=which, capability=capability, words=words)
