"""Test the graph of stages: its pause for approval, its bounded retakes, and a second run that makes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.executors.local import LocalExecutor
from agents.graph import run_graph
from agents.run_context import RunContext
from agents.state import State
from storage.settings import Backends
from tools import png

pytestmark = pytest.mark.film


def end_of(context: RunContext, start: State | None) -> State:
    return run_graph(context, start)


def events(context: RunContext, kind: str) -> list[str]:
    return [f"{event.stage} {event.text}" for event in context.library.events() if event.kind == kind]


def test_a_chapter_becomes_a_film_and_the_second_run_makes_nothing(context: RunContext) -> None:
    state = end_of(context, {})
    cut = context.library.cut()
    assert cut is not None
    assert len(cut.takes) == len(context.library.shots()) >= 6
    assert not state.get("not_filmed")
    assert not state.get("fallbacks")
    made = events(context, "made")
    assert {line.split()[0] for line in made} >= {"ingest", "storyboard", "clean", "outpaint", "animate", "composite"}
    end_of(context, {})
    assert events(context, "made") == made
    assert context.library.cut() == cut


def test_the_route_pauses_for_approval_before_it_films(context: RunContext) -> None:
    state = end_of(context, {"approve": True})
    assert state["approve"]
    assert context.library.shots()
    assert context.library.cut() is None
    assert not [line for line in events(context, "made") if line.startswith("clean")]
    end_of(context, None)
    assert context.library.cut() is not None


@pytest.mark.parametrize("name", ["Refusing", "Fatal"])
def test_a_shot_whose_model_fails_is_filmed_without_it_and_named(context: RunContext, name: str) -> None:
    if name == "Fatal":  # it ends its process
        context.executor = LocalExecutor(context.library.artifacts.root, workers=2)
    context.settings = context.settings.model_copy(
        update={"backends": Backends(animate=f"tests.outside.{name}"), "pages": "1", "max_retakes": 1}
    )
    context.corrections = (
        None
        if context.corrections is None
        else context.corrections.model_copy(update={"pages": context.corrections.pages[:1]})
    )
    state = end_of(context, {})
    plans = context.library.shots()
    assert set(state["stills"]) == {plan.id for plan in plans}
    assert not state["fallbacks"]
    reason = "never trained" if name == "Refusing" else "died"
    assert all(reason in why for why in state["stills"].values())
    cut = context.library.cut()
    assert cut is not None
    assert len(cut.takes) == len(plans)
    assert all(take.facts["still"] for plan in plans for take in context.library.takes(plan.id))
    context.executor.close()


def test_a_take_that_review_turns_down_is_taken_again_with_another_seed(context: RunContext) -> None:
    context.settings = context.settings.model_copy(
        update={"backends": Backends(animate="tests.outside.Black"), "pages": "1"}
    )
    context.corrections = (
        None
        if context.corrections is None
        else context.corrections.model_copy(update={"pages": context.corrections.pages[:1]})
    )
    state = end_of(context, {})
    assert not state["fallbacks"]
    for plan in context.library.shots():
        first, second = context.library.takes(plan.id)
        turned, kept = context.library.latest_verdict(first.id), context.library.latest_verdict(second.id)
        assert turned is not None
        assert kept is not None
        assert (turned.decision, kept.decision) == ("retake", "approve")
        assert "black" in turned.reason or "empty" in turned.reason
        assert (first.seed, second.seed) == (0, 1)


def test_a_panel_the_artist_left_bare_is_no_fault(context: RunContext) -> None:
    assert isinstance(context.source, Path)
    page = png.read_png(context.source / "001.png")
    page[443:577, 23:377] = 255
    (context.source / "001.png").write_bytes(png.encode_png(page))
    state = end_of(context, {})
    assert not state["fallbacks"]
    assert not state["not_filmed"]
