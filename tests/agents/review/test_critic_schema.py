"""Test which changes the critic may make, in words and as edits."""

from __future__ import annotations

from typing import get_args

import pytest

from agents.graph import run_graph
from agents.review import critic_schema
from agents.review.critic_schema import AllowedChanges, Judgement
from agents.run_context import RunContext
from agents.shots import ShotToFilm, shots_to_film
from storage.settings import Backends


@pytest.fixture
def drawn(context: RunContext) -> tuple[RunContext, ShotToFilm]:
    """A planned shot that a model is to move, in a film that knows one more animator and one that is not there."""
    options: dict[str, dict[str, str]] = {
        "animate.tests.outside.Noise": {},
        "animate.nobody": {},
        "outpaint.extend": {},
    }
    context.settings = context.settings.model_copy(
        update={"backends": Backends(animate="tests.outside.Drifting"), "options": options}
    )
    context.library.set_settings(context.settings)
    run_graph(context, {"approve": True})
    return context, next(shots_to_film(context, {}))


def test_a_film_may_use_its_own_backend_those_it_speaks_of_and_the_default(
    drawn: tuple[RunContext, ShotToFilm],
) -> None:
    context, shot = drawn
    room = critic_schema.allowed_changes(context, shot, protected_shots=(), retakes=0)
    assert room.animate == ("tests.outside.Drifting", "tests.outside.Noise", "still")
    assert room.outpaint == ("extend",)
    assert room.is_generated
    assert room.ground
    for refused in (dict(protected_shots=(shot.id,), retakes=0), dict(protected_shots=(), retakes=2)):
        assert critic_schema.allowed_changes(context, shot, **refused).refusal  # type: ignore[arg-type]


def test_what_is_said_becomes_edits_and_what_is_so_already_does_not(drawn: tuple[RunContext, ShotToFilm]) -> None:
    context, shot = drawn
    room = critic_schema.allowed_changes(context, shot, protected_shots=(), retakes=0)

    def edits(**said: object) -> list[str]:
        wanted = Judgement.model_validate({"decision": "retake", **said})
        return [
            f"{edit.do} {list(edit.model_dump().values())[-1]}"
            for edit in critic_schema.edits_of_judgement(context, shot, wanted, room, 7)
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
    assert (
        critic_schema.edits_of_judgement(context, shot, Judgement(decision="retake"), AllowedChanges(refusal="no"), 7)
        == []
    )


def test_words_of_a_model_are_cut_and_stand_in_one_line() -> None:
    assert critic_schema.one_line("a\n\x00b\u202e  c", 9) == "a b c"
    assert critic_schema.one_line("x" * 50, 10) == "x" * 9 + "…"


def test_words_for_a_shot_that_is_only_painted_are_the_painter_s(drawn: tuple[RunContext, ShotToFilm]) -> None:
    context, shot = drawn
    context.settings = context.settings.model_copy(update={"backends": Backends(outpaint="tests.outside.Painting")})
    painted = shot.plan.render_options.outpaint.model_copy(update={"prompt": "the street goes on"})
    options = shot.plan.render_options.model_copy(update={"outpaint": painted})
    (own,) = shots_to_film(context, {}, [shot.plan.model_copy(update={"render_options": options})])
    room = critic_schema.allowed_changes(context, own, protected_shots=(), retakes=0)
    (edit,) = critic_schema.edits_of_judgement(
        context, own, Judgement(decision="retake", prompt="a quiet street"), room, 7
    )
    assert edit.model_dump() == {"do": "painted", "which": edit.model_dump()["which"], "prompt": "a quiet street"}


def test_the_critic_is_told_every_ground_that_its_answer_may_name() -> None:
    told = AllowedChanges(ground=True).describe()
    assert all(ground in told for ground in get_args(Judgement.model_fields["ground"].annotation))
