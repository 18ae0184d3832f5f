"""Test what the critic is asked about a shot: an image of each take, measures, lettering, and the allowed changes."""

from __future__ import annotations

import pytest

from agents.editing import Lock, revise, shot_status
from agents.editing.selectors import ShotSelector
from agents.graph import run_graph
from agents.review import contact_sheet
from agents.review.best_of import CandidateSet, TakeCandidate
from agents.run_context import RunContext
from storage.domain import VideoFormat
from tools import png

pytestmark = pytest.mark.film


def test_a_question_holds_the_takes_beside_the_page_their_measures_and_what_was_said_before(
    context: RunContext,
) -> None:
    assert context.corrections
    context.corrections = context.corrections.model_copy(update={"pages": context.corrections.pages[:1]})
    context.settings = context.settings.model_copy(
        update={"pages": "1", "screen": VideoFormat(width=160, height=90, fps=6)}
    )
    context.library.set_settings(context.settings)
    run_graph(context, {})
    revise.revise(context.library, [Lock(which=ShotSelector.of("s002"))])
    cases = []
    for item in shot_status.shot_statuses(context.library):
        assert item.take
        context.library.add_verdict(item.take.id, "retake", "her hand melts", {}, author="critic")
        cases.append(CandidateSet((TakeCandidate(item.shot, item.take, {"frames": 12, "drift": 0.12345}),) * 2))
    first, second, *_ = contact_sheet.critic_questions(context, cases)
    said = first.prompt.text
    assert '{"take": 2, "seed": 0, "drift": 0.123}' in said
    assert 'frames"' not in said
    assert '"reason": "her hand melts"' in said
    assert "hello there" in said
    assert "For a retake you may change" in said
    assert second.allowed.refusal == "it is locked"
    assert len(first.pictures) == 2, "one a take"
    laid = [png.read_png(context.library.artifacts.open(picture)) for picture in first.pictures]
    assert all(one.shape[0] > 3 * 90 and one.shape[1] > 2 * 160 for one in laid), "three moments, each beside the page"
    before = context.library.last_event()
    assert contact_sheet.critic_questions(context, cases)[0] == first
    assert not context.library.events(before, {"made"}), "it is laid out once"
