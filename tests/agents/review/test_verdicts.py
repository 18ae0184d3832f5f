"""Test that verdicts follow a changed bound at once and everywhere, because they are computed and never stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents import run
from agents.editing import SetGenerated, revise, revision_report, shot_status
from agents.editing.selectors import ShotSelector
from agents.graph import run_graph
from agents.review.verdicts import judge_measures, judge_take
from agents.run_context import RunContext
from main import main
from storage.library import Library
from storage.settings import Backends, Settings
from tests.agents.review.test_fidelity import moving, one_page
from tests.conftest import SMALL, transcript_of

pytestmark = pytest.mark.film


DRAWN = {"generated": 0.5, "inpainted": 0.0, "drift": 0.2, "last": 0.1, "worst": 0.1, "flicker": 0.0}


def take_numbers(library: Library) -> dict[str, int | None]:
    return {item.shot.id: item.take.number if item.take else None for item in shot_status.shot_statuses(library)}


def cut_numbers(library: Library) -> dict[str, int | None]:
    cut = library.cut()
    assert cut
    takes = {take.id: take for plan in library.shots() for take in library.takes(plan.id)}
    return {takes[chosen].shot: takes[chosen].number for chosen in cut.takes}


def set_bounds(context: RunContext, **bounds: float) -> None:
    context.settings = context.settings.model_copy(update=bounds)
    context.library.set_settings(context.settings)


def test_the_same_numbers_are_judged_by_the_bounds_that_are_given() -> None:
    assert judge_measures(DRAWN, max_generated=1.0, max_drift=0.6).decision == "approve"
    turned_down = judge_measures(DRAWN, max_generated=0.3, max_drift=0.1)
    assert [fault.kind for fault in turned_down.faults] == ["generated", "drift"]
    assert turned_down.is_beyond_reseeding
    assert not judge_measures(DRAWN, max_generated=0.4, max_drift=0.6).is_beyond_reseeding
    assert judge_measures({**DRAWN, "jump": 99.0}, max_generated=1.0, max_drift=1.0).faults[0].kind == "jump"


@pytest.mark.parametrize("bound", ["max_drift", "max_generated"])
def test_a_changed_bound_leaves_film_and_status_of_one_mind(context: RunContext, bound: str) -> None:
    low, high = {"max_drift": (0.0, 1.0), "max_generated": (0.1, 1.0)}[bound]
    animator = "Noise" if bound == "max_generated" else "Drifting"
    one_page(context, moving(context, animator, max_retakes=1, max_drift=1.0))
    set_bounds(context, **{bound: low})
    run_graph(context, {})
    without_model = cut_numbers(context.library)
    assert set(without_model.values()) == {2}, "the first take of each broke the bound"
    assert take_numbers(context.library) == without_model
    set_bounds(context, **{bound: high})
    assert set(take_numbers(context.library).values()) == {1}, "it is known before anything is filmed again"
    run_graph(context, {})
    assert set(cut_numbers(context.library).values()) == {1}
    assert take_numbers(context.library) == cut_numbers(context.library)
    set_bounds(context, **{bound: low})
    assert take_numbers(context.library) == without_model
    assert not revision_report.report_revision(context.library, (), (), ()).stale, "what is to stand was filmed before"


def test_a_verdict_that_changed_is_added_to_the_history_once(context: RunContext) -> None:
    one_page(context, moving(context, "Drifting", max_retakes=1))
    for bound in (0.0, 0.0, 1.0, 1.0):
        set_bounds(context, max_drift=bound)
        run_graph(context, {})
    plan = context.library.shots()[0]
    take = context.library.takes(plan.id)[0]
    assert [row.decision for row in context.library.verdicts(take.id)] == ["retake", "approve"]
    set_bounds(context, max_drift=0.0)
    verdict = judge_take(context, plan, take)
    assert verdict
    assert [fault.kind for fault in verdict.faults] == ["drift"]


def test_the_bound_of_a_shot_says_what_is_to_be_filmed(context: RunContext) -> None:
    one_page(context, moving(context, "Swaying", max_generated=1.0))
    run_graph(context, {})
    told = revise.revise(context.library, [SetGenerated(which=ShotSelector.of("s001"), share=0.02)])
    assert told.stale == ("s001",)
    assert take_numbers(context.library)["s001"] is None


def test_what_failed_under_other_settings_says_nothing_of_these(context: RunContext) -> None:
    one_page(context, moving(context, "Refusing"))
    state = run_graph(context, {})
    assert take_numbers(context.library) == cut_numbers(context.library)
    assert {row.stage for row in context.library.failures()} == {"animate"}
    assert set(state["stills"]) == {row.shot for row in context.library.failures()}
    set_bounds(context, **{"backends": Backends(animate="tests.outside.Drifting")})  # type: ignore[arg-type]
    assert set(take_numbers(context.library).values()) == {None}, "the other model was not asked yet"
    run_graph(context, {})
    assert take_numbers(context.library) == cut_numbers(context.library)


def test_all_commands_say_the_same_after_a_bound_changed(
    filmed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = filmed / "chapter.komadori"
    drawn = Settings(screen=SMALL, preset="ultrafast", crf=30, pages="1", max_retakes=1)
    drawn = drawn.model_copy(update={"backends": Backends(animate="tests.outside.Drifting"), "max_drift": 0.0})
    run.animate(project, drawn, run.RunOptions(filmed / "chapter", corrections=transcript_of(1)))
    with Library.open(project) as library:
        library.set_settings(drawn.model_copy(update={"max_drift": 1.0}))
        standing = take_numbers(library)
        chosen = {name: library.takes(name)[number - 1] for name, number in standing.items() if number}
    assert {take.backend for take in chosen.values()} == {"tests.outside.Drifting"}
    assert main(["show", "shots", str(project)]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("s0")]
    assert len(rows) == len(chosen)
    assert all(f"take {chosen[row.split()[0]].number}" in row for row in rows)
    assert main(["export", str(project), "json", "-o", str(tmp_path / "told")]) == 0
    exported = json.loads((tmp_path / "told" / "storyboard.json").read_text())["shots"]
    assert {shot["id"]: shot["take"] for shot in exported} == standing
    capsys.readouterr()
    assert main(["takes", str(project), "1"]) == 0
    assert "retake" not in capsys.readouterr().out
