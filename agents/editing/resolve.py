"""Resolve what edits name outside the storyboard: files, earlier takes, and locked shots of another aspect.

The results are stored in the edits, so that a logged edit can be repeated later, after a file was deleted or more takes
were made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from agents import backend_jobs
from agents.editing import ChooseTake, Plan, SetAspect, SetReferences, selectors
from agents.editing.recordings import resolve_recording
from agents.editing.references import is_picture
from agents.editing.shot_status import read_only_context
from agents.editing.sound_edits import AddSound, RemoveSounds, SetMusic
from agents.fallback_ladder import reseed_motion
from agents.resolved_shot import ResolvedShot
from agents.shots import shots_to_film
from agents.stages import composite
from storage.domain import ShotPlan, VideoFormat
from storage.errors import SettingsError
from storage.keys import content_key
from storage.library import Library
from storage.video_format import screen_of
from tools.ingest import images


def resolve_edits(library: Library, plans: Sequence[Plan]) -> list[Plan]:
    """Return the edits with the pictures, sounds, plans of takes and locked shots that they name filled in.

    Raises:
        SettingsError: A take or a file does not exist.
        AudioError: A sound file cannot be decoded.
    """
    return [_resolve_edit(library, edit) for edit in plans]


def plans_of_takes(library: Library, name: str) -> dict[int, ShotPlan]:
    """Return the plan that filmed each take of a shot, by the take's number.

    Only takes of the present reading and settings are included.
    """
    context = read_only_context(library)
    takes = {take.key: take for take in library.takes(name)}
    transcript = library.transcript()
    known = {panel.id for page in transcript.pages for panel in page.panels} if transcript else set()
    asked: list[ShotPlan] = []
    for plan in library.plans_of(name):
        if known.issuperset(plan.panels):
            seeds = {take.seed for take in takes.values()} | {plan.seed}
            asked += [reseed_motion(plan, seed - plan.seed) for seed in seeds]
            asked += [plan.model_copy(update={"seed": seed}) for seed in seeds]
    found: dict[int, ShotPlan] = {}
    if asked:
        shots = [ResolvedShot(shot) for shot in shots_to_film(context, {}, asked)]
        composite.resolve_segments(context, shots)
        for plan, resolved in zip(asked, shots, strict=True):
            take = takes.get(resolved.key)
            if take and not take.facts.get("fallback"):
                found.setdefault(take.number, plan)
    return found


def _resolve_edit(library: Library, edit: Plan) -> Plan:
    if isinstance(edit, ChooseTake):
        return edit.model_copy(update={"plan": _plan_of_take(library, edit)})
    if isinstance(edit, SetReferences):
        files = {said: _keep_picture(library, Path(said)) for said in edit.who or () if is_picture(said)}
        return edit.model_copy(update={"pictures": files})
    if isinstance(edit, SetAspect):
        return edit.model_copy(update={"held": _locked_before(library, edit.aspect)})
    if isinstance(edit, (AddSound, RemoveSounds, SetMusic)):
        return resolve_recording(library, edit)
    return edit


def _plan_of_take(library: Library, edit: ChooseTake) -> ShotPlan:
    names = edit.which.shot_ids
    known = plans_of_takes(library, names[0]) if names else {}
    if edit.take not in known:
        shot = selectors.short_name(names[0]) if names else "N"
        fits = " or ".join(f"{edit.which} take {number}" for number in sorted(known))
        have = f"say: {fits}" if known else f"see what there is with: main.py takes PROJECT {shot}"
        raise SettingsError(f"{edit.which} has no take {edit.take} for this screen", have)
    return known[edit.take]


def _locked_before(library: Library, aspect: str) -> tuple[ShotPlan, ...]:
    """Return the locked shots as they stood when the film was last framed for an aspect ratio."""
    screen = screen_of(aspect, VideoFormat())
    locked = {shot.id for shot in library.shots() if shot.locked}
    before = [
        revision for revision in library.ancestry() if revision.screen and screen.has_aspect(revision.screen.aspect)
    ]
    stood = library.shots(before[-1].number) if before and locked else ()
    return tuple(shot for shot in stood if shot.locked and shot.id in locked)


def _keep_picture(library: Library, file: Path) -> str:
    """Store a picture file and return its artifact."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be read: {error.strerror}", "name a picture file, from where you stand"
        ) from None
    key = content_key("reference", "", images.VERSION, picture=hashlib.sha256(data).hexdigest())
    return backend_jobs.keep_picture(library, data, str(file), key=key, tool="reference")
