"""The route as a graph: its pause, its retakes with their bound, and what it does the second time."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.executors.local import LocalExecutor
from agents.graph import follow
from agents.state import State
from agents.workshop import Workshop
from storage.settings import Backends
from tools import png


def end_of(shop: Workshop, start: State | None) -> State:
    return follow(shop, start)


def events(shop: Workshop, kind: str) -> list[str]:
    return [f"{event.stage} {event.text}" for event in shop.library.events() if event.kind == kind]


def test_a_chapter_becomes_a_film_and_the_second_run_makes_nothing(shop: Workshop) -> None:
    state = end_of(shop, {})
    cut = shop.library.cut()
    assert cut is not None
    assert len(cut.takes) == len(shop.library.shots()) >= 6
    assert not state.get("lost")
    assert not state.get("fallbacks")
    made = events(shop, "made")
    assert {line.split()[0] for line in made} >= {"ingest", "storyboard", "clean", "outpaint", "animate", "composite"}
    end_of(shop, {})
    assert events(shop, "made") == made
    assert shop.library.cut() == cut


def test_the_route_pauses_for_approval_before_it_films(shop: Workshop) -> None:
    state = end_of(shop, {"approve": True})
    assert state["approve"]
    assert shop.library.shots()
    assert shop.library.cut() is None
    assert not [line for line in events(shop, "made") if line.startswith("clean")]
    end_of(shop, None)
    assert shop.library.cut() is not None


@pytest.mark.parametrize("name", ["Refusing", "Fatal"])
def test_a_shot_whose_model_fails_is_filmed_without_it_and_named(shop: Workshop, name: str) -> None:
    if name == "Fatal":  # it ends its process
        shop.executor = LocalExecutor(shop.library.artifacts.root, workers=2)
    shop.settings = shop.settings.model_copy(
        update={"backends": Backends(animate=f"tests.outside.{name}"), "pages": "1", "max_retakes": 1}
    )
    shop.corrections = (
        None if shop.corrections is None else shop.corrections.model_copy(update={"pages": shop.corrections.pages[:1]})
    )
    state = end_of(shop, {})
    plans = shop.library.shots()
    assert set(state["stills"]) == {plan.id for plan in plans}
    assert not state["fallbacks"]
    reason = "never trained" if name == "Refusing" else "died"
    assert all(reason in why for why in state["stills"].values())
    cut = shop.library.cut()
    assert cut is not None
    assert len(cut.takes) == len(plans)
    assert all(take.facts["still"] for plan in plans for take in shop.library.takes(plan.id))
    shop.executor.close()


def test_a_take_that_review_turns_down_is_taken_again_with_another_seed(shop: Workshop) -> None:
    shop.settings = shop.settings.model_copy(update={"backends": Backends(animate="tests.outside.Black"), "pages": "1"})
    shop.corrections = (
        None if shop.corrections is None else shop.corrections.model_copy(update={"pages": shop.corrections.pages[:1]})
    )
    state = end_of(shop, {})
    assert not state["fallbacks"]
    for plan in shop.library.shots():
        first, second = shop.library.takes(plan.id)
        turned, kept = shop.library.latest_verdict(first.id), shop.library.latest_verdict(second.id)
        assert turned is not None
        assert kept is not None
        assert (turned.decision, kept.decision) == ("retake", "approve")
        assert "black" in turned.reason or "empty" in turned.reason
        assert (first.seed, second.seed) == (0, 1)


def test_a_panel_the_artist_left_bare_is_no_fault(shop: Workshop) -> None:
    assert isinstance(shop.source, Path)
    page = png.read(shop.source / "001.png")
    page[443:577, 23:377] = 255
    (shop.source / "001.png").write_bytes(png.encode(page))
    state = end_of(shop, {})
    assert not state["fallbacks"]
    assert not state["lost"]
