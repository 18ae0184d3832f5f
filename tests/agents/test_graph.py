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


def end_of(ctx: RunContext, start: State | None) -> State:
    return run_graph(ctx, start)


def events(ctx: RunContext, kind: str) -> list[str]:
    return [f"{event.stage} {event.text}" for event in ctx.library.events() if event.kind == kind]


def test_a_chapter_becomes_a_film_and_the_second_run_makes_nothing(ctx: RunContext) -> None:
    state = end_of(ctx, {})
    cut = ctx.library.cut()
    assert cut is not None
    assert len(cut.takes) == len(ctx.library.shots()) >= 6
    assert not state.get("lost")
    assert not state.get("fallbacks")
    made = events(ctx, "made")
    assert {line.split()[0] for line in made} >= {"ingest", "storyboard", "clean", "outpaint", "animate", "composite"}
    end_of(ctx, {})
    assert events(ctx, "made") == made
    assert ctx.library.cut() == cut


def test_the_route_pauses_for_approval_before_it_films(ctx: RunContext) -> None:
    state = end_of(ctx, {"approve": True})
    assert state["approve"]
    assert ctx.library.shots()
    assert ctx.library.cut() is None
    assert not [line for line in events(ctx, "made") if line.startswith("clean")]
    end_of(ctx, None)
    assert ctx.library.cut() is not None


@pytest.mark.parametrize("name", ["Refusing", "Fatal"])
def test_a_shot_whose_model_fails_is_filmed_without_it_and_named(ctx: RunContext, name: str) -> None:
    if name == "Fatal":  # it ends its process
        ctx.executor = LocalExecutor(ctx.library.artifacts.root, workers=2)
    ctx.settings = ctx.settings.model_copy(
        update={"backends": Backends(animate=f"tests.outside.{name}"), "pages": "1", "max_retakes": 1}
    )
    ctx.corrections = (
        None if ctx.corrections is None else ctx.corrections.model_copy(update={"pages": ctx.corrections.pages[:1]})
    )
    state = end_of(ctx, {})
    plans = ctx.library.shots()
    assert set(state["stills"]) == {plan.id for plan in plans}
    assert not state["fallbacks"]
    reason = "never trained" if name == "Refusing" else "died"
    assert all(reason in why for why in state["stills"].values())
    cut = ctx.library.cut()
    assert cut is not None
    assert len(cut.takes) == len(plans)
    assert all(take.facts["still"] for plan in plans for take in ctx.library.takes(plan.id))
    ctx.executor.close()


def test_a_take_that_review_turns_down_is_taken_again_with_another_seed(ctx: RunContext) -> None:
    ctx.settings = ctx.settings.model_copy(update={"backends": Backends(animate="tests.outside.Black"), "pages": "1"})
    ctx.corrections = (
        None if ctx.corrections is None else ctx.corrections.model_copy(update={"pages": ctx.corrections.pages[:1]})
    )
    state = end_of(ctx, {})
    assert not state["fallbacks"]
    for plan in ctx.library.shots():
        first, second = ctx.library.takes(plan.id)
        turned, kept = ctx.library.latest_verdict(first.id), ctx.library.latest_verdict(second.id)
        assert turned is not None
        assert kept is not None
        assert (turned.decision, kept.decision) == ("retake", "approve")
        assert "black" in turned.reason or "empty" in turned.reason
        assert (first.seed, second.seed) == (0, 1)


def test_a_panel_the_artist_left_bare_is_no_fault(ctx: RunContext) -> None:
    assert isinstance(ctx.source, Path)
    page = png.read_png(ctx.source / "001.png")
    page[443:577, 23:377] = 255
    (ctx.source / "001.png").write_bytes(png.encode_png(page))
    state = end_of(ctx, {})
    assert not state["fallbacks"]
    assert not state["lost"]
