"""Test when the figures of a shot are compared, and that what is found is judged like any other measure."""

from __future__ import annotations

import pytest

from agents.graph import run_graph
from agents.resolved_shot import ResolvedShot
from agents.review import fidelity
from agents.run_context import RunContext
from agents.shots import shots_to_film
from storage.settings import Backends
from tests.agents.characters.test_learning import people
from tests.tiny import checkpoint

pytestmark = pytest.mark.film
PAINTS, MOVES = "tests.outside.Painting", "tests.outside.Drifting"


def filmed(context: RunContext, **chosen: str) -> dict[str, set[str]]:
    """Film a page with Mika and Rei, and return what was measured of the figures of each shot."""
    options = {"likeness.dinov2": {"model": str(checkpoint("dinov2"))}}
    context.corrections = people()
    context.settings = context.settings.model_copy(
        update={"backends": Backends(**chosen), "options": options, "pages": "1", "max_drift": 0.99, "max_retakes": 0}
    )
    context.library.set_settings(context.settings)
    run_graph(context, {})
    shots = [ResolvedShot(shot) for shot in shots_to_film(context, {})]
    fidelity.resolve_fidelity(context, shots)
    figures = {"doubled", "unlike"}
    return {
        shot.shot.id: figures & {name for made in shot.complete("fidelity") or () for name in made.facts}
        for shot in shots
    }


def test_only_what_a_model_may_have_changed_is_compared(context: RunContext) -> None:
    assert set(map(frozenset, filmed(context, outpaint=PAINTS).values())) == {frozenset()}, "tones tell no faces"
    painted = filmed(context, outpaint=PAINTS, likeness="dinov2")
    assert {"doubled"} in painted.values()
    assert all("unlike" not in names for names in painted.values())
    moved = filmed(context, animate=MOVES, likeness="dinov2")
    assert {"unlike"} in moved.values()
    assert all("doubled" not in names for names in moved.values())
