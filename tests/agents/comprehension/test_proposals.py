"""Test that proposed texts wait for approval, then become ordinary corrections without a new question."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import comprehension
from agents.comprehension import proposals
from agents.corrections import replan
from agents.editing import grammar, revise
from agents.run_context import RunContext
from main import main
from storage.errors import SettingsError
from tests.agents.comprehension.people import peopled
from tests.agents.comprehension.test_stage import knowing, pages, understood
from tests.loopback import serving

Said = pytest.CaptureFixture[str]
READ, MEANT = "Wh0 is th3re?", "Who is there?"


@pytest.fixture
def doubted(context: RunContext, monkeypatch: pytest.MonkeyPatch) -> RunContext:
    """Return a project whose model doubts the second balloon of both pages, with its server gone."""
    context.corrections = peopled()
    with serving(knowing) as there:
        understood(context, monkeypatch, there)
    context.settings = context.settings.model_copy(update={"director": "llm"})  # a question would be an error
    context.library.set_settings(context.settings)
    return context


def texts(context: RunContext) -> list[str]:
    return [page.balloons[1].text for page in pages(context)]


def accept(context: RunContext, *lines: str) -> list[str]:
    return replan.correct_library(context.library, [grammar.parse_line(line) for line in lines], author="hand")  # type: ignore[misc]


def test_one_is_accepted_and_what_was_understood_stands(doubted: RunContext) -> None:
    found = comprehension.comprehension_of(doubted.library)
    assert texts(doubted) == [READ, READ]
    assert accept(doubted, "page 2 accept 2") == ["page 2 accept 2 (1 text)"]
    assert texts(doubted) == [READ, MEANT]
    now = comprehension.comprehension_of(doubted.library)
    assert [proposal.page for proposal in now.proposals] == [0]
    assert [page.synopsis for page in now.pages] == [page.synopsis for page in found.pages]
    doubted.library.undo_correction()
    replan.replan(doubted.library, lambda progress: None)
    assert texts(doubted) == [READ, READ]
    assert comprehension.comprehension_of(doubted.library) == found


def test_all_are_accepted_in_one_step(doubted: RunContext) -> None:
    before = len(doubted.library.correction_ancestry())
    assert accept(doubted, "accept all") == ["accept all (2 texts)"]
    assert texts(doubted) == [MEANT, MEANT]
    assert len(doubted.library.correction_ancestry()) == before + 1
    assert proposals.open_proposals(doubted.library) == ()


def test_all_of_a_page_are_accepted(doubted: RunContext) -> None:
    accept(doubted, "page 1 accept all")
    assert texts(doubted) == [MEANT, READ]


@pytest.mark.parametrize(
    ("line", "what", "hint"),
    [
        ("page 1 accept 1", "no other text is proposed for balloon 1 of page 1", "there are proposals for balloon 2"),
        ("page 7 accept 1", "no other text is proposed for balloon 1 of page 7", "fix PROJECT list"),
    ],
)
def test_what_is_not_proposed_cannot_be_accepted(doubted: RunContext, line: str, what: str, hint: str) -> None:
    with pytest.raises(SettingsError) as caught:
        accept(doubted, line)
    assert what in caught.value.what
    assert hint in caught.value.hint


def test_a_text_that_is_another_by_now_is_not_doubted_any_more(doubted: RunContext) -> None:
    with pytest.raises(SettingsError, match="no other text"):
        accept(doubted, 'page 1 text 2 "Is it you?"', "page 1 accept 2")
    assert texts(doubted) == [READ, READ], "all or none"


def test_it_is_said_in_the_chat_too_and_its_price_first(doubted: RunContext) -> None:
    edits = grammar.parse_lines("page 1 accept 2")
    replan.replan(doubted.library, lambda progress: None)
    with pytest.raises(Exception, match="no storyboard"):
        revise.preview_edits(doubted.library, edits)
    assert grammar.format_edit(edits[0]) == "page 1 accept 2"


def test_they_are_shown_with_the_original_beside_them(doubted: RunContext, capsys: Said, tmp_path: Path) -> None:
    folder = str(doubted.library.folder)
    doubted.library.close()
    assert main(["fix", folder, "list"]) == 0
    said = capsys.readouterr().out
    assert [line.split() for line in said.splitlines() if READ in line] == [
        [str(page), "2", *READ.split(), *MEANT.split()] for page in (1, 2)
    ]
    assert "main.py fix" in said
    assert '"page 1 accept 2" (or "accept all")' in said
    assert main(["fix", folder, "--html", str(tmp_path / "pages.html")]) == 0
    html = (tmp_path / "pages.html").read_text(encoding="utf-8")
    assert html.count('<span class="perhaps">perhaps</span>') == 2
    assert "<code>page 2 accept 2</code>" in html
    assert READ in html
