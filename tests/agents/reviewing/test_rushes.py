"""What the critic is asked of a shot: a picture of each take, measures and lettering as data, what it may change."""

from __future__ import annotations

from agents.edits import Lock
from agents.edits.which import ShotSelector
from agents.graph import follow
from agents.reviewing import rushes
from agents.reviewing.rivals import Case, Tried
from agents.revising import board, revise
from agents.workshop import Workshop
from storage.shapes import Screen
from tools import png


def test_a_question_holds_the_takes_beside_the_page_their_measures_and_what_was_said_before(shop: Workshop) -> None:
    assert shop.corrections
    shop.corrections = shop.corrections.model_copy(update={"pages": shop.corrections.pages[:1]})
    shop.settings = shop.settings.model_copy(update={"pages": "1", "screen": Screen(width=160, height=90, fps=6)})
    shop.library.set_settings(shop.settings)
    follow(shop, {})
    revise.revise(shop.library, [Lock(which=ShotSelector.of("s002"))])
    cases = []
    for item in board.standing(shop.library):
        assert item.take
        shop.library.add_verdict(item.take.id, "retake", "her hand melts", {}, author="critic")
        cases.append(Case((Tried(item.shot, item.take, {"frames": 12, "drift": 0.12345}),) * 2))
    first, second, *_ = rushes.questions(shop, cases)
    said = first.prompt.text
    assert '{"take": 2, "seed": 0, "drift": 0.123}' in said
    assert 'frames"' not in said
    assert '"reason": "her hand melts"' in said
    assert "hello there" in said
    assert "For a retake you may change" in said
    assert second.room.refusal == "it is locked"
    assert len(first.pictures) == 2, "one a take"
    laid = [png.read(shop.library.artifacts.open(picture)) for picture in first.pictures]
    assert all(one.shape[0] > 3 * 90 and one.shape[1] > 2 * 160 for one in laid), "three moments, each beside the page"
    before = shop.library.last_event()
    assert rushes.questions(shop, cases)[0] == first
    assert not shop.library.events(before, {"made"}), "it is laid out once"
