"""Test that the critic's changes are one revision, can be found and rebased, and never touch a person's shots."""

from __future__ import annotations

import pytest

from agents.editing import Lock, SetGround, SetPrompt, SetSeconds, SetSeed, revise, undo
from agents.editing.selectors import ShotSelector
from agents.graph import run_graph
from agents.review import retakes
from agents.run_context import RunContext
from storage.errors import KomadoriError


@pytest.fixture
def planned(context: RunContext) -> RunContext:
    run_graph(context, {"approve": True})
    return context


def test_a_retake_is_a_revision_that_can_be_found_until_it_is_undone(planned: RunContext) -> None:
    library = planned.library
    assert retakes.apply_critic_edits(
        library,
        [SetPrompt(which=ShotSelector.of("s003"), prompt="rain"), SetSeed(which=ShotSelector.of("s003"), seed=4)],
        "dry",
    )
    assert retakes.apply_critic_edits(
        library, [SetSeed(which=ShotSelector.of("s001"), seed=2)], "chosen", kind="best_of"
    )
    assert not retakes.apply_critic_edits(
        library, [SetPrompt(which=ShotSelector.of("s003"), prompt="rain")], "it is so already"
    )
    (one,) = retakes.active_retakes(library)["s003"]
    assert (one.author, one.kind, one.message) == ("critic", "retake", "dry")
    assert list(retakes.active_retakes(library)) == ["s003"], "a choice sends nothing round"
    undo.undo(library, 2)
    assert retakes.active_retakes(library) == {}


def test_a_locked_shot_is_refused(planned: RunContext) -> None:
    revise.revise(planned.library, [Lock(which=ShotSelector.of("s002"))])
    with pytest.raises(KomadoriError):
        retakes.apply_critic_edits(planned.library, [SetGround(which=ShotSelector.of("s002"), fill="paper")], "bare")


def test_what_it_changed_is_done_anew_but_for_shots_that_are_people_s_now(planned: RunContext) -> None:
    library = planned.library
    start = library.head()
    assert start
    for shot in ("s002", "s003", "s004"):
        retakes.apply_critic_edits(library, [SetGround(which=ShotSelector.of(shot), fill="paper")], "bare")
    line = library.ancestry()
    library.move_head(start.number)
    revise.revise(library, [SetSeconds(which=ShotSelector.of("s002"), seconds=6), Lock(which=ShotSelector.of("s003"))])
    retakes.rebase_retakes(library, line)
    again = library.ancestry()[-1]
    assert (again.kind, again.origin) == ("retake", line[-1].number)
    fills = {plan.id: plan.render_options.outpaint.fill for plan in library.shots()}
    assert [fills[name] for name in ("s002", "s003", "s004")] == ["page", "page", "paper"]
