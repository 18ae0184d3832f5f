"""Test what becomes of lines that the film's own voice cannot say: another one says them, or they are silent and named.

The servers are real ones on this machine, which answer as servers of voices do, or fail in each way that one can.
"""

from __future__ import annotations

import math
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from agents import run
from agents.corrections import SetText, replan
from agents.run import Report, RunOptions
from agents.run_context import RunContext
from agents.sound import speech
from agents.stages import voice
from agents.state import State
from storage.domain import Transcript
from storage.errors import BackendError, PackageMissing, PriceUnknown
from storage.settings import Settings
from tests.agents.sound.test_speech import SPEAKING, TONES, book, soundtrack
from tests.outside import Tones
from tests.tools.speak.test_voicevox import engine
from tests.tools.speech.test_decoding import sound
from tests.tools.speech.voice_server import Reply, replies, voice_server
from tools import backends

WORDS = {f"t{page}-0": text for page, text in enumerate(("こんにちは、みなさん", "また会いましょう"))}


def japanese(**texts: str) -> Transcript:
    """The chapter with Japanese lines."""
    whole = book(**{**WORDS, **texts})
    return whole.model_copy(
        update={
            "pages": tuple(
                page.model_copy(
                    update={"balloons": tuple(one.model_copy(update={"language": "ja"}) for one in page.balloons)}
                )
                for page in whole.pages
            )
        }
    )


def by(name: str, fallback: str = "none", **options: str | float) -> Settings:
    """Settings of a film that a backend speaks with some options."""
    changes = {"voice": name, "voice_fallback": fallback, "options": {f"speak.{name}": options}}
    return SPEAKING.model_copy(update=changes)


def speak(context: RunContext, settings: Settings, transcript: Transcript | None = None) -> State:
    context.settings = settings
    context.library.set_transcript(transcript or book())
    return voice.run(context, {})


def speaking(context: RunContext) -> dict[str, str]:
    """Return which backend says each line."""
    transcript = context.library.transcript()
    assert transcript is not None
    said = speech.spoken_book(context.settings, context.library, transcript)
    lines = speech.recorded_lines(context.settings, context.library, said)
    spoken = {one.id for page in transcript.pages for one in page.balloons if one.spoken_seconds}
    assert spoken == lines.keys(), "what is planned to be said is what is heard"
    return {balloon: line.backend for balloon, line in lines.items()}


def begin_process() -> None:
    """Forget what backends were told, as a new process has."""
    backends._load.cache_clear()


@pytest.fixture(autouse=True)
def _new_process() -> None:
    begin_process()


def free_url() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(delay=1.0), Reply(sound(), delay=0.1, drip=20), Reply(sound(), cut=True), Reply(status=500),
        Reply(status=401), Reply(b"no sound"), Reply(bytes(65_536), endless=True),
    ],
    ids=["slow", "dripping", "cut", "failing", "another key", "no sound", "endless"],
)  # fmt: skip
def test_what_a_server_fails_to_say_the_fallback_says(
    context: RunContext, monkeypatch: pytest.MonkeyPatch, reply: Reply
) -> None:
    monkeypatch.setattr("tools.speech.servers.MAX_ANSWER_BYTES", 1_000_000)
    with voice_server(replies(reply)) as there:
        done = speak(context, by("openai", TONES, url=there.url, seconds=0.5))
    assert set(done["fallback_lines"]) == {"t0-0", "t1-0"}
    assert done["silent_lines"] == {}
    assert set(speaking(context).values()) == {TONES}


def test_a_server_that_is_not_there_is_given_up_and_asked_again_by_the_next_film(context: RunContext) -> None:
    url = free_url()
    texts = {"t0-0": "one", "t1-0": "two"}
    done = speak(context, by("openai", url=url), book(**texts))
    assert set(done["silent_lines"]) == {"t0-0", "t1-0"}
    assert len(set(done["silent_lines"].values())) == 1, "one reason is said once"
    begin_process()
    with voice_server(replies(Reply(sound()))) as there:
        done = speak(context, by("openai", url=there.url), book(**texts))
    assert (done["silent_lines"], len(there.requests)) == ({}, 2)


def test_an_engine_is_not_asked_where_all_its_lines_are_recorded(context: RunContext) -> None:
    with voice_server(engine) as there:
        settings = by("voicevox", url=there.url, seconds=5.0)
        speak(context, settings, japanese())
        assert set(speaking(context).values()) == {"voicevox"}
        asked = len(there.requests)
        begin_process()
        speak(context, settings, japanese())
        assert len(there.requests) == asked
        begin_process()
        speak(context, settings, japanese(**{"t0-0": "さようなら"}))
        assert {request.query.get("text") for request in there.requests[asked:]} == {None, "さようなら"}
    begin_process()  # the engine is gone
    assert speak(context, settings, japanese())["silent_lines"] == {}
    done = speak(context, settings, japanese(**{"t1-0": "おやすみなさい"}))
    assert set(done["silent_lines"]) == {"t1-0"}
    assert speaking(context) == {"t0-0": "voicevox"}


def test_an_engine_that_was_never_there_is_an_error_unless_somebody_else_speaks(context: RunContext) -> None:
    settings = by("voicevox", url=free_url())
    with pytest.raises(BackendError):
        speak(context, settings, japanese())
    done = speak(context, settings.model_copy(update={"voice_fallback": TONES}))
    assert set(done["fallback_lines"]) == {"t0-0", "t1-0"}


def test_a_language_that_a_voice_lacks_and_a_line_that_is_not_paid_for_are_said_by_the_fallback(
    context: RunContext,
) -> None:
    with voice_server(engine) as there:
        done = speak(context, by("voicevox", TONES, url=there.url))
        assert set(done["fallback_lines"]) == {"t0-0", "t1-0"}
        assert [request.path for request in there.requests] == ["/version"], "its voices speak no English"
    paid = by("tests.outside.PaidTones", TONES).model_copy(update={"max_cost": 0.15})
    done = speak(context, paid, book(**{"t1-0": "hello again"}))
    assert set(done["fallback_lines"]) == {"t1-0"}
    assert speaking(context) == {"t0-0": "tests.outside.PaidTones", "t1-0": TONES}


def test_lines_of_unknown_price_are_not_asked_for_in_a_film_whose_cost_is_bounded(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.speak.openai.is_near", lambda host: False)
    other = book(**{"t1-0": "hello again"})
    with voice_server(replies(Reply(sound()))) as there:
        unknown = by("openai", url=there.url)
        with pytest.raises(PriceUnknown):
            speak(context, unknown)
        done = speak(context, unknown.model_copy(update={"voice_fallback": TONES}))
        assert set(done["fallback_lines"]) == {"t0-0", "t1-0"}
        assert there.requests == []
        assert speak(context, unknown.model_copy(update={"max_cost": math.inf}))["silent_lines"] == {}
        assert len(there.requests) == 1
        assert set(speak(context, unknown, other)["silent_lines"]) == {"t1-0"}, "what was said stays in the film"
        begin_process()
        dear = by("openai", url=there.url, price=100_000.0)
        assert set(speak(context, dear.model_copy(update={"max_cost": 1.0}), other)["silent_lines"]) == {"t1-0"}
        assert len(there.requests) == 1
        assert speak(context, dear.model_copy(update={"max_cost": 3.0}), other)["silent_lines"] == {}
        assert len(there.requests) == 2


def test_what_actors_did_not_record_is_said_by_the_fallback(context: RunContext, tmp_path: Path) -> None:
    (tmp_path / "actors").mkdir()
    (tmp_path / "actors" / "t0-0.wav").write_bytes(sound(0.9))
    settings = by("cast", TONES, folder=str(tmp_path / "actors"))
    assert set(speak(context, settings)["fallback_lines"]) == {"t1-0"}
    before = _keys(context)
    (tmp_path / "actors" / "t1-0.wav").write_bytes(sound(0.7))
    assert speak(context, settings)["fallback_lines"] == {}
    assert speaking(context) == {"t0-0": "cast", "t1-0": "cast"}
    assert before["t0-0"] == _keys(context)["t0-0"], "another recording is no new recording of this line"
    (tmp_path / "actors").rename(tmp_path / "away")
    assert speak(context, settings)["silent_lines"] == {}, "the project keeps what was recorded"
    assert speaking(context) == {"t0-0": "cast", "t1-0": "cast"}


def _keys(context: RunContext) -> Mapping[str, str]:
    transcript = context.library.transcript()
    assert transcript is not None
    said = speech.spoken_book(context.settings, context.library, transcript)
    plan = speech.plan_speech(context.settings, context.library, said, said.backends[0])
    return {balloon: job.key for balloon, job in plan.jobs.items()}


def test_a_line_that_no_voice_can_say_has_the_reasons_of_both(context: RunContext) -> None:
    done = speak(context, by("tests.outside.CreditedTones", TONES), book(**{"t0-0": "an unspeakable thing"}))
    assert set(done["silent_lines"]) == {"t0-0"}
    assert done["fallback_lines"] == {}
    assert done["silent_lines"]["t0-0"].count("unspeakable") == 2


@pytest.fixture
def without_package(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function after which the packages of the voice are missing."""

    def remove() -> None:
        def refuse(backend: Tones) -> None:
            raise PackageMissing("the package of the voice is not installed", "pip install it", extra="voice")

        monkeypatch.setattr(Tones, "__init__", refuse)
        begin_process()

    return remove


@pytest.mark.film
def test_without_the_packages_of_a_voice_a_film_has_the_lines_that_were_recorded(
    tmp_path: Path, chapter: Path, without_package: Callable[[], None]
) -> None:
    project = tmp_path / "p.komadori"
    film = run.animate(project, SPEAKING, RunOptions(chapter, corrections=book())).film
    assert film is not None
    before = film.read_bytes()
    without_package()

    def again() -> Report:
        return run.animate(project, SPEAKING, RunOptions())

    assert again().silent_lines == {}
    assert film.read_bytes() == before
    replan.correct_project(project, [SetText(page=1, balloon=1, text="something else")])
    assert set(again().silent_lines) == {"t0-0"}
    assert [line.balloon for line in soundtrack(project).lines] == ["t1-0"]
    replan.undo(project)
    assert again().silent_lines == {}
    assert film.read_bytes() == before


def test_a_new_book_needs_the_packages_of_its_voice(context: RunContext, without_package: Callable[[], None]) -> None:
    without_package()
    with pytest.raises(PackageMissing):
        speak(context, SPEAKING)


@pytest.mark.parametrize("name", ["voice", "voice_fallback"])
def test_a_voice_that_does_not_exist_is_refused_before_anything_is_read(
    tmp_path: Path, chapter: Path, name: str
) -> None:
    with pytest.raises(BackendError):
        run.animate(tmp_path / "p.komadori", SPEAKING.model_copy(update={name: "nobody"}), RunOptions(chapter))
    assert not (tmp_path / "p.komadori").exists()
