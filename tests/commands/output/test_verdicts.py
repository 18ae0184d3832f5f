"""Test the description of a verdict: the newest opinion, and whose it is."""

from __future__ import annotations

from pathlib import Path

import pytest

import main
from agents.editing import shot_status
from commands.output.verdicts import verdict_of
from storage.library import Library


def test_the_critic_is_named_and_a_reason_is_never_markup(filmed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = filmed / "chapter.komadori"
    with Library.open(project) as library:
        take = library.takes("s002")[0]
        context, plan = shot_status.read_only_context(library), library.shot("s002")
        assert verdict_of(context, plan, take) == "approve"
        library.add_verdict(take.id, "ask", "whose [/bold] hand is [red]this", {}, author="critic")
        assert verdict_of(context, plan, take) == "ask (critic): whose [/bold] hand is [red]this"
        assert all(item.take for item in shot_status.shot_statuses(library)), "it stands until somebody decides"
    for words in (["show", "shot", str(project), "2"], ["show", "takes", str(project)], ["takes", str(project), "2"]):
        assert main.main(words) == 0
        said = " ".join(capsys.readouterr().out.split())
        assert "ask (critic): whose [/bold] hand is [red]this" in said
