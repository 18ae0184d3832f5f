"""A plan with all that it is judged by in, the shots that words mean, and what a change of them breaks, out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agents.directors import framing
from agents.directors.check import violations
from agents.edits import which
from storage.errors import SettingsError
from storage.shapes import Balloon, Box, PageTranscript, Screen, ShotPlan, Transcript
from tools import geometry

SKIPPED = "locked, and stays as it is"


@dataclass(frozen=True)
class Board:
    """The shots in film order, what was read, the screen they are framed for.

    `gone` are shots by name that an earlier revision held, as they were last; `notes` what had to be bent, in words.
    """

    shots: tuple[ShotPlan, ...]
    transcript: Transcript
    screen: Screen
    gone: Mapping[str, ShotPlan] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def page(self, shot: ShotPlan) -> PageTranscript:
        """The page that a shot is of."""
        return next(page for page in self.transcript.pages if page.index == shot.page)

    def stands(self, shot: ShotPlan) -> bool:
        """Whether what a shot shows is still read so."""
        panels = {panel.id for page in self.transcript.pages if page.index == shot.page for panel in page.panels}
        return panels.issuperset(shot.panels)

    def noting(self, *words: str) -> Board:
        """The same with something said."""
        return replace(self, notes=(*self.notes, *words))

    def with_shots(self, changed: Iterable[ShotPlan]) -> Board:
        """The board with these shots in the place of those of their names."""
        fresh = {shot.id: shot for shot in changed}
        return replace(self, shots=tuple(fresh.get(shot.id, shot) for shot in self.shots))

    def in_order(self, shots: Sequence[ShotPlan]) -> Board:
        """The board with these shots and no others, numbered by their places; what is left out is remembered."""
        kept = {shot.id for shot in shots}
        gone = {**self.gone, **{shot.id: shot for shot in self.shots if shot.id not in kept}}
        placed = tuple(
            shot if shot.ordinal == place else shot.model_copy(update={"ordinal": place})
            for place, shot in enumerate(shots)
        )
        return replace(self, shots=placed, gone=gone)

    def meant(self, words: str) -> tuple[list[ShotPlan], Board]:
        """The shots that are meant and may be changed, and the board, which says what stays because it is locked.

        SettingsError for what is not there, and where all that is meant is locked, or a locked shot is named.
        """
        asked = which.parse(words)
        found = self.find(words)
        locked = [shot for shot in found if shot.locked]
        free = [shot for shot in found if not shot.locked]
        if locked and (asked.named or not free):
            what = f"{which.words(locked)} {'is' if len(locked) == 1 else 'are'} locked"
            raise SettingsError(what, f"nobody changes it until you say: {which.words(locked[:1])} unlock")
        return free, self.noting(f"{which.words(locked)}: {SKIPPED}") if locked else self

    def people(self) -> dict[str, str]:
        """The cast's ids by their names and by themselves, folded."""
        return {which.folded(said): one.id for one in self.transcript.cast for said in (one.name, one.id)}

    def find(self, words: str, among: Sequence[ShotPlan] | None = None) -> list[ShotPlan]:
        """The shots that are meant, of those in the film or `among` others, locked or not.

        SettingsError for what is not there.
        """
        asked, shots = which.parse(words), self.shots if among is None else among
        shares = {shot.id: self.share_shown(shot) if asked.kind else 1.0 for shot in shots}
        return which.chosen(asked, shots, self.people(), shares)

    def one(self, words: str) -> tuple[ShotPlan, Board]:
        """The one shot that is meant. SettingsError where there are several."""
        found, board = self.meant(words)
        if len(found) != 1:
            raise SettingsError(
                f"this is done to one shot, and {words} are {len(found)}", f"name one: shot {which.shown(found[0].id)}"
            )
        return found[0], board

    def lettering(self, shot: ShotPlan) -> list[Balloon]:
        """The balloons of a shot as they are numbered in it, from 1: those of its panels and those it has read."""
        page = self.page(shot)
        mine = [text for text in page.texts if text.panel in shot.panels or text.id in shot.lines]
        return sorted(mine, key=lambda text: text.order)

    def balloon(self, shot: ShotPlan, number: int) -> Balloon:
        """The balloon of a shot with this number. SettingsError when there is none."""
        mine = self.lettering(shot)
        if number > len(mine):
            name = f"shot {which.shown(shot.id)}"
            there = {0: f"{name} has none: name a place, such as {name} on upper left", 1: "it has one: balloon 1"}
            raise SettingsError(
                f"{name} has no balloon {number}", there.get(len(mine), f"name one of its balloons 1 to {len(mine)}")
            )
        return mine[number - 1]

    def panels(self, shot: ShotPlan) -> list[Box]:
        """The boxes of a shot's panels, in its order."""
        boxes = {panel.id: panel.box for panel in self.page(shot).panels}
        return [boxes[name] for name in shot.panels]

    def share_shown(self, shot: ShotPlan) -> float:
        """How much of its panels a shot shows at its nearest, 0..1."""
        nearest = min((key.box for key in shot.camera), key=lambda box: box.area)
        return framing.share_seen(nearest, geometry.union_box(self.panels(shot)))

    def faults(self, shot: ShotPlan) -> list[str]:
        """What is wrong with a shot by itself, in words that name the shot and its balloons by number."""
        alone = shot.model_copy(update={"ordinal": 0})
        page = self.transcript.model_copy(update={"pages": (self.page(shot),)})
        found = [fault for fault in violations([alone], page, self.screen) if fault.startswith(f"{shot.id}: ")]
        names = {balloon.id: f"balloon {n}" for n, balloon in enumerate(self.lettering(shot), start=1)}
        said = [fault.removeprefix(f"{shot.id}: ") for fault in found]
        return [re.sub(r"\bline (\S+)", lambda hit: names.get(hit[1], hit[0]), fault) for fault in said]

    def unread(self, shot: ShotPlan) -> list[str]:
        """Those faults that are balloons which cannot be read."""
        return [fault for fault in self.faults(shot) if "to read" in fault]


def refuse_broken(before: Board, after: Board) -> None:
    """Raise SettingsError where a changed shot breaks the promise of a director, and did not do so before."""
    old = {**before.gone, **{shot.id: shot for shot in before.shots}}
    for shot in after.shots:
        known = old.get(shot.id)
        if known is not None and _alike(known, shot) and before.screen == after.screen:
            continue
        was = {_kind(fault) for fault in before.faults(known)} if known is not None else set()
        for fault in after.faults(shot):
            if _kind(fault) not in was:
                raise SettingsError(f"shot {which.shown(shot.id)} {_said(fault)}", _cure(shot, fault))


def uncovered(before: Board, after: Board) -> list[str]:
    """What the film no longer shows or says in its order, in words: a person may wish so, and is told."""
    said: list[str] = []
    lost = _shown(before) - _shown(after)
    read = _read(before) - _read(after)
    if lost:
        said.append(f"{len(lost)} panel{'s are' if len(lost) > 1 else ' is'} no longer shown")
    if read:
        said.append(f"{len(read)} balloon{'s are' if len(read) > 1 else ' is'} no longer read")
    return said


def _shown(board: Board) -> set[str]:
    return {panel for shot in board.shots for panel in shot.panels}


def _read(board: Board) -> set[str]:
    return {line for shot in board.shots for line in shot.lines}


def _alike(a: ShotPlan, b: ShotPlan) -> bool:
    return a.model_copy(update={"ordinal": 0}) == b.model_copy(update={"ordinal": 0})


def _kind(fault: str) -> str:
    return re.sub(r"\d+(\.\d+)?", "#", re.sub(r"balloon \d+", "a balloon", fault))


def _said(fault: str) -> str:
    if "to read" in fault:
        return f"could not be read: {fault}"
    return f"would be too quick: it {fault}" if "moves" in fault else f"cannot be filmed so: {fault}"


def _cure(shot: ShotPlan, fault: str) -> str:
    name = which.shown(shot.id)
    if "to read" in fault:
        number = re.search(r"balloon (\d+)", fault)
        return f"let it last longer, or wait no longer for it: shot {name} drop balloon {number[1] if number else 'N'}"
    if "moves" in fault:
        return f"let it last longer: shot {name} slower"
    return f"another framing, such as: shot {name} on whole"
