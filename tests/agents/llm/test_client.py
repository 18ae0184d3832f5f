"""Test the client over real HTTP: every failure ends in an answer or in an error of two clear lines."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agents.llm.client import ChatClient
from agents.llm.prompts import Prompt
from agents.llm.servers import RetryPolicy, Server
from agents.llm.structured_output import Answer
from storage.errors import AnswerError, BudgetError, ChatError, QuestionError
from storage.library import Library
from storage.settings import Settings
from tests.loopback import QUICK, Loopback, Said, Script, always, in_turn, serving

HOUSE = Path(__file__).parents[3]
WELL = '{"animal": "bird", "legs": 2}'
QUESTION = Prompt("test", "What is drawn here?", "hash", "storyboard", "Animal")
PICTURE = np.full((300, 200, 3), 200, np.uint8)


class Animal(Answer):
    animal: str
    legs: int


def ask(there: Loopback, patience: RetryPolicy = QUICK) -> Animal:
    return ChatClient(there.server(patience)).ask(QUESTION, [], Animal)


def test_an_answer_comes_back_in_its_type_with_the_picture_sent_small_and_numbered(library: Library) -> None:
    with serving(always(WELL)) as there:
        big = np.full((3000, 1500, 3), 90, np.uint8)
        found = ChatClient(there.server(), library).ask(QUESTION, [big, PICTURE], Animal)
    assert found == Animal(animal="bird", legs=2)
    (asked,) = there.asked
    assert [picture.shape for picture in asked.pictures] == [(1024, 512, 3), (300, 200, 3)]
    assert "Picture 1:" in asked.words
    assert "Picture 2:" in asked.words
    assert asked.form == "json_schema"
    schema = asked.body["response_format"]["json_schema"]["schema"]
    assert schema["required"] == ["animal", "legs"]
    assert schema["additionalProperties"] is False
    assert '"required":["animal","legs"]' in asked.words, "the schema stands in the words too"
    assert asked.headers["authorization"] == "Bearer sk-secret"
    assert asked.body["max_tokens"] > 0


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{WELL}\n```",
        f"<think>a dog {{'legs': 4}}? no {{</think>\n{WELL}",
        f"Here you are: {WELL} I hope it helps {{}}.",
        f'{{"note": "first this"}} and then {WELL}',
    ],
    ids=["fenced", "thoughts", "prose", "two objects"],
)
def test_a_wrapped_answer_is_found(text: str) -> None:
    with serving(always(text)) as there:
        assert ask(there) == Animal(animal="bird", legs=2)
    assert len(there.asked) == 1


@pytest.mark.parametrize(
    ("first", "fault"),
    [
        (Said('{"animal": "bird", legs: 2'), "no JSON object"),
        (Said('{"animal": "bird", "legs": "some"}'), "legs: Input should be a valid integer"),
        (Said('{"animal": "bird"}'), "legs: Field required"),
        (Said('{"animal": "bird", "legs": 2,}'), "no JSON object"),
        (Said(""), "it is empty"),
        (Said('{"animal": "bi', finish="length"), "cut off"),
        (Said("[" * 5000), "no JSON object"),
        (Said("<think>I wonder" + WELL), "no JSON object"),
    ],
    ids=["invalid", "schema", "missing", "comma", "empty", "truncated", "deep", "only thoughts"],
)
def test_an_unusable_answer_is_sent_back_once_with_what_is_wrong(first: Said, fault: str) -> None:
    with serving(in_turn(first, WELL)) as there:
        assert ask(there).animal == "bird"
    assert len(there.asked) == 2
    assert fault in there.asked[1].words
    roles = [message["role"] for message in there.asked[1].body["messages"]]
    assert roles == ["user", "assistant", "user"]


@pytest.mark.parametrize("bad", ["nonsense", "", '{"animal": 3}'])
def test_twice_unusable_is_a_typed_failure(bad: str) -> None:
    with serving(always(bad)) as there, pytest.raises(AnswerError, match="no usable answer"):
        ask(there)
    assert len(there.asked) == 2


@pytest.mark.parametrize(
    "said",
    [Said("", refusal="I cannot help with that."), Said(WELL, finish="content_filter")],
    ids=["refusal", "filter"],
)
def test_a_refusal_is_not_argued_with(said: Said) -> None:
    with serving(always(said)) as there, pytest.raises(AnswerError, match="refuses"):
        ask(there)
    assert len(there.asked) == 1


@pytest.mark.parametrize(("status", "hint"), [(401, "_API_KEY"), (403, "_API_KEY"), (404, "_MODEL")])
def test_a_server_that_will_not_is_asked_once(status: int, hint: str) -> None:
    with serving(always(Said("no, sk-secret!", status=status))) as there, pytest.raises(ChatError) as caught:
        ask(there)
    assert len(there.asked) == 1
    assert hint in caught.value.hint
    assert "sk-secret" not in str(caught.value), "the key is never shown"
    assert "sk-secret" not in repr(there.server())


def test_a_server_without_schemas_is_asked_in_the_next_form_and_that_is_remembered() -> None:
    def script(asked: object, number: int) -> Said:
        form = there.asked[number].form
        return Said("unknown response_format", status=400) if form != "text" else Said(WELL)

    with serving(script) as there:
        chat = ChatClient(there.server())
        chat.ask(QUESTION, [], Animal)
        chat.ask(QUESTION, [], Animal)
    assert [asked.form for asked in there.asked] == ["json_schema", "json_object", "text", "text"]


def test_a_server_that_ignores_the_schema_is_understood_all_the_same() -> None:
    with serving(in_turn("The animal is a bird.", f"Sorry.\n{WELL}")) as there:
        assert ask(there).legs == 2


def test_a_server_that_calls_the_limit_otherwise_is_asked_its_way() -> None:
    def script(asked: object, number: int) -> Said:
        known = "max_completion_tokens" in there.asked[number].body
        return Said(WELL) if known else Said("Unsupported parameter: 'max_tokens'", status=400)

    with serving(script) as there:
        ask(there)
    assert [asked.form for asked in there.asked] == ["json_schema", "json_schema"]


def test_a_question_that_every_form_is_refused_ends_in_words() -> None:
    with serving(always(Said("context too long", status=400))) as there, pytest.raises(QuestionError) as caught:
        ask(there)
    assert caught.value.reason == "refused"
    assert len(there.asked) == 3


def test_what_was_no_answer_is_asked_again_by_a_later_run_and_by_it_alone(library: Library) -> None:
    for bad in (Said("nonsense"), Said("", refusal="I will not")):
        calls = 1 if bad.refusal else 2
        with serving(in_turn(*[bad] * calls, WELL)) as there:
            chat = ChatClient(there.server(model=f"after {calls}"), library)
            for _ in range(3):
                with pytest.raises(AnswerError):
                    chat.ask(QUESTION, [PICTURE], Animal)
            assert len(there.asked) == calls, "the same run asks no more"
            later = ChatClient(there.server(model=f"after {calls}"), library)
            assert later.ask(QUESTION, [PICTURE], Animal).animal == "bird"
            assert len(there.asked) == calls + 1


def test_what_its_asker_cannot_use_is_asked_again_by_a_later_run(library: Library) -> None:
    with serving(always(WELL)) as there:
        ChatClient(there.server(), library).ask(QUESTION, [PICTURE], Animal)
        ChatClient(there.server(), library).forget(QUESTION, [PICTURE], Animal)
        ChatClient(there.server(), library).ask(QUESTION, [PICTURE], Animal)
    assert len(there.asked) == 2


@pytest.mark.parametrize("headers", [{"retry-after": "0.3"}, {"retry-after-ms": "300"}])
def test_a_busy_server_is_given_the_time_it_asks_for(headers: dict[str, str]) -> None:
    with serving(in_turn(Said("slow down", status=429, headers=headers), WELL)) as there:
        assert ask(there).animal == "bird"
    first, second = there.asked
    assert second.at - first.at >= 0.29


def test_a_server_that_wants_an_hour_is_not_waited_for() -> None:
    busy = Said("come back later", status=429, headers={"retry-after": "3600"})
    with serving(always(busy)) as there, pytest.raises(ChatError, match="429") as caught:
        ask(there)
    assert len(there.asked) == 1
    assert "wait" in caught.value.hint


def test_an_ailing_server_is_asked_again_and_given_up_in_the_end() -> None:
    with serving(in_turn(Said("oops", status=500), Said("oops", status=503), WELL)) as there:
        assert ask(there).animal == "bird"
    with serving(always(Said("oops", status=500))) as there, pytest.raises(ChatError, match="500 oops"):
        ask(there)
    assert len(there.asked) == QUICK.tries


@pytest.mark.parametrize(
    "script",
    [
        always(Said(WELL, delay=1.5)),
        always(Said(WELL, delay=0.05, drip=400)),
    ],
    ids=["silence", "drop by drop"],
)
def test_a_slow_server_has_one_deadline_for_all_of_its_answer(script: Script, library: Library) -> None:
    with serving(script) as there, pytest.raises(ChatError, match="no answer within"):
        ChatClient(there.server(replace(QUICK, seconds=0.4)), library).ask(QUESTION, [], Animal)
    assert len(there.asked) == 2, "once more, for who is late once"
    events = library.events(kinds={"asked"})
    assert [bool(event.facts["written"]) for event in events] == [True, True], "it may have worked for it, so it counts"


def test_who_is_late_once_is_asked_again_within_the_bounds(library: Library) -> None:
    late = in_turn(Said(WELL, delay=1.0), WELL)
    with serving(late) as there:
        assert ask(there, replace(QUICK, seconds=0.4)) == Animal(animal="bird", legs=2)
    with serving(late) as there, pytest.raises(BudgetError):
        ChatClient(there.server(replace(QUICK, seconds=0.4)), library, Settings(max_tokens=2_000)).ask(
            QUESTION, [], Animal
        )
    assert len(there.asked) == 1, "what is late may cost as much as an answer"


def test_nobody_there_is_said_with_a_cure() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(ChatError, match="no connection") as caught:
        ChatClient(Server("m", url, patience=QUICK)).ask(QUESTION, [], Animal)
    assert "OPENAI_BASE_URL" in caught.value.hint


@pytest.mark.parametrize(
    "raw", [b"<html>hello</html>", b"[1]", b'{"error": "overloaded"}', b""], ids=["page", "list", "error", "nothing"]
)
def test_what_is_no_chat_server_is_said_to_be_none(raw: bytes) -> None:
    with serving(always(Said(raw=raw))) as there, pytest.raises(ChatError):
        ask(there)


def test_an_answer_without_anything_in_it_is_an_empty_one() -> None:
    with serving(in_turn(Said(raw=b"{}"), WELL)) as there:
        assert ask(there).animal == "bird"


def test_the_same_question_is_never_paid_twice(library: Library) -> None:
    with serving(in_turn("nonsense", WELL)) as there:
        for _ in range(3):
            assert ChatClient(there.server(), library).ask(QUESTION, [PICTURE], Animal).legs == 2
        assert len(there.asked) == 2, "the unusable answer is kept as well as the good one"
        other = Prompt("test", "And here?", "hash", "storyboard", "Animal")
        ChatClient(there.server(), library).ask(other, [PICTURE], Animal)
        ChatClient(there.server(), library).ask(QUESTION, [PICTURE[:200]], Animal)
        ChatClient(there.server(model="another"), library).ask(QUESTION, [PICTURE], Animal)
    assert len(there.asked) == 5
    spent = [(event.stage, event.facts["read"], event.facts["written"]) for event in library.events(kinds={"asked"})]
    assert spent == [("storyboard", 900, 100)] * 5


def test_never_more_questions_are_under_way_than_the_server_takes(library: Library) -> None:
    lock, under_way, most = threading.Lock(), 0, 0

    def script(asked: object, number: int) -> Said:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        threading.Event().wait(0.05)
        with lock:
            under_way -= 1
        return Said(WELL)

    with serving(script) as there:
        chat = ChatClient(replace(there.server(), max_parallel=2), library)
        asked = [Prompt("test", f"Number {at}?", "hash", "storyboard", "Animal") for at in range(8)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda one: chat.ask(one, [], Animal), asked))
    assert [answer.legs for answer in answers] == [2] * 8
    assert (len(there.asked), most) == (8, 2)


def test_who_asks_the_same_at_the_same_time_waits_for_the_one_answer(library: Library) -> None:
    with serving(always(Said(WELL, delay=0.1))) as there:
        chat = ChatClient(there.server(), library)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: chat.ask(QUESTION, [PICTURE], Animal), range(4)))
    assert len({answer.model_dump_json() for answer in answers}) == 1
    assert len(there.asked) == 1
    assert not chat._under_way, "nothing of an answered question stays behind"


def test_no_question_is_asked_that_might_cost_more_than_is_left(library: Library) -> None:
    def ask_on(there: Loopback) -> None:
        for number in range(40):
            question = Prompt("test", f"Number {number}?", "hash", "storyboard", "Animal")
            ChatClient(there.server(), library, Settings(max_tokens=30_000)).ask(question, [], Animal, max_tokens=8000)

    with serving(always(Said(WELL, read=2000, written=1000))) as there, pytest.raises(BudgetError, match="tokens"):
        ask_on(there)
    assert len(there.asked) == 7, "each took 3,000 tokens, and might have taken 10,000 by the model's own count"


def test_a_question_that_may_not_fit_is_asked_with_smaller_pictures_a_shorter_answer_or_not_at_all() -> None:
    page = np.full((1600, 1100, 3), 200, np.uint8)

    def asked_in(window: int, text: str = "What is drawn here?") -> tuple[int, int]:
        with serving(always(WELL)) as there:
            chat = ChatClient(replace(there.server(), window=window))
            chat.ask(replace(QUESTION, text=text), [page], Animal, max_tokens=9000)
        return max(there.asked[0].pictures[0].shape), there.asked[0].body["max_tokens"]

    assert asked_in(32_768) == (1024, 8000)
    side, written = asked_in(8192)
    assert side == 1024
    assert 4000 < written < 8000, "as much as is left of the window"
    assert asked_in(3250)[0] == 512
    with pytest.raises(QuestionError) as caught:
        asked_in(32_768, "あ" * 25_000)
    assert "KOMADORI_WINDOW" in caught.value.hint
    assert (caught.value.reason, caught.value.was_sent) == ("too_long", False)


def test_money_is_bounded_where_the_price_is_known(library: Library) -> None:
    dear = Server("gpt-4o", patience=RetryPolicy(tries=1))
    with pytest.raises(BudgetError, match=r"0\.01 dollars") as caught:
        ChatClient(dear, library, Settings(max_cost=0.01)).ask(QUESTION, [], Animal)
    assert "--max-cost" in caught.value.hint
    assert library.events() == ()


def test_only_one_room_knows_the_client_and_it_waits_until_it_is_asked() -> None:
    rooms = [path for folder in ("commands", "agents", "tools", "storage") for path in (HOUSE / folder).rglob("*.py")]
    knowing = [path.name for path in rooms if "import openai" in (text := path.read_text()) or "from openai" in text]
    assert knowing == ["connection.py"]
    program = "import sys, agents.llm.client as c; c.ChatClient(c.Server('m')); print('openai' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], cwd=HOUSE, capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"
