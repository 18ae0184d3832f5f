"""What the critic may change: a closed room, in words and in edits."""

from __future__ import annotations

import pytest

from agents.graph import follow
from agents.reviewing import judgement
from agents.reviewing.judgement import Judgement, Room
from agents.shots import Shot, in_force
from agents.workshop import Workshop
from storage.settings import Backends


@pytest.fixture
def drawn(shop: Workshop) -> tuple[Workshop, Shot]:
    """A planned shot that a model is to move, in a film that knows one more animator and one that is not there."""
    options: dict[str, dict[str, str]] = {
        "animate.tests.outside.Noise": {},
        "animate.nobody": {},
        "outpaint.extend": {},
    }
    shop.settings = shop.settings.model_copy(
        update={"backends": Backends(animate="tests.outside.Drifting"), "options": options}
    )
    shop.library.set_settings(shop.settings)
    follow(shop, {"approve": True})
    return shop, next(in_force(shop, {}))


def test_a_film_may_use_its_own_backend_those_it_speaks_of_and_the_default(drawn: tuple[Workshop, Shot]) -> None:
    shop, shot = drawn
    room = judgement.room(shop, shot, owned=(), retakes=0)
    assert room.animate == ("tests.outside.Drifting", "tests.outside.Noise", "still")
    assert room.outpaint == ("extend",)
    assert room.drawn
    assert room.ground
    for refused in (dict(owned=(shot.id,), retakes=0), dict(owned=(), retakes=2)):
        assert judgement.room(shop, shot, **refused).refusal  # type: ignore[arg-type]


def test_what_is_said_becomes_edits_and_what_is_so_already_does_not(drawn: tuple[Workshop, Shot]) -> None:
    shop, shot = drawn
    room = judgement.room(shop, shot, owned=(), retakes=0)

    def edits(**said: object) -> list[str]:
        wanted = Judgement.model_validate({"decision": "retake", **said})
        return [
            f"{edit.do} {list(edit.model_dump().values())[-1]}" for edit in judgement.edits(shop, shot, wanted, room, 7)
        ]

    assert edits() == ["seed 7"]
    assert edits(prompt="  rain\tfalls ") == ["prompt rain falls"]
    assert edits(prompt=shot.plan.prompt) == ["seed 7"]
    assert edits(animate="still") == ["backend still"]
    assert edits(animate="tests.outside.Drifting", outpaint="nobody") == ["seed 7"]
    assert edits(ground="blur", clean="frame and slivers", another_seed=True) == ["ground blur", "seed 7"]
    assert edits(ink="on") == ["lines True"]
    assert edits(ink="off") == ["seed 7"]
    assert edits(clean="nothing") == ["clean ()"]
    assert judgement.edits(shop, shot, Judgement(decision="retake"), Room(refusal="no"), 7) == []


def test_words_of_a_model_are_cut_and_stand_in_one_line() -> None:
    assert judgement.one_line("a\n\x00b\u202e  c", 9) == "a b c"
    assert judgement.one_line("x" * 50, 10) == "x" * 9 + "…"


def test_words_for_a_shot_that_is_only_painted_are_the_painter_s(drawn: tuple[Workshop, Shot]) -> None:
    shop, shot = drawn
    shop.settings = shop.settings.model_copy(update={"backends": Backends(outpaint="tests.outside.Painting")})
    painted = shot.plan.treatment.outpaint.model_copy(update={"prompt": "the street goes on"})
    treatment = shot.plan.treatment.model_copy(update={"outpaint": painted})
    (own,) = in_force(shop, {}, [shot.plan.model_copy(update={"treatment": treatment})])
    room = judgement.room(shop, own, owned=(), retakes=0)
    (edit,) = judgement.edits(shop, own, Judgement(decision="retake", prompt="a quiet street"), room, 7)
    assert edit.model_dump() == {"do": "painted", "which": edit.model_dump()["which"], "prompt": "a quiet street"}
