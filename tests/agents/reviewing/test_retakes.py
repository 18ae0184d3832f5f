"""What the critic changes: one revision of its own, found again, done anew, and never over a person's."""

from __future__ import annotations

import pytest

from agents.edits import Lock, SetGround, SetPrompt, SetSeconds, SetSeed
from agents.edits.which import ShotSelector
from agents.graph import follow
from agents.reviewing import retakes
from agents.revising import revise, steps
from agents.workshop import Workshop
from storage.errors import KomadoriError


@pytest.fixture
def planned(shop: Workshop) -> Workshop:
    follow(shop, {"approve": True})
    return shop


def test_a_retake_is_a_revision_that_can_be_found_until_it_is_undone(planned: Workshop) -> None:
    library = planned.library
    assert retakes.revised(
        library,
        [SetPrompt(which=ShotSelector.of("s003"), prompt="rain"), SetSeed(which=ShotSelector.of("s003"), seed=4)],
        "dry",
    )
    assert retakes.revised(library, [SetSeed(which=ShotSelector.of("s001"), seed=2)], "chosen", kind="best_of")
    assert not retakes.revised(library, [SetPrompt(which=ShotSelector.of("s003"), prompt="rain")], "it is so already")
    (one,) = retakes.in_force(library)["s003"]
    assert (one.author, one.kind, one.message) == ("critic", "retake", "dry")
    assert list(retakes.in_force(library)) == ["s003"], "a choice sends nothing round"
    steps.undo(library, 2)
    assert retakes.in_force(library) == {}


def test_a_locked_shot_is_refused(planned: Workshop) -> None:
    revise.revise(planned.library, [Lock(which=ShotSelector.of("s002"))])
    with pytest.raises(KomadoriError):
        retakes.revised(planned.library, [SetGround(which=ShotSelector.of("s002"), fill="paper")], "bare")


def test_what_it_changed_is_done_anew_but_for_shots_that_are_people_s_now(planned: Workshop) -> None:
    library = planned.library
    start = library.head()
    assert start
    for shot in ("s002", "s003", "s004"):
        retakes.revised(library, [SetGround(which=ShotSelector.of(shot), fill="paper")], "bare")
    line = library.line()
    library.move_head(start.number)
    revise.revise(library, [SetSeconds(which=ShotSelector.of("s002"), seconds=6), Lock(which=ShotSelector.of("s003"))])
    retakes.again(library, line)
    again = library.line()[-1]
    assert (again.kind, again.origin) == ("retake", line[-1].number)
    fills = {plan.id: plan.treatment.outpaint.fill for plan in library.shots()}
    assert [fills[name] for name in ("s002", "s003", "s004")] == ["auto", "auto", "paper"]
