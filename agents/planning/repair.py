"""Keep the shots of a faulty model plan that can be filmed, and leave the other panels to the rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from agents.planning.shot_schema import (
    CLOSE_FRAMINGS,
    MAX_SHOTS_OF_PANEL,
    PagePlan,
    ShotAnswer,
    ShotRequest,
    bind_shots,
    numbered_items,
    shot_faults,
)
from agents.planning.tool_options import ToolOptions
from agents.planning.violation import Violation
from storage.comprehension import PanelKind
from storage.domain import Box, PageTranscript, ShotPlan


def repair_plan(
    answer: PagePlan,
    page: PageTranscript,
    view: Box,
    means: ToolOptions,
    kinds: Mapping[str, PanelKind],
    without: Collection[int] = (),
) -> list[ShotRequest]:
    """Return the requests of a plan's sound shots, and rule-based ones for the panels that these do not show.

    All are in reading order. Panels are counted from 0; those in `without` are left to the rules in any case.
    """
    panels, texts = numbered_items(page)
    sound = list(_drop_backward(shot for shot in answer.shots if not [*shot_faults(shot, panels, texts, view)]))
    sound = [shot for shot in sound if not {at - 1 for at in shot.panels} & set(without)]
    sound = _whole_first(sound, len(panels))
    shown = {at - 1 for shot in sound for at in shot.panels}
    left = [
        ShotRequest(panels=(at,), framing="hold", is_from_rules=True) for at in range(len(panels)) if at not in shown
    ]
    return sorted([*bind_shots(sound, page, view, means, kinds), *left], key=lambda request: request.panels[0])


def blamed_panels(violations: Iterable[Violation], plan: Sequence[ShotPlan], page: PageTranscript) -> set[int]:
    """Return the panels, counted from 0 in reading order, that the violations of one page's plan concern."""
    places = {panel.id: at for at, panel in enumerate(numbered_items(page)[0])}
    homes = {text.id: (text.panel,) for text in page.balloons} | {shot.id: shot.panels for shot in plan}
    names = {violation.place for violation in violations}
    return {places[home] for name in names for home in homes.get(name, (name,)) if home in places}


def _drop_backward(shots: Iterable[ShotAnswer]) -> Iterable[ShotAnswer]:
    """Yield the shots that do not go back behind an earlier one."""
    last = 0
    for shot in shots:
        if shot.panels[0] >= last:
            last = shot.panels[-1]
            yield shot


def _whole_first(shots: list[ShotAnswer], count: int) -> list[ShotAnswer]:
    """Drop close shots of panels not yet shown whole, and all shots of panels that have too many."""
    for at in range(1, count + 1):
        while (own := [shot for shot in shots if at in shot.panels]) and own[0].framing in CLOSE_FRAMINGS:
            shots.remove(own[0])
        if len(own) > MAX_SHOTS_OF_PANEL:
            shots = [shot for shot in shots if at not in shot.panels]
    return shots
