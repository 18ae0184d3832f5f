"""Test how a model without vision is told from one that sees, whatever the server does with pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.llm import vision
from agents.llm.client import ChatClient
from agents.llm.model_facts import recall_facts
from agents.llm.prompts import Prompt, fill_prompt
from agents.llm.request import ChatRequest
from agents.llm.structured_output import Answer
from storage.errors import BudgetError, ChatError, QuestionError, VisionMissing
from storage.library import Library
from storage.settings import Settings
from tests.loopback import QUICK, Asked, Loopback, Said, Script, always, in_turn, look_at_discs, serving, text_only

WELL = '{"animal": "bird"}'
QUESTION = Prompt("test", "What is drawn here?", "hash", "storyboard", "Beast")
PICTURE = np.full((30, 20, 3), 200, np.uint8)
DESCRIBED = '{{"discs": {}, "colour": "{}", "ground": "white"}}'
CAREFUL = replace(QUICK, tries=2)


class Beast(Answer):
    animal: str


def ask(there: Loopback, library: Library | None = None, text: str = "What?", max_tokens: int = 10**6) -> Beast:
    chat = ChatClient(there.server(CAREFUL), library, Settings(max_tokens=max_tokens))
    return chat.ask(replace(QUESTION, text=text), [PICTURE], Beast)


def in_formats(status: int) -> Script:
    """A text-only server that knows no schemas either, and refuses both in the same way."""

    def script(asked: Asked, number: int) -> Said:
        if asked.pictures or asked.form == "json_schema":
            return Said("bad request", status=status)
        return look_at_discs(asked, number) if asked.is_probe else Said(WELL)

    return script


REFUSALS = {
    "llama.cpp": always(Said("image input is not supported - hint: you may need the mmproj", status=500)),
    "OpenAI": always(Said("Invalid content type. image_url is only supported by certain models.", status=400)),
    "a router": always(Said("No endpoints found that support image input", status=404)),
    "validation": always(Said("messages.0.content: expected a string", status=422)),
    "media type": always(Said("", status=415)),
    "not implemented": always(Said("", status=501)),
    "an error with status 200": always(Said(raw=b'{"error": {"message": "no image input", "code": 404}}')),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_server_that_refuses_pictures_in_its_own_way_is_asked_in_words_from_then_on(
    name: str, library: Library
) -> None:
    def script(asked: Asked, number: int) -> Said:
        if asked.pictures:
            return REFUSALS[name](asked, number)
        return look_at_discs(asked, number) if asked.is_probe else Said(WELL)

    with serving(script, probe=None) as there:
        with pytest.raises(VisionMissing) as caught:
            ask(there, library)
        assert caught.value.hint
        count = len(there.asked)
        assert all(asked.is_probe for asked in there.asked), "the page itself is never sent"
        facts = recall_facts(library, there.server())
        assert (facts.has_vision, bool(facts.reason)) == (False, True)
        with pytest.raises(VisionMissing):
            ask(there, library, "And here?")
        assert len(there.asked) == count, "it is found once"
        assert ChatClient(there.server(), library).ask(QUESTION, [], Beast).animal == "bird"


@pytest.mark.parametrize("status", [400, 422])
def test_refused_schemas_and_refused_pictures_are_told_apart(status: int, library: Library) -> None:
    with serving(in_formats(status), probe=None) as there:
        with pytest.raises(VisionMissing):
            ask(there, library)
        chat = ChatClient(there.server(), library)
        assert chat.ask(QUESTION, [], Beast).animal == "bird"
        assert chat.form == "json_object"


@pytest.mark.parametrize(
    ("first", "second", "seen"),
    [
        ((5, "green"), None, True),
        ((4, "green"), (3, "yellow"), True),
        ((4, "green"), (4, "yellow"), True),
        ((4, "green"), (5, "yellow"), False),
        ((3, "red"), (3, "red"), False),
        ((0, "none"), (0, "none"), False),
        ((5, "green"), (5, "green"), True),
    ],
)
def test_what_it_says_of_two_pictures_tells_whether_it_sees(
    first: tuple[int, str], second: tuple[int, str] | None, seen: bool
) -> None:
    answers = [DESCRIBED.format(*said) for said in (first, second) if said]
    with serving(always(WELL), probe=in_turn(*answers)) as there:
        assert ChatClient(there.server()).has_vision() is seen
    assert len(there.probes) <= 2


def test_a_guess_that_is_right_by_chance_is_unlikely_to_be_the_common_one() -> None:
    assert {picture.colour for picture in vision.PICTURES} == {"green", "yellow"}
    assert len({len(picture.centers) for picture in vision.PICTURES}) == 2
    answers = [look_at_discs(asked, 0).text for asked in map(as_asked, vision.PICTURES)]
    assert ['"discs": 5, "colour": "green"' in answers[0], '"discs": 3, "colour": "yellow"' in answers[1]] == [True] * 2


def as_asked(picture: vision.ProbePicture) -> Asked:
    """Return the probe's question about a picture as a server gets it."""
    request = ChatRequest.of(fill_prompt(vision.PROMPT), [picture.draw()], vision.ProbeAnswer)
    return Asked("", {"messages": request.messages}, {}, 0.0)


def flaky(*numbers: int, status: int = 500) -> Script:
    """A model that sees, but for a server that fails at these requests."""

    def script(asked: Asked, number: int) -> Said:
        if number in numbers:
            return Said("out of memory", status=status)
        return look_at_discs(asked, number) if asked.is_probe else Said(WELL)

    return script


@pytest.mark.parametrize("failed", [(0,), (0, 2), (0, 1), (0, 2, 4)])
def test_a_server_that_fails_now_and_then_never_makes_its_model_blind(
    failed: tuple[int, ...], library: Library
) -> None:
    with serving(flaky(*failed), probe=None) as there:
        assert ask(there, library).animal == "bird"
        assert recall_facts(library, there.server()).has_vision is not False
    with serving(flaky(), probe=None) as there:
        assert ask(there, library, "And here?").animal == "bird"
        assert recall_facts(library, there.server()).has_vision


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_server_that_fails_at_everything_is_not_blamed_on_the_pictures(status: int, library: Library) -> None:
    with serving(always(Said("no", status=status)), probe=None) as there:
        with pytest.raises(ChatError) as caught:
            ask(there, library)
        assert not isinstance(caught.value, VisionMissing)
        assert caught.value.status == status
        assert recall_facts(library, there.server()).has_vision is None


def test_a_question_that_is_refused_by_a_model_that_sees_is_the_question_s_own_failure(library: Library) -> None:
    with serving(always(Said("image too large", status=400))) as there:
        with pytest.raises(QuestionError):
            ask(there, library)
        assert recall_facts(library, there.server()).has_vision is True
        assert len(there.probes) == 1


def test_a_model_that_lost_its_sight_is_found_out_when_it_refuses(library: Library) -> None:
    eyes = [True]

    def script(asked: Asked, number: int) -> Said:
        return (flaky() if eyes[0] else text_only(flaky()))(asked, number)

    with serving(script, probe=None) as there:
        ask(there, library)
        assert recall_facts(library, there.server()).has_vision
        eyes[0] = False  # the same server, started anew
        with pytest.raises(VisionMissing):
            ask(there, library, "And here?")
        assert recall_facts(library, there.server()).has_vision is False
        assert ask(there, library).animal == "bird", "what it saw before is still known"


def test_the_probe_is_paid_from_the_film_s_budget(library: Library) -> None:
    with serving(always(WELL)) as there:
        with pytest.raises(BudgetError):
            ask(there, library, max_tokens=1000)
        assert (len(there.probes), len(there.asked)) == (0, 0)
    seen = Said(DESCRIBED.format(5, "green"), read=300, written=20)
    with serving(always(WELL), probe=always(seen)) as there:
        ask(there, library)
    events = [(event.stage, event.facts["read"]) for event in library.events(kinds={"asked"})]
    assert events == [("doctor", 300), ("storyboard", 900)]
