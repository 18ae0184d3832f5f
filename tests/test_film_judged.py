"""Test a film that a model directs and judges, with tiny weights: killed, continued, and asked only once."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from main import main
from storage.domain import Transcript, VideoFormat
from storage.library import Library
from storage.settings import Backends, Settings
from tests.agents.comprehension.scripted import willing
from tests.agents.review.test_critic import says, shot_in
from tests.conftest import SMALL, draw_page, transcript_of
from tests.loopback import Asked, Said, always, serving
from tests.tiny import checkpoint
from tools import png

pytestmark = pytest.mark.film


HOUSE = Path(__file__).resolve().parents[1]
PROGRAM = """
import json, sys
from pathlib import Path
if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    sys.path.insert(0, given["house"])
    opening = ("socket.connect", "socket.getaddrinfo")
    sys.addaudithook(lambda event, _: given["listen"] and event in opening and print("OPENED", event, flush=True))
    from agents import run
    from storage.settings import Settings
    from storage.domain import Transcript
    wishes = run.RunOptions(Path(given["chapter"]), corrections=Transcript.model_validate(given["transcript"]))
    report = run.animate(Path(given["project"]), Settings.model_validate(given["settings"]), wishes)
    print("FILMED", sorted(report.questions), "openai" in sys.modules, flush=True)
"""


def two_panels() -> Transcript:
    """Return a transcript of only two panels of the page."""
    (page,) = transcript_of(1).pages
    return transcript_of(1).model_copy(update={"pages": (page.model_copy(update={"panels": page.panels[:2]}),)})


def started(folder: Path, settings: Settings, url: str = "") -> subprocess.Popen[str]:
    """Start a film of one page in a process of its own."""
    chapter, program = folder / "one", folder / "program.py"
    chapter.mkdir(exist_ok=True)
    (chapter / "001.png").write_bytes(png.encode_png(draw_page(1)))
    program.write_text(PROGRAM)
    given = {
        "house": str(HOUSE), "project": str(folder / "one.komadori"), "chapter": str(chapter), "listen": not url,
        "settings": settings.model_dump(mode="json"), "transcript": two_panels().model_dump(mode="json"),
    }  # fmt: skip
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "KOMADORI_"))}
    asking = {"KOMADORI_HANDS": "1", "OMP_NUM_THREADS": "1"}
    asking |= {"OPENAI_BASE_URL": url, "KOMADORI_TOGETHER": "1"} if url else {}
    words = [sys.executable, str(program), json.dumps(given)]
    return subprocess.Popen(words, cwd=HOUSE, env={**clean, **asking}, stdout=subprocess.PIPE, text=True)


def is_critic(asked: Asked) -> bool:
    """Return whether the request asks the critic."""
    return bool(asked.body["response_format"]["json_schema"]["name"] == "Judgement")


def test_killed_while_the_critic_looks_it_asks_no_answered_question_and_makes_no_take_again(tmp_path: Path) -> None:
    small: dict[str, Any] = {"steps": 1, "megapixels": 0.004, "frames": 5, "rate": 4.0}
    options = {"animate.wan_i2v": {**small, "model": str(checkpoint("wan22_i2v"))}}
    settings = Settings(
        screen=VideoFormat(width=160, height=90, fps=6), model="scripted", director="llm", best_of=2, max_drift=1.0,
        preset="ultrafast", backends=Backends(animate="wan_i2v"), options=options,
    )  # fmt: skip
    running: list[subprocess.Popen[str]] = []
    looked: list[str] = []

    def script(asked: Asked, number: int) -> Said:
        if not is_critic(asked):
            return willing(asked, number)
        looked.append(shot_in(asked))
        if len(looked) == 2:  # while this one waits for its answer
            running[-1].send_signal(signal.SIGKILL)
            return Said("too late", delay=0.2)
        again = shot_in(asked) == "2" and looked.count("2") == 2
        return Said(says("retake" if again else "approve", take=2, prompt="snow falls"))

    with serving(script) as there:
        for _ in range(2):
            running.append(started(tmp_path, settings, there.url))
            said, _ = running[-1].communicate()
    assert [process.returncode for process in running] == [-signal.SIGKILL, 0]
    assert "FILMED []" in said
    asked = Counter(str(one.body["messages"]) for one in there.asked)
    assert sorted(asked.values())[-2:] == [1, 2], "only the question that was never answered is asked again"
    with Library.open(tmp_path / "one.komadori", readonly=True) as library:
        plans = library.shots()
        assert {plan.director for plan in plans} == {"llm"}
        assert [len(library.takes(plan.id)) for plan in plans] == [4 if plan.id == "s002" else 2 for plan in plans]
        assert len(looked) == len(plans) + 2
        assert library.shot("s002").prompt == "snow falls"
        authors = [revision.author for revision in library.revisions()]
        assert authors[0] == "director"
        assert set(authors[1:]) == {"critic"}
        made = [event for event in library.events(kinds={"made"}) if event.stage == "animate"]
    assert max(Counter(str(event.facts["key"]) for event in made).values()) == 1, "nothing is made twice"
    loads = sum(int(str(event.facts.get("loads", 0))) for event in made)
    assert loads == len(running), "the model is loaded once for all the takes of a run"


def test_without_a_language_model_the_best_is_chosen_and_no_socket_opens(tmp_path: Path) -> None:
    settings = Settings(
        screen=VideoFormat(width=160, height=90, fps=6), best_of=2, max_drift=1.0, preset="ultrafast",
        backends=Backends(animate="tests.outside.Listening"),
    )  # fmt: skip
    said, _ = started(tmp_path, settings).communicate()
    assert said == "FILMED [] False\n"
    with Library.open(tmp_path / "one.komadori", readonly=True) as library:
        assert {len(library.takes(plan.id)) for plan in library.shots()} == {2}


def test_what_the_critic_asks_is_named_at_the_end_until_a_person_answers(
    filmed: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    project = str(filmed / "chapter.komadori")
    words = ["animate", str(filmed / "chapter"), "--project", project, "--director", "rules", "--critic", "every"]

    def script(asked: Asked, number: int) -> Said:
        return Said(says("ask" if shot_in(asked) == "2" else "approve", reason="Is this her hand?"))

    assert main(words) == 2
    assert "error: no model is named for --critic every" in capfd.readouterr().err
    monkeypatch.setenv("KOMADORI_MODEL", "scripted")
    for answers in (script, always("nobody is asked")):
        with serving(answers) as there:
            monkeypatch.setenv("OPENAI_BASE_URL", there.url)
            assert main(words) == 0
        assert len(there.asked) == (8 if answers is script else 0)
        lines = capfd.readouterr().err.splitlines()
        assert "critic asks s002: Is this her hand?" in lines
        assert main(["show", "project", project]) == 0
        assert re.search(r"critic asks +s002: Is this her hand\?", capfd.readouterr().out)
        assert any("looking at takes" in line for line in lines) == (answers is script)
    assert main(["takes", project, "2", "--lock", "--no-film"]) == 0
    assert main(words) == 0
    assert "critic asks" not in capfd.readouterr().err
    with Library.open(Path(project), readonly=True) as library:
        now = library.settings()
        assert now
        assert (now.critic, now.screen) == ("every", SMALL)
