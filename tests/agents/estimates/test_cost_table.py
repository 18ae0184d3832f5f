"""Test the cost of a film's models, stage by stage, from the price table and from measurements of this project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.estimates import cost_table
from agents.estimates.dry_run import estimate
from agents.llm.model_facts import ModelFacts, keep_facts
from agents.llm.servers import configured_server
from agents.run import RunOptions
from storage.library import Library
from storage.settings import Backends, Settings
from tests.agents.comprehension.scripted import willing
from tests.loopback import Said, always, serving

HOSTED = Settings(model="gpt-4o", director="llm")
TUNED = Backends(animate="tests.outside.Tuned")


@pytest.fixture(autouse=True)
def keyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "p.komadori", create=True) as library:
        yield library


def money(settings: Settings, pages: int = 24) -> str:
    return cost_table.describe_cost(cost_table.cost_rows(settings, None, pages=pages, plans=pages, shots=100), settings)


def test_the_price_table_tells_what_directing_costs() -> None:
    _, row = cost_table.cost_rows(HOSTED, None, pages=24, plans=24, shots=100)
    assert (row.stage, row.calls, row.usage.read, row.usage.written) == ("storyboard", 24, 90_360, 21_600)
    assert row.dollars == pytest.approx(0.4419)
    small = HOSTED.model_copy(update={"model": "gpt-4o-mini"})
    assert cost_table.cost_rows(small, None, pages=0, plans=1, shots=0)[0].usage.read > 28_000, (
        "it takes far more to see"
    )
    assert money(HOSTED) == "about 0.79 dollars, never more than 2.00: gpt-4o at api.openai.com"


def test_what_costs_nothing_or_cannot_be_known_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert money(Settings()) == "none: no model is asked"
    assert money(HOSTED, pages=0) == "none: gpt-4o at api.openai.com has answered all that is asked"
    stranger = HOSTED.model_copy(update={"model": "stranger"})
    assert money(stranger).startswith("not known: no price is known of stranger at api.openai.com")
    (row,) = cost_table.cost_rows(stranger, None, pages=0, plans=1, shots=0)
    assert row.dollars is None
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1")
    gemma = HOSTED.model_copy(update={"model": "gemma"})
    assert money(gemma) == "none: gemma at 127.0.0.1:8080 counts as free (KOMADORI_PRICE if it is not)"
    assert money(HOSTED).startswith("about 0.79 dollars"), "who answers to that name passes the question on"
    monkeypatch.setenv("KOMADORI_PRICE", "5/20")
    assert money(gemma).startswith("about ")
    assert money(gemma, pages=1).startswith("about 0.0")
    monkeypatch.setenv("KOMADORI_PRICE", "0.01/0.02")
    assert money(gemma, pages=1).startswith("less than a cent, never more than 2.00")
    monkeypatch.delenv("KOMADORI_PRICE")
    monkeypatch.delenv("OPENAI_BASE_URL")
    monkeypatch.delenv("OPENAI_API_KEY")
    assert money(HOSTED).endswith("but no server")


def test_what_was_measured_here_stands_in_the_place_of_a_rule_of_thumb(library: Library) -> None:
    for read, written in ((1000, 100), (3000, 300)):
        library.add_event("storyboard", "asked", model="gpt-4o", read=read, written=written, cost=0.01, seconds=4.0)
    library.add_event("storyboard", "asked", model="another", read=90_000, written=9, cost=0.0, seconds=1.0)
    (row,) = cost_table.cost_rows(HOSTED, library, pages=0, plans=10, shots=0)
    assert (row.usage.read, row.usage.written, row.seconds) == (20_000, 2_000, 40.0)
    assert row.how == ""
    (guess,) = cost_table.cost_rows(HOSTED, None, pages=0, plans=10, shots=0)
    assert guess.seconds == 300.0, "a model takes time also where it was not measured"


def test_seconds_of_the_gpu_are_those_of_the_models_that_draw_here(library: Library) -> None:
    drawn = Settings(backends=TUNED)
    (row,) = cost_table.cost_rows(drawn, library, pages=3, plans=3, shots=20)
    assert (row.stage, row.gpu, row.how) == (
        "animate",
        None,
        "tests.outside.Tuned: not known before it has drawn once here",
    )
    for seconds in (10.0, 14.0):
        library.add_event("animate", "made", model="tuned", seconds=seconds, key="k", tool="animate")
    library.add_event("animate", "made", model="another", seconds=900.0, key="k", tool="animate")
    (row,) = cost_table.cost_rows(drawn, library, pages=3, plans=3, shots=20)
    assert row.gpu == 240.0
    assert cost_table.cost_rows(Settings(), library, pages=3, plans=3, shots=20) == []


def test_takes_cost_no_question_to_a_model_that_is_known_to_see_no_pictures(library: Library) -> None:
    def stages() -> list[str]:
        both = HOSTED.model_copy(update={"critic": "every"})
        return [row.stage for row in cost_table.cost_rows(both, library, pages=0, plans=24, shots=100)]

    server = configured_server("gpt-4o")
    assert server
    assert stages() == ["storyboard", "review"], "it is not known yet"
    keep_facts(library, server, ModelFacts(has_vision=False, reason="it takes only text"))
    assert stages() == ["storyboard"]


def test_the_table_sums_up_and_stands_in_columns(library: Library) -> None:
    both = HOSTED.model_copy(update={"backends": TUNED})
    found = cost_table.cost_rows(both, library, pages=0, plans=24, shots=100)
    assert [row.stage for row in found] == ["storyboard", "review", "animate"]
    head, *lines = cost_table.format_table(found)
    assert head.split() == ["calls", "tokens", "dollars", "GPU"]
    assert lines[0].startswith("storyboard")
    assert "111,960" in lines[0]
    assert "by rule of thumb" in lines[0]
    assert lines[-1].split()[:2] == ["in", "all"]
    assert lines[-1].split()[2] == "124"
    assert lines[-1].split()[-1] == "?", "a sum with something unknown in it is unknown"
    assert len({line.index("   by") for line in lines if "   by" in line}) == 1
    assert cost_table.format_table([]) == []


def test_a_plan_that_stands_is_not_asked_for_again_and_other_words_of_style_are(
    filmed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agents import run
    from tests.conftest import SMALL, transcript_of

    project, source = filmed / "chapter.komadori", filmed / "chapter"
    settings = Settings(screen=SMALL, preset="ultrafast", crf=30, model="scripted")
    wishes = RunOptions(source, corrections=transcript_of(2))
    with serving(willing) as there:
        monkeypatch.setenv("OPENAI_BASE_URL", there.url)
        run.plan(project, settings, wishes)
    with serving(always(Said(json.dumps({})))) as there:
        monkeypatch.setenv("OPENAI_BASE_URL", there.url)

        def told(**changes: object) -> str:
            return "\n".join(estimate(project, settings.model_copy(update=changes), RunOptions(source)))

        assert "has answered all that is asked" in told()
        assert "has answered all that is asked" in told(style=settings.style.model_copy(update={"pace": 1.25}))
        other = told(style=settings.style.model_copy(update={"mood": "merry"}))
        assert "storyboard      2   2,000     0.00" in other, "two questions of a thousand tokens, as measured here"
        assert there.asked == [], "telling asks nothing"
