"""Test that questions to a model are priced before they are asked, and refused beyond the limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.editing import grammar, revise
from agents.editing.shot_status import read_only_context
from agents.estimates import quote
from agents.estimates.quote import Quote
from agents.llm.budget import Usage
from agents.llm.model_facts import ModelFacts, keep_facts
from agents.llm.servers import configured_server
from agents.run_context import Progress
from agents.shots import shots_to_film
from storage.errors import BudgetError, PriceUnknown, SettingsError
from storage.library import Library
from storage.settings import Backends


@pytest.fixture(autouse=True)
def paid(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server whose prices are known, and which nobody reaches from here."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nothing")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def directed(room: Path, **changes: object) -> Path:
    """The project, directed by a model from now on."""
    folder = room / "chapter.komadori"
    with Library.open(folder) as library:
        change_settings(library, **{"model": "gpt-4.1-mini", "director": "llm", **changes})
    return folder


def change_settings(library: Library, **changes: object) -> None:
    settings = library.settings()
    assert settings
    library.set_settings(settings.model_copy(update=changes))


def priced(folder: Path, *lines: str) -> str:
    with Library.open(folder, readonly=True) as library:
        return revise.preview_edits(library, [grammar.parse_line(line) for line in lines]).price()


def test_what_asks_no_question_costs_no_money_and_what_is_read_anew_costs_a_page(filmed: Path) -> None:
    folder = directed(filmed)
    assert priced(folder, "shot 3 slower", "film style calm").endswith(", no money")
    assert priced(folder, "film aspect 1:1").endswith(", no money")
    one = "nothing is to be filmed, about 0.01 dollars (2 questions to gpt-4.1-mini at api.openai.com)"
    assert priced(folder, 'page 1 text 1 "good morning"', 'page 1 text 1 "good evening"') == one
    assert "4 questions" in priced(folder, 'page 1 text 1 "good morning"', "page 2 swap panels 1 2")
    assert "1 question " in priced(folder, "page 1 kind 1 thought"), "who says it, and how, was understood already"
    assert priced(folder, 'page 1 text 1 "hello there"') == "nothing is to be filmed", "it says so already"
    assert priced(directed(filmed, director="rules"), "page 2 swap panels 1 2") == "nothing is to be filmed"


def test_a_critic_who_looks_at_what_is_filmed_costs_a_question_a_shot(filmed: Path) -> None:
    folder = directed(filmed, critic="every")
    assert priced(folder, "shots 3-4 slower").endswith("(2 questions to gpt-4.1-mini at api.openai.com)")
    with Library.open(directed(filmed, critic="auto"), readonly=True) as library:
        context = read_only_context(library)
        assert quote.quote_critic(context, shots_to_film(context, {})) == Quote(), (
            "nothing draws: there is nothing to look at"
        )
        context.settings = context.settings.model_copy(update={"backends": Backends(animate="tests.outside.Drifting")})
        assert quote.quote_critic(context, shots_to_film(context, {})).questions == 8


def test_a_critic_that_is_known_to_see_no_pictures_costs_nothing(filmed: Path) -> None:
    folder = directed(filmed, critic="every")
    with Library.open(folder) as library:
        server = configured_server("gpt-4.1-mini")
        assert server
        keep_facts(library, server, ModelFacts(has_vision=False, reason="it takes only text"))
        context = read_only_context(library)
        assert quote.quote_critic(context, shots_to_film(context, {})) == Quote()
        keep_facts(library, server, ModelFacts(has_vision=True))
        assert quote.quote_critic(context, shots_to_film(context, {})).questions == 8


def test_a_wish_beyond_what_is_left_is_refused_before_anything_is_asked_or_changed(filmed: Path) -> None:
    said: list[Progress] = []
    for changes, left in ({"max_cost": 0.001}, "0.00 of 0.00 dollars"), ({"max_tokens": 100}, "100 of 100 tokens"):
        folder = directed(filmed, **{"max_cost": 2.0, "max_tokens": 4_000_000, **changes})
        with Library.open(folder) as library:
            before, read = library.shots(), library.transcript()
            with pytest.raises(BudgetError, match=f"{left} are left") as told:
                revise.revise(
                    library, grammar.parse_lines('shot 2 slower; page 1 text 1 "good morning"'), say=said.append
                )
            assert "--max-cost" in told.value.hint
            assert (library.shots(), library.transcript()) == (before, read)
    assert said == []


def test_lines_that_a_paid_voice_says_again_are_priced_and_refused_beyond_what_is_left(filmed: Path) -> None:
    """A line is counted that a correction changes; twelve letters cost twelve cents."""
    voice = {"sound": True, "voice": "tests.outside.PaidTones", "director": "rules"}
    folder, fix = directed(filmed, **voice), 'page 1 text 1 "good morning"'
    assert priced(folder, fix).endswith("about 0.12 dollars (1 line by tests.outside.PaidTones)")
    assert priced(folder, "page 2 swap panels 1 2", "shot 3 slower").endswith("no money")
    assert "(4 questions to gpt-4.1-mini at api.openai.com, 1 line" in priced(
        directed(filmed, **voice | {"director": "llm"}), fix, "page 2 swap panels 1 2"
    )
    free = {**voice, "voice": "tests.outside.Tones"}
    assert priced(directed(filmed, **free), fix) == "nothing is to be filmed"
    with Library.open(directed(filmed, **voice, max_cost=0.1)) as library:
        before = library.transcript()
        with pytest.raises(BudgetError):
            revise.revise(library, grammar.parse_lines(fix))
        change_settings(library, voice="openai", options={"speak.openai": {"url": "https://voices.example/v1"}})
        with pytest.raises(PriceUnknown):
            revise.revise(library, grammar.parse_lines(fix))
        assert library.transcript() == before
        change_settings(library, **voice, voice_fallback=free["voice"])
        revise.revise(library, grammar.parse_lines(fix))
        changed = library.transcript()
        assert changed is not None
        assert changed.pages[0].balloons[0].text == "good morning"
        assert all(line.spoken_seconds for page in changed.pages for line in page.balloons if line.kind != "sound")


def test_a_fix_that_cannot_be_done_has_no_price(filmed: Path) -> None:
    with pytest.raises(SettingsError, match="no page 9"):
        priced(directed(filmed), "page 9 swap panels 1 2")


def test_prices_are_said_in_words() -> None:
    assert Quote().summary() == "no money"
    assert Quote(2, Usage(100, 20), 0.5, "m at h").summary() == "about 0.50 dollars (2 questions to m at h)"
    assert Quote(1, Usage(100, 20), 0.0, "m at h").summary() == "no money (1 question to m at h)"
    assert (
        Quote(1, Usage(100, 20), None, "m at h").summary() == "1 question to m at h, about 120 tokens of unknown price"
    )
    assert (Quote(1, Usage(1, 1), 0.1, "m at h") + Quote(2, Usage(1, 1), None, "m at h")).dollars is None
