"""Test that the state of a run survives a checkpoint unchanged."""

from __future__ import annotations

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agents.state import StageFailure, State, failure_message


def test_a_failure_survives_a_checkpoint_and_says_its_reason() -> None:
    failure: StageFailure = {"stage": "animate", "reason": "RuntimeError: too large: 9 frames"}
    state: State = {"failures": {"s001": failure}, "attempts": {"s001": 1}}
    serializer = JsonPlusSerializer()
    assert serializer.loads_typed(serializer.dumps_typed(state)) == state
    assert failure["stage"] in failure_message(failure)
    assert failure["reason"] in failure_message(failure)
    assert failure_message({"stage": "review", "reason": "it is empty"}) == "it is empty"
