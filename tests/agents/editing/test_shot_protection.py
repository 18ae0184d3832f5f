"""Test that shots which a person changed are protected, and that edits of the whole film protect none."""

from __future__ import annotations

from agents.editing import SetAspect, SetPrompt, SetSeconds, SetStyle, revise, shot_protection, undo
from agents.editing.selectors import ShotSelector
from agents.graph import run_graph
from agents.review import retakes
from agents.run_context import RunContext


def test_a_shot_that_a_person_changed_is_theirs(context: RunContext) -> None:
    run_graph(context, {"approve": True})
    assert shot_protection.protected_shots(context.library) == frozenset()
    revise.revise(context.library, [SetStyle(style="calm")])
    revise.revise(context.library, [SetAspect(aspect="1:1")], author="script")
    assert retakes.apply_critic_edits(
        context.library, [SetPrompt(which=ShotSelector.of("s003"), prompt="rain")], "it rains there"
    )
    assert shot_protection.protected_shots(context.library) == frozenset()
    revise.revise(context.library, [SetSeconds(which=ShotSelector.of("s002"), seconds=6)], author="chat")
    assert shot_protection.protected_shots(context.library) == {"s002"}
    undo.undo(context.library)
    assert shot_protection.protected_shots(context.library) == frozenset()
