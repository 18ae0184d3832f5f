"""Test that every kind of fault has a message with its numbers."""

from __future__ import annotations

from typing import get_args

from tools.measuring.faults import FaultKind, TakeFault


def test_every_kind_of_fault_has_a_message_of_its_own() -> None:
    kinds: tuple[FaultKind, ...] = get_args(FaultKind)
    messages = {TakeFault(kind, 0.75, 0.25).message() for kind in kinds}
    assert len(messages) == len(kinds)
    assert all(messages)
