"""Test that everyday sentences in several languages mean exactly the edits that are meant, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from lark import Lark
from lark.exceptions import UnexpectedInput

from agents.conversation import understanding
from agents.editing import Drop, Lengthen, MoveShot, SetFrame, SetPace, grammar
from agents.editing.selectors import ALL, ShotSelector
from agents.editing.storyboard import EditableStoryboard
from agents.language import parser
from agents.language.spelling import nearest_word
from agents.language.tokens import Token, fold_sentence, tokenize
from agents.language.vocabulary import LANGUAGES, load_vocabulary
from tests.agents.test_editing import board

FOLDER = Path(__file__).parent / "language"


def read_pairs() -> Iterator[tuple[str, str]]:
    """Yield the sentences with the lines that they mean."""
    lines = ""
    for row in (FOLDER / "understood.tsv").read_text(encoding="utf-8").splitlines():
        if row.startswith("= "):
            lines = row[2:]
        elif row and not row.startswith("#"):
            yield row, lines


def read_refused() -> list[str]:
    rows = (FOLDER / "not_done.tsv").read_text(encoding="utf-8").splitlines()
    return [row for row in rows if row and not row.startswith("#")]


@pytest.fixture(scope="module")
def film() -> EditableStoryboard:
    """A storyboard whose cast has mika and the kid."""
    return board()


def test_every_sentence_means_the_edits_that_are_meant(film: EditableStoryboard) -> None:
    """The expected line is written by the grammar's writers, which share nothing with the parser."""
    wrong = {}
    for sentence, lines in read_pairs():
        reading = understanding.read_message(sentence, film, "")
        found = ["; ".join(grammar.format_edit(edit) for edit in actions.edits) for actions in reading.readings]
        if found != [lines] or reading.is_guess:
            wrong[sentence] = (lines, found)
    assert wrong == {}


def test_values_of_edits_are_exact() -> None:
    for sentence, edits in {
        "ショット５を１．５秒長く": [Lengthen(which=ShotSelector.of("s005"), by=1.5)],
        "shot twenty-one half a second shorter": [Lengthen(which=ShotSelector.of("s021"), by=-0.5)],
        "put shot three before shot two": [
            MoveShot(which=ShotSelector.of("s003"), side="before", other=ShotSelector.of("s002"))
        ],
        "３ページ目を飛ばして": [Drop(which=ShotSelector(pages=(3, 3)))],
        "make it all twice as fast": [SetPace(which=ALL, factor=0.5)],
        "ショット七の右下にズームイン": [SetFrame(which=ShotSelector.of("s007"), place="lower right")],
    }.items():
        assert grammar.parse_edits(sentence) == edits, sentence


def test_what_is_not_asked_for_is_never_done(film: EditableStoryboard) -> None:
    done = {}
    for sentence in read_refused():
        reading = understanding.read_message(sentence, film, "s003")
        if len(reading.readings) == 1 and not reading.is_guess:
            done[sentence] = reading.readings[0].lines
    assert done == {}


def test_the_rules_that_a_sentence_can_use_find_the_trees_of_the_whole_grammar() -> None:
    for sentence, _ in list(read_pairs())[::25]:
        folded = fold_sentence(sentence)
        for language in parser.likely_languages(folded):
            _, tokens = tokenize(folded, load_vocabulary(language))
            kinds = frozenset(token.kind for token in tokens)
            assert _tree_of(parser.grammar_of(kinds), tokens) == _tree_of(parser.load_grammar(), tokens), sentence


def _tree_of(lark: Lark, tokens: Sequence[Token]) -> object:
    try:
        return lark.parse(tokens, start="start")
    except UnexpectedInput:
        return None


def test_every_word_of_the_vocabularies_is_in_the_grammar_and_every_language_answers() -> None:
    from agents.language.parser import load_grammar

    terminals = {terminal.name for rule in load_grammar().rules for terminal in rule.expansion if terminal.is_term}
    answers = set(load_vocabulary("en").answers)
    for language in LANGUAGES:
        words = load_vocabulary(language)
        used = {kind for kinds in words.terms.values() for kind in kinds} | set(words.replies.values())
        assert used - terminals <= {"IS", "CENTER", "SAME"}, language
        assert set(words.answers) == answers, language
        assert all("KOMADORI_MODEL" in words.answers["model"] for _ in (language,))
    declared = {name for name in terminals if name not in _COMPUTED}
    for language in ("en", "ja"):
        words = load_vocabulary(language)
        used = {kind for kinds in words.terms.values() for kind in kinds} | set(words.replies.values())
        assert declared - used <= _ONLY_SOME[language], language


_COMPUTED = {"NUMBER", "DECIMAL", "PERCENT", "RATIO", "SHOTID", "ORDINAL", "QUOTED", "TEXT", "CAST", "WORD", "NAME",
             "COMMA", "SEP", "QMARK", "DASH", "PLUS", "FILE"}  # fmt: skip
_ONLY_SOME = {
    "en": {"CSHOT", "CPAGE", "LAST"},
    "ja": {"SHOT", "PAGE", "OF", "GO", "LEAVE", "BRING", "OUT", "AWAY", "BACK", "UP", "DOWN", "CORNER", "TOGETHER",
           "ONESECOND", "CENTER"},
}  # fmt: skip
"""Terminals for which a language needs no words."""


@pytest.mark.parametrize("reply", sorted(load_vocabulary("en").replies))
def test_an_english_reply_is_answered_in_english(reply: str) -> None:
    assert parser.parse_sentence(reply, forgive_typos=True).language == "en"


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("vous pourriez rendre le plan 3 plus dramatique, non ?", "fr"),
        ("ich hätte die dritte Einstellung gern dramatischer", "de"),
        ("me gustaría que el plano 3 fuera más dramático", "es"),
        ("ショット3をもっと劇的にしてほしい", "ja"), ("让镜头3更有戏剧性", "zh"), ("샷 3을 더 극적으로", "ko"),
        ("make shot 3 more dramatic", "en"),
    ],
)  # fmt: skip
def test_the_language_of_any_sentence_is_recognized(sentence: str, language: str) -> None:
    assert parser.parse_sentence(sentence, forgive_typos=True).language == language


def test_a_short_word_or_a_word_near_to_two_is_not_corrected() -> None:
    words = load_vocabulary("en").words()
    assert nearest_word("drpo", words) == "drop"
    assert nearest_word("remvoe", words) == "remove"
    assert nearest_word("slowr", words) == "slower"
    for word in ("cop", "shoot", "elephant", "xslower"):
        assert nearest_word(word, words) == "", word


@pytest.mark.parametrize("text", ["", "?", "...", "「", '"', "shot " * 500, "9" * 5000 + " slower", "と" * 300, "\x00"])
def test_any_text_has_an_answer_at_once(text: str) -> None:
    assert parser.parse_sentence(text, forgive_typos=True).meanings == () or "9" in text
