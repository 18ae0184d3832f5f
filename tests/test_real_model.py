"""Test the questions of a film against a real llama.cpp server with a real model, which reads and sees nothing.

The model is too small to direct well. Asserted is that it is found to see no pictures and asked in words, and that each
of its answers becomes a valid plan or edit, or is repaired, or refused with a typed error. What no script foresees is
real here: the protocol, schemas kept by grammar, answers that are cut off or given up, and a context that is exceeded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agents import run
from agents.comprehension import schema
from agents.conversation import model_answer
from agents.conversation import turn as chat_turn
from agents.llm.client import ChatClient
from agents.llm.connection import Connection
from agents.llm.model_facts import recall_facts
from agents.llm.prompts import Prompt, fill_prompt
from agents.llm.request import ChatRequest, parse_reply
from agents.llm.servers import RetryPolicy, Server, configured_server
from agents.llm.structured_output import Answer
from agents.llm.vision import ProbeAnswer
from agents.planning.prompt import page_views
from agents.planning.shot_schema import make_plan_type, make_text_only_plan_type
from agents.planning.tool_options import ToolOptions
from agents.planning.validation import violations
from agents.review.critic_schema import Judgement
from main import main
from storage.domain import Transcript
from storage.errors import AnswerError, QuestionError, VisionMissing
from storage.library import Library
from storage.settings import Settings
from tests.conftest import SMALL, draw_page, transcript_of
from tests.llama_server import WINDOW, serving_real_model, skip_without_wheel
from tools import png

pytestmark = pytest.mark.llm
MODEL = "smollm2-135m"
PATIENT = RetryPolicy(seconds=600.0, tries=1)
PICTURE = np.full((20, 20, 3), 200, np.uint8)


class Tale(Answer):
    text: str


QUESTION = Prompt("test", "Tell a long tale of a fox. Answer with JSON.", "hash", "storyboard", "Tale")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The real server, one for all tests."""
    skip_without_wheel()
    with serving_real_model() as url:
        yield Server(MODEL, url, patience=PATIENT, window=WINDOW)


@pytest.fixture
def environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a user of this server."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    named = {"KOMADORI_MODEL": MODEL, "OPENAI_BASE_URL": server.url, "KOMADORI_WINDOW": WINDOW, "KOMADORI_TIMEOUT": 600}
    for name, value in named.items():
        monkeypatch.setenv(name, str(value))


def one_panel() -> Transcript:
    """Return the transcript of a page with one panel and one balloon."""
    whole = transcript_of(1)
    page = whole.pages[0].model_copy(update={"panels": whole.pages[0].panels[:1]})
    return whole.model_copy(update={"pages": (page,)})


def spent(library: Library) -> list[tuple[str, int]]:
    """Return the stage and the tokens written of each question."""
    return [(event.stage, int(str(event.facts["written"]))) for event in library.events(kinds={"asked"})]


@pytest.mark.usefixtures("environment")
def test_a_film_is_directed_and_revised_by_a_model_that_reads_and_does_not_see(tmp_path: Path) -> None:
    source, project = tmp_path / "chapter", tmp_path / "p.komadori"
    source.mkdir()
    (source / "001.png").write_bytes(png.encode_png(draw_page(1)))
    settings = Settings(screen=SMALL, model=MODEL)
    notes: list[str] = []
    run.plan(project, settings, run.RunOptions(source, corrections=one_panel()), lambda step: notes.append(step.text))
    with Library.open(project) as library:
        facts = recall_facts(library, configured_server())
        assert (facts.has_vision, facts.reasons) == (False, False)
        transcript, shots, questions = library.transcript(), library.shots(), spent(library)
        assert transcript
        assert violations(shots, transcript, SMALL) == []
        assert {shot.director for shot in shots} <= {"llm", "rules"}
        assert [stage for stage, _ in questions].count("doctor") == 1, (
            "its sight is tested once, and one answer is paid"
        )
        assert {stage for stage, _ in questions} == {"doctor", "understand", "storyboard"}
        bounds = {
            "doctor": 200,
            "understand": schema.max_page_tokens(page_views(transcript.pages[0])[0]),
            "storyboard": 360,
        }
        assert all(written <= bounds[stage] for stage, written in questions)
    assert any(facts.reason in note for note in notes), "the summary says that it sees nothing"
    with suppress(AnswerError):
        turn = chat_turn.take_turn(project, "shot 1 could do with a breather")
        assert turn.reply or turn.report
    with Library.open(project, readonly=True) as library:
        assert violations(library.shots(), transcript, SMALL) == []
        answers = [written for stage, written in spent(library) if stage == "chat"]
        most = model_answer.TOKENS_OF_TURN + len(shots) * model_answer.TOKENS_OF_EDIT
        assert 1 <= len(answers) <= 4
        assert max(answers) <= most
        assert len([event for event in library.events(kinds={"asked"}) if event.stage == "doctor"]) == 1


@pytest.mark.usefixtures("environment")
def test_doctor_says_that_it_reads_keeps_a_schema_and_sees_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "model" in line.split()[1:2]]
    assert line.startswith("✓")
    assert "SEES NO PICTURES" in line


def test_a_picture_is_refused_with_a_type_and_the_same_server_goes_on_in_words(server: Server) -> None:
    chat = ChatClient(server)
    with pytest.raises(VisionMissing):
        chat.ask(QUESTION, [PICTURE], Tale)
    assert chat.facts.reason
    found = chat.ask(fill_prompt("doctor"), [], ProbeAnswer, schema_in_prompt=False)
    assert isinstance(found, ProbeAnswer), "by grammar alone: the words do not name the fields"
    assert chat.form == "json_schema"


def test_the_schemas_of_all_answers_are_taken(server: Server) -> None:
    (view,) = page_views(transcript_of(1).pages[0])
    types: list[type[Answer]] = [
        ProbeAnswer, Judgement, model_answer.ChatAnswer, schema.PageAnswer, schema.make_text_only_type(view),
        make_text_only_plan_type(ToolOptions(), 4, 1), make_plan_type(ToolOptions(), 0, 4, 1),
        make_plan_type(ToolOptions(True, True, True, ("a", "b"), ("c", "d")), 3, 4, 2),
    ]  # fmt: skip
    for answer_type in types:
        asked = ChatRequest.of(replace(QUESTION, text="Answer."), [], answer_type, schema_in_prompt=False)
        shape = {"name": asked.name, "strict": True, "schema": asked.schema}
        body = {
            "model": MODEL, "messages": asked.messages, "max_tokens": 3,
            "response_format": {"type": "json_schema", "json_schema": shape},
        }  # fmt: skip
        reply = parse_reply(Connection(server).post(body))
        assert reply.text.replace("```json", "").lstrip()[:1] in {"", "{"}, "by grammar, within a fence or without"
        assert (reply.finish, reply.usage and reply.usage.written) == ("length", 3)


def test_an_answer_that_is_cut_off_twice_is_a_typed_failure(server: Server) -> None:
    chat = ChatClient(server)
    with pytest.raises(AnswerError):
        chat.ask(QUESTION, [], Tale, max_tokens=8)
    assert chat.replies == 2
    assert not chat.facts.reasons, "it was cut off while it answered, not while it reasoned"


def test_a_context_that_is_exceeded_is_told_by_the_server_and_kept_to(server: Server) -> None:
    chat = ChatClient(replace(server, window=32_768))
    long = replace(QUESTION, text="a fox " * 5000)
    with pytest.raises(QuestionError) as caught:
        chat.ask(long, [], Tale)
    assert caught.value.reason == "too_long"
    assert f"KOMADORI_WINDOW={WINDOW}" in caught.value.hint
    assert chat.replies == 0


def test_a_question_that_is_given_up_does_not_block_the_next_one(server: Server) -> None:
    hasty = ChatClient(replace(server, patience=replace(PATIENT, seconds=0.05)))
    with pytest.raises(QuestionError) as caught:
        hasty.ask(QUESTION, [], Tale, max_tokens=2000)
    assert caught.value.reason == "late"
    reply = parse_reply(Connection(server).post({"model": MODEL, "max_tokens": 2, "messages": [
        {"role": "user", "content": "Say hi"}]}))  # fmt: skip
    assert reply.text
    assert reply.usage
    assert reply.usage.written <= 2
