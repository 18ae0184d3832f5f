"""Test that Ctrl-C ends only the current work, and that another signal ends the program."""

from __future__ import annotations

import signal

import pytest

from commands.output.interrupt import StoppedError, interruptible
from main import prepare_process


def test_a_person_at_a_terminal_stops_what_is_done_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(StoppedError), interruptible():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_who_ends_the_program_ends_more_than_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        prepare_process()
        with pytest.raises(KeyboardInterrupt), interruptible():
            signal.raise_signal(signal.SIGTERM)
    finally:
        for name, what in before.items():
            signal.signal(name, what)


def test_in_a_script_ctrl_c_ends_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(signal.SIGINT)
