"""Parse sentences into what they ask for, with one grammar for all languages (sentence.lark)."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from agents.language import spelling
from agents.language.clauses import Meaning
from agents.language.tokens import Token, fold_sentence, tokenize, without_quotations
from agents.language.vocabulary import LANGUAGES, Vocabulary, load_vocabulary

if TYPE_CHECKING:
    from lark import Lark, Tree
    from lark.grammar import Rule, Symbol

_SCRIPTS = (("[\u3040-\u30ff]", ("ja",)), ("[\uac00-\ud7a3]", ("ko",)), ("[\u4e00-\u9fff]", ("zh", "ja")))
"""Marks that only some languages are written with."""
MIN_LATIN_WORDS = 2
"""Number of Latin words from which a sentence in another script may be English with a name in that script."""
MAX_TOKENS = 60
"""Sentences of more tokens are for somebody who understands prose."""
MAX_SPANS = 40
"""Most parts of a sentence that are tried as names of shots."""
_BEGINS_SHOTS = frozenset(
    ("SHOT", "CSHOT", "PAGE", "CPAGE", "NUMBER", "SHOTID", "NUMBERSIGN", "ALL", "FILM", "IT", "ORDINAL")
)
_ENDS_SHOTS = frozenset(
    (
        "NUMBER",
        "SHOTID",
        "CSHOT",
        "SHOT",
        "CPAGE",
        "FILM",
        "ALL",
        "IT",
        "ORDINAL",
        "NAME",
        "WORD",
        "CAST",
        "QUOTED",
        "HEARD",
        "CLOSEUP",
        "WIDE",
    )
)
MAX_MEANINGS = 8
"""Most readings of one sentence that are looked at."""


@dataclass(frozen=True)
class Sentence:
    """A sentence and its possible meanings.

    Attributes:
        text: The sentence, without courtesies.
        language: The language in which it was understood, or that it most likely has.
        meanings: Its different readings; none if it is not understood.
        tokens: Its tokens in that language.
        corrected: Pairs of a misspelt word and the word that it was taken for.
    """

    text: str
    language: str
    meanings: tuple[Meaning, ...]
    tokens: tuple[Token, ...]
    corrected: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=256)
def parse_sentence(text: str, names: tuple[str, ...] = (), *, forgive_typos: bool = False) -> Sentence:
    """Parse a sentence in any language that has a vocabulary.

    Args:
        text: The sentence.
        names: Names of the cast, which are recognized before other words.
        forgive_typos: Whether a misspelt word may be taken for the only word of the vocabulary that is near to it.

    Returns:
        The sentence with all its meanings in the first language that gives it one.
    """
    folded = fold_sentence(text)
    languages = likely_languages(folded)
    for language in languages:
        sentence = _parse_in(folded, load_vocabulary(language), names)
        if sentence.meanings:
            return sentence
    for language in languages if forgive_typos else ():
        words = load_vocabulary(language)
        spelt, corrected = spelling.correct_words(folded, words, names)
        if corrected and (sentence := _parse_in(spelt, words, names)).meanings:
            return Sentence(sentence.text, language, sentence.meanings, sentence.tokens, corrected)
    return _parse_in(folded, load_vocabulary(languages[0]), names)


def likely_languages(text: str) -> tuple[str, ...]:
    """Return the languages that a sentence may have by its script, the likeliest first."""
    plain = without_quotations(text)
    script = next((languages for marks, languages in _SCRIPTS if re.search(marks, plain)), ())
    if script and len(re.findall(r"[A-Za-z]{2,}", plain)) < MIN_LATIN_WORDS:
        return script
    latin = [language for language in LANGUAGES if load_vocabulary(language).is_spaced]
    words = set(spelling.words_of(plain))
    latin.sort(key=lambda language: -len(words & load_vocabulary(language).markers))
    return (*script, *latin)


def is_denied(text: str) -> bool:
    """Return whether a text has a word such as "not", "if" or "except", in any language that it may have."""
    folded = fold_sentence(text).lower()
    return any(load_vocabulary(language).denial.search(folded) for language in _own_languages(folded))


def terminals_in(text: str) -> set[str]:
    """Return the terminals of a text's words, in any language that it may have."""
    folded = fold_sentence(text)
    return {
        token.kind for language in likely_languages(folded) for token in tokenize(folded, load_vocabulary(language))[1]
    }


def _own_languages(folded: str) -> tuple[str, ...]:
    """Return the languages of a text's script, or the one language that it most likely has, and English."""
    languages = likely_languages(folded)
    return tuple(
        dict.fromkeys((*(name for name in languages if not load_vocabulary(name).is_spaced), languages[0], "en"))
    )


def parse_tokens(text: str, tokens: Sequence[Token]) -> tuple[Meaning, ...]:
    """Return the different meanings of some tokens; none if they do not fit the grammar."""
    from lark.exceptions import UnexpectedInput
    from lark.visitors import CollapseAmbiguities

    from agents.language.meaning import MeaningBuilder, NoMeaningError

    if not tokens or len(tokens) > MAX_TOKENS:
        return ()
    try:
        forest = grammar_of(frozenset(token.kind for token in tokens)).parse(tokens, start="start")
    except UnexpectedInput:
        return ()
    builder = MeaningBuilder(text)
    found: list[Meaning] = []
    for tree in _readings(CollapseAmbiguities().transform(forest)):
        with suppress(NoMeaningError):
            meaning = builder.build(tree)
            if meaning and meaning not in found:
                found.append(meaning)
    return tuple(found[:MAX_MEANINGS])


def find_shots(text: str, tokens: Sequence[Token]) -> tuple[list[str], list[Token]]:
    """Find the longest part of a sentence that names shots.

    Returns:
        The selectors of the shots, and the other tokens; no selectors if no shots are named.
    """
    from lark.exceptions import UnexpectedInput

    from agents.language.meaning import MeaningBuilder, first_reading

    spans = [
        (start, end)
        for start, first in enumerate(tokens)
        if first.kind in _BEGINS_SHOTS
        for end, last in enumerate(tokens[start:], start + 1)
        if last.kind in _ENDS_SHOTS
    ]
    for start, end in sorted(spans, key=lambda span: span[0] - span[1])[:MAX_SPANS]:
        try:
            part = tokens[start:end]
            forest = grammar_of(frozenset(token.kind for token in part)).parse(part, start="shots")
        except UnexpectedInput:
            continue
        return MeaningBuilder(text).selectors(first_reading(forest)), [*tokens[:start], *tokens[end:]]
    return [], list(tokens)


@cache
def load_grammar() -> Lark:
    """Load the grammar, which takes tokens in place of text."""
    from lark import Lark
    from lark import Token as Terminal
    from lark.lexer import Lexer

    class TokenLexer(Lexer):
        """Hand the tokens of a sentence on to the parser."""

        def __init__(self, _: Any) -> None:
            pass

        def lex(self, lexer_state: Any, parser_state: Any = None) -> Iterator[Terminal]:
            """Yield each token as a terminal of the grammar; the lexer's state is the tokens."""
            for token in lexer_state:
                yield Terminal(token.kind, token.text, start_pos=token.start, end_pos=token.end)

    text = resources.files(__package__).joinpath("sentence.lark").read_text(encoding="utf-8")
    return Lark(text, parser="earley", lexer=TokenLexer, ambiguity="explicit", start=["start", "shots"])


@lru_cache(maxsize=256)
def grammar_of(kinds: frozenset[str]) -> Lark:
    """Return the grammar with only those rules that tokens of some kinds can complete.

    It finds the same trees in these tokens as the whole grammar, without following its hundreds of other rules at each
    token, which takes nearly all of the time that a sentence takes.
    """
    lark = copy.copy(load_grammar())
    left = {rule for rule in lark.rules if all(part.name in kinds for part in rule.expansion if part.is_term)}
    usable: set[Rule] = set()
    origins: set[Symbol] = set()
    while found := {rule for rule in left if all(part.is_term or part in origins for part in rule.expansion)}:
        usable |= found
        origins |= {rule.origin for rule in found}
        left -= found
    lark.parser = copy.copy(lark.parser)
    lark.parser.parser = parser = copy.copy(lark.parser.parser)
    parser.predictions = {
        origin: [one for one in rules if one in usable] for origin, rules in parser.predictions.items()
    }
    return lark


def _parse_in(folded: str, words: Vocabulary, names: Sequence[str]) -> Sentence:
    text, tokens = tokenize(folded, words, names)
    return Sentence(text, words.language, parse_tokens(text, tokens), tuple(tokens))


def _readings(trees: Tree[Any] | Iterable[Tree[Any]]) -> Iterator[Tree[Any]]:
    yield from ([trees] if hasattr(trees, "data") else trees)  # type: ignore[misc]
