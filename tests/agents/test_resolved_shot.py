"""Test that each shot is resolved once a round, with few look-ups, and never goes stale within the round."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.event import listen, remove

from agents.graph import run_graph
from agents.resolved_shot import Round, StepResult, begin_round, current_round, failed_shots, make_steps
from agents.run_context import RunContext
from agents.shots import shots_to_film
from agents.stages import animate, cast, clean, composite, ingest, outpaint, read, storyboard
from storage.artifacts import Artifacts
from storage.domain import Made
from storage.keys import content_key

pytestmark = pytest.mark.film


SHOTS = 8


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """How many content keys are worked out in the block, and how many look-ups in the library it takes."""
    counts, code = Counter[str](), content_key.__code__

    def called(frame: FrameType, event: str, argument: object) -> None:
        counts["keys"] += event == "call" and frame.f_code is code

    def asked(connection: object, cursor: object, statement: str, *rest: object) -> None:
        counts["look-ups"] += statement == "BEGIN"  # who writes begins with BEGIN IMMEDIATE

    before = sys.getprofile()
    listen(Engine, "before_cursor_execute", asked)
    sys.setprofile(called)
    try:
        yield counts
    finally:
        sys.setprofile(before)
        remove(Engine, "before_cursor_execute", asked)


@pytest.fixture
def planned(context: RunContext) -> RunContext:
    for stage in (ingest, read, cast, storyboard):
        stage.run(context, {})
    return context


def test_a_second_run_with_nothing_to_do_works_each_shot_out_once(context: RunContext) -> None:
    run_graph(context, {})
    assert len(context.library.shots()) == SHOTS
    last = context.library.last_event()
    with counted() as counts:
        run_graph(context, {})
    assert not context.library.events(last, {"made"})
    assert counts["keys"] <= 8 * SHOTS
    assert counts["look-ups"] <= 4 * SHOTS


def test_all_shots_are_looked_up_at_once(context: RunContext) -> None:
    run_graph(context, {})
    shots = list(shots_to_film(context, {}))
    counts = []
    for some in (shots[:1], shots):
        with counted() as count:
            resolved = composite.resolve_shots(context, some)
        assert all(one.take and one.segment and one.take.key == one.key for one in resolved)
        counts.append(count["look-ups"])
    assert counts[0] == counts[1] <= 6


def test_what_is_made_is_known_to_the_stages_after_it(planned: RunContext) -> None:
    clean.run(planned, {})
    under_way = current_round(planned, {})
    assert all(resolved.complete("cutouts") and resolved.jobs("plates") is None for resolved in under_way.shots)
    outpaint.run(planned, {})
    with counted() as counts:
        animate.run(planned, {})
    assert counts["keys"] == SHOTS, "cutouts and plates are not worked out again"
    assert all(resolved.motions and resolved.segment is None for resolved in under_way.shots)


def test_a_stage_alone_finds_what_stands_before_it(planned: RunContext) -> None:
    for stage in (clean, outpaint, animate):
        stage.run(planned, {})
    planned.round = None
    assert composite.run(planned, {}) == {"failures": {}}
    assert all(resolved.take for resolved in current_round(planned, {}).shots)


def test_a_step_that_is_made_anew_forgets_the_steps_after_it(planned: RunContext) -> None:
    (resolved, *_) = begin_round(planned, {}).shots
    composite.resolve_segments(planned, [resolved])
    assert resolved.steps["plates"].jobs is None, "there are no cutouts yet"
    clean.make_cutouts(planned, [resolved])
    assert "plates" not in resolved.steps
    composite.resolve_segments(planned, [resolved])
    jobs = resolved.jobs("plates")
    assert jobs
    assert (resolved.plates, resolved.segment, resolved.key) == (None, None, "")


def test_a_round_holds_for_its_plan_its_settings_and_its_attempts(planned: RunContext) -> None:
    first = begin_round(planned, {})
    name = first.shots[0].shot.id
    assert current_round(planned, {}).groups == first.groups
    assert [group[0].shot.id for group in current_round(planned, {"not_filmed": {name: "why"}}).groups] == [
        group[0].shot.id for group in first.groups[1:]
    ]
    again = current_round(planned, {"attempts": {name: 1}})
    assert again.shots[0].shot.fallback
    planned.settings = planned.settings.model_copy(update={"crf": 31})
    coarser = current_round(planned, {"attempts": {name: 1}})
    assert coarser.settings.crf == 31
    longer = [plan.model_copy(update={"seconds": plan.seconds + 1}) for plan in planned.library.shots()]
    planned.library.add_revision(longer, key="longer", author="hand", message="longer")
    assert current_round(planned, {}).shots[0].shot.plan.seconds == longer[0].seconds
    assert isinstance(planned.round, Round)


def test_a_shot_is_broken_where_all_its_rivals_failed(planned: RunContext) -> None:
    group = begin_round(planned, {}).shots[:2]
    clean.resolve_cutouts(planned, group)
    (job,) = group[0].jobs("cutouts") or ()
    good, bad = StepResult((job,), (None,)), StepResult((job,), (None,), "it tore")
    group[0].store("cutouts", bad)
    group[1].store("cutouts", good)
    assert failed_shots({}, "clean", [group], "cutouts") == {}
    group[1].store("cutouts", bad)
    assert list(failed_shots({}, "clean", [group], "cutouts")) == [group[0].shot.id]
    group[1].store("cutouts", StepResult())
    assert list(failed_shots({}, "clean", [group], "cutouts")) == [group[0].shot.id], "it was not tried at all"


def test_jobs_that_fail_leave_their_step_incomplete_and_say_why(planned: RunContext, unshared: None) -> None:
    (resolved, *_) = begin_round(planned, {}).shots
    jobs = [replace(job, make=tear) for job in clean.jobs(planned, resolved)]
    make_steps(planned, "clean", [(resolved, "cutouts", jobs)])
    step = resolved.steps["cutouts"]
    assert step.jobs == tuple(jobs)
    assert step.failure
    assert (step.made, step.complete) == ((None,) * len(jobs), None)


def tear(artifacts: Artifacts, **arguments: object) -> Made:
    """A job that fails."""
    raise ValueError("it tore")
