"""Test best-of-N: the measures or the critic choose one of several takes with different seeds, and choose once."""

from __future__ import annotations

import pytest

from agents.editing import ChooseTake, Lock, SetSeconds, revise, undo
from agents.editing.selectors import ShotSelector
from agents.graph import run_graph
from agents.run_context import RunContext
from agents.shots import shots_to_film, with_candidates
from storage.settings import Backends
from tests.agents.review.test_critic import about, film, moving, notes, says
from tests.loopback import Asked, always
from tools.measuring import fidelity

pytestmark = pytest.mark.film


def seeds(context: RunContext) -> list[int]:
    return [plan.seed for plan in context.library.shots()]


def shown(context: RunContext) -> list[int]:
    cut = context.library.cut()
    assert cut
    takes = {take.id: take for plan in context.library.shots() for take in context.library.takes(plan.id)}
    return [takes[number].seed for number in cut.takes]


def one_page(context: RunContext, name: str, **changes: object) -> None:
    assert context.corrections
    context.corrections = context.corrections.model_copy(update={"pages": context.corrections.pages[:1]})
    wished = {"pages": "1", "backends": Backends(animate=f"tests.outside.{name}"), **changes}
    context.settings = context.settings.model_copy(update=wished)
    context.library.set_settings(context.settings)


def test_the_take_nearest_to_its_panel_is_shown_and_the_others_stay(context: RunContext) -> None:
    one_page(context, "Listening", best_of=3, max_drift=1.0)
    run_graph(context, {})
    plans = context.library.shots()
    for plan in plans:
        takes = context.library.takes(plan.id)
        assert [take.seed for take in takes] == [0, 1, 2]
        far = [fidelity.fidelity_distance(context.library.verdicts(take.id)[0].measures) for take in takes]
        assert plan.seed == far.index(min(far))
        said = [verdict.reason for take in takes if (verdict := context.library.latest_verdict(take.id))]
        assert said.count("the best of 3 by its measures") == 1
        assert sum("is the best of 3" in reason for reason in said) == 2
    assert any(seeds(context)), "or nothing was to be chosen"
    assert shown(context) == seeds(context)
    head = context.library.head()
    assert head
    assert (head.author, head.message.split(":")[0]) == ("critic", "the best of 3 takes")
    before = context.library.last_event()
    run_graph(context, {})
    assert context.library.head() == head, "the choice is made once"
    assert not [event for event in context.library.events(before, {"made"})]
    undo.undo(context.library)
    run_graph(context, {})
    assert shown(context) == [0] * len(plans), "who undoes it has the plan as it was"
    revise.revise(context.library, [ChooseTake(which=ShotSelector.of("s002"), take=3)])
    run_graph(context, {})
    assert shown(context)[1] == 2


def test_what_a_person_changed_or_locked_is_made_once(context: RunContext) -> None:
    one_page(context, "Listening", best_of=3)
    run_graph(context, {"approve": True})
    revise.revise(
        context.library, [Lock(which=ShotSelector.of("s001")), SetSeconds(which=ShotSelector.of("s002"), seconds=4)]
    )
    assert [len(group) for group in with_candidates(context, shots_to_film(context, {}))] == [1, 1, 3, 3]
    context.settings = context.settings.model_copy(update={"backends": Backends()})
    assert all(len(group) == 1 for group in with_candidates(context, shots_to_film(context, {}))), (
        "nothing is left to chance"
    )


def test_a_take_with_a_fault_is_no_choice_and_the_ladder_stands_where_all_have_one(context: RunContext) -> None:
    one_page(context, "Black", best_of=2)
    state = run_graph(context, {})
    assert not state["stills"]
    assert seeds(context) == [1] * len(seeds(context)), "all seeds but that one give black"
    one_page(context, "Noise", best_of=2, max_retakes=2)
    state = run_graph(context, {})
    assert set(state["stills"]) == {plan.id for plan in context.library.shots()}
    assert all(shot.plan.render_options.animate.backend is None for shot in shots_to_film(context, {}))


def test_the_critic_chooses_in_one_question_and_may_still_want_another(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    wished = {**moving(context), "best_of": 3}
    script = about("2", says("retake", take=3, prompt="snow falls"), says(take=99))
    _, there, _ = film(context, monkeypatch, script, **wished)
    plans = context.library.shots()
    assert len(there.asked) == len(plans) + 1, "one question for three takes, and one for the three of the retake"
    for asked in there.asked:
        assert [row["take"] for row in asked.data() if "drift" in row] == [1, 2, 3]
        far = [fidelity.fidelity_distance(row) for row in asked.data() if "drift" in row]
        assert far == sorted(far), "the best by its measures stands first"
        assert len(asked.pictures) == 3, "one a take"
        assert all(picture.shape[0] > 3 * 90 for picture in asked.pictures)
    takes = context.library.takes("s002")
    assert [len(context.library.takes(plan.id)) for plan in plans] == [3, 6, 3, 3]
    told = [[row["seed"] for row in asked.data() if "drift" in row] for asked in there.asked if said_of(asked, "2")]
    wanted = next(take for take in takes if take.seed == told[0][2])
    verdict = context.library.latest_verdict(wanted.id)
    assert verdict
    assert (verdict.author, verdict.decision, verdict.reason) == ("critic", "retake", "the hand melts")
    assert (plans[1].prompt, plans[1].seed) == ("snow falls", told[1][0]), "no such take: the best by its measures"
    others = [context.library.latest_verdict(take.id) for take in takes[:3] if take.id != wanted.id]
    assert all(other and other.author == "critic" and "is the best of 3" in other.reason for other in others)
    assert film(context, monkeypatch, script, **wished)[1].asked == []


def said_of(asked: Asked, shot: str) -> bool:
    return any(row.get("shot") == shot for row in asked.data())


def test_where_the_critic_may_not_be_paid_it_is_said_that_the_measures_choose(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    wished = {**moving(context), "best_of": 2}
    _, there, said = film(context, monkeypatch, always(says()), max_tokens=100, **wished)
    assert len(there.asked) == 0
    assert "the critic was not heard: the measures choose among the takes of s001" in notes(said)
