"""Whose a shot is: what a person has changed is theirs, what the film was told as a whole is not."""

from __future__ import annotations

from agents.edits import SetAspect, SetPrompt, SetSeconds, SetStyle
from agents.edits.which import ShotSelector
from agents.graph import follow
from agents.reviewing import retakes
from agents.revising import owners, revise, steps
from agents.workshop import Workshop


def test_a_shot_that_a_person_changed_is_theirs(shop: Workshop) -> None:
    follow(shop, {"approve": True})
    assert owners.owned(shop.library) == frozenset()
    revise.revise(shop.library, [SetStyle(style="calm")])
    revise.revise(shop.library, [SetAspect(aspect="1:1")], author="script")
    assert retakes.revised(shop.library, [SetPrompt(which=ShotSelector.of("s003"), prompt="rain")], "it rains there")
    assert owners.owned(shop.library) == frozenset()
    revise.revise(shop.library, [SetSeconds(which=ShotSelector.of("s002"), seconds=6)], author="chat")
    assert owners.owned(shop.library) == {"s002"}
    steps.undo(shop.library)
    assert owners.owned(shop.library) == frozenset()
