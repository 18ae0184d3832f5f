"""Turn a sentence into the terminals of the grammar, with the vocabulary of one language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agents.language.vocabulary import Vocabulary

_QUOTES = {'"': '"', "“": "”", "„": "“”", "「": "」", "『": "』", "«": "»", "'": "'"}
_QUOTED = re.compile(
    r"\"(?:\\.|[^\"\\])*\"|“[^”]*”|„[^“”]*[“”]|「[^」]*」|『[^』]*』|«[^»]*»|(?<!\S)'(?:\\.|[^'\\])*'(?![^\W\d_])"
)
_NUMBERS = (
    ("ORDINAL", re.compile(r"\d+(?:st|nd|rd|th|番目|번째|(?:er|re|e|ème|º|ª))(?![^\W\d_])", re.IGNORECASE)),
    ("RATIO", re.compile(r"\d+:\d+")),
    ("PERCENT", re.compile(r"\d+(?:\.\d+)?\s*%")),
    ("SHOTID", re.compile(r"(?:s\d+[a-z]?|\d+[a-rt-wyz])(?!\w)", re.IGNORECASE)),
    ("DECIMAL", re.compile(r"\d+\.\d+")),
    ("NUMBER", re.compile(r"\d+")),
)
_DECIMAL_COMMA = re.compile(r"\d+,\d+(?=\s*(?:s|sec\w*|sek\w*|seg\w*)(?![^\W\d_]))", re.IGNORECASE)
_PUNCTUATION = {
    **dict.fromkeys(",、", "COMMA"), ";": "SEP", "?": "QMARK", "+": "PLUS", **dict.fromkeys("-–—−~〜～", "DASH"),
}  # fmt: skip
_SOUND_FILE = r"[{}]+\.(?:wav|wave|flac|ogg|oga|opus|mp3|m4a|aac|aif|aiff|wma)(?![A-Za-z0-9])"
_SPACED_FILE = re.compile(_SOUND_FILE.format(r"^\s\"'“”„«»;,?!()"), re.IGNORECASE)
_UNSPACED_FILE = re.compile(_SOUND_FILE.format(r"A-Za-z0-9_./~\\:+-"), re.IGNORECASE)
"""The name of a sound file; beside the marks of an unspaced language, other letters than Latin ones need quotes."""
_SILENT = frozenset(".!。…:¡¿·()*_`")
_WORD = re.compile(r"[^\W\d_][\w'’.-]*\w|\w")
_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_KANJI_NUMBER = re.compile(f"[{''.join(_DIGITS)}十百]+")
_MULTIPLIERS = {"十": 10, "百": 100}
_PARTICLES = "をはにの"
_HEARD_CONTEXT = frozenset(("SOUND", "SOUNDEFFECT", "AMBIENCE", "PLACE", "MUSIC", "ADD", "DROP"))
"""Terminals beside which words such as "rain" and "door" may be what is heard; elsewhere they are ordinary words."""
_QUESTION_WORDS = frozenset(("WHAT", "WHY", "HOWLONG", "HOWMANY", "WHO"))
_FREE_TEXT_AFTER = frozenset(("PROMPT", "REDRAW", "WITHOUT", "REFS"))
"""Terminals after which a sentence ends in free text."""
UNKNOWN = frozenset(("WORD", "NAME", "CAST"))
"""Terminals of words that are not in the vocabulary, which may be names."""


@dataclass(frozen=True)
class Token:
    """A terminal of the grammar with its text, and its place in the sentence."""

    kind: str
    text: str
    start: int
    end: int


def without_quotations(text: str) -> str:
    """Return a text without what stands in quotes."""
    return _QUOTED.sub(" ", text)


def fold_sentence(text: str) -> str:
    """Return a sentence with ordinary digits, letters and spaces in place of wide and half-wide ones; quotes stay."""
    parts, at = [], 0
    for quote in _QUOTED.finditer(text):
        parts += [_fold(text[at : quote.start()]), quote[0]]
        at = quote.end()
    return "".join([*parts, _fold(text[at:])])


def tokenize(sentence: str, words: Vocabulary, names: Sequence[str] = ()) -> tuple[str, list[Token]]:
    """Return a folded sentence without courtesies, and its tokens; words without meaning are left out.

    Args:
        sentence: The sentence, as `fold_sentence` returns it.
        words: The vocabulary of the language to try.
        names: Names of the cast, which are recognized before other words.
    """
    text = _trim(sentence, words)
    if reply := words.replies.get(" ".join(text.rstrip(" .!。？?").lower().replace(",", "").split())):
        return text, [Token(reply, text, 0, len(text))]
    return text, _join_numbers(_resolve_words(list(_scan(text, words, names)), words))


def unquote_mark(text: str) -> str:
    """Return a text without the typographic quotes around it; plain quotes stay, as they may be escaped."""
    return text[1:-1].strip() if len(text) > 1 and text[0] in _QUOTES and text[0] not in "\"'" else text


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("’", "'")


def _trim(sentence: str, words: Vocabulary) -> str:
    """Return a sentence without courtesies at its beginning and its end."""
    text, before = sentence.strip(), ""
    while text != before:
        before = text
        for phrase in words.opening:
            if re.match(rf"{re.escape(phrase)}(?:[\s,、]+)(?=\S)", text, re.IGNORECASE):
                text = text[len(phrase) :].lstrip(" ,、")
        for phrase in words.closing:
            if found := re.search(rf"(?<=\S)[\s,]+{re.escape(phrase)}\s*[.!…]*$", text, re.IGNORECASE):
                text = text[: found.start()]
    return text


def _scan(text: str, words: Vocabulary, names: Sequence[str]) -> Iterator[Token]:
    called = _names_pattern(names, words)
    at, last = 0, ""
    while at < len(text):
        if free := _free_text(text, at, last):
            yield free
            return
        found = [] if text[at].isspace() else _match(text, at, words, called)
        at = found[-1].end if found else at + 1
        yield from (token for token in found if token.kind)
        last = found[-1].kind if found else last


def _free_text(text: str, at: int, last: str) -> Token | None:
    """Return the rest of a sentence as free text if the last terminal asks for it, and it is no quotation."""
    rest = text[at:].strip()
    if last not in _FREE_TEXT_AFTER or not rest or text[at].isspace() or (rest[0] in _PARTICLES and "「" in rest):
        return None
    is_quoted = rest[0] in "\"'" and len(rest) > 1 and rest[-1] == rest[0]
    if last == "REDRAW":  # a place may follow, in quotes too: "close them" on "the eyes"
        is_quoted = _QUOTED.fullmatch(rest) is not None
    if not is_quoted and last != "REFS" and _QUOTED.match(rest):
        return None
    return Token("TEXT", rest, at, len(text))


def _match(text: str, at: int, words: Vocabulary, called: re.Pattern[str] | None) -> list[Token]:
    """Return the tokens at a position; a token without a kind is a word without meaning; none for silent marks."""
    sound_file = _SPACED_FILE if words.is_spaced else _UNSPACED_FILE
    for kind, pattern in (("QUOTED", _QUOTED), ("FILE", sound_file), ("CAST", called)):
        if pattern and (found := pattern.match(text, at)):
            return [Token(kind, found[0], at, found.end())]
    if number := _match_number(text, at, words):
        return [number]
    if phrase := words.pattern.match(text, at):
        return _phrase_tokens(phrase, words)
    if not words.is_spaced and (kanji := _KANJI_NUMBER.match(text, at)):
        return [Token("NUMBER", str(_kanji_value(kanji[0])), at, kanji.end())]
    return (
        _match_mark(text, at) if text[at] in _PUNCTUATION or text[at] in _SILENT else [_unknown_word(text, at, words)]
    )


def _match_number(text: str, at: int, words: Vocabulary) -> Token | None:
    if comma := (words.is_spaced and words.language != "en" and _DECIMAL_COMMA.match(text, at)):
        return Token("DECIMAL", comma[0].replace(",", "."), at, comma.end())
    for kind, pattern in _NUMBERS:
        if number := pattern.match(text, at):
            value = re.sub(r"\D", "", number[0]) if kind == "ORDINAL" else number[0]
            return Token(kind, value, at, number.end())
    return None


def _match_mark(text: str, at: int) -> list[Token]:
    """Return the token of a punctuation mark; none if it has no meaning, as at the end of a sentence."""
    if kind := _PUNCTUATION.get(text[at]):
        return [Token(kind, text[at], at, at + 1)]
    goes_on = text[at] in ".。!" and bool(text[at + 1 :].strip(" .!。…"))
    return [Token("SEP", text[at], at, at + 1)] if goes_on else []


def _phrase_tokens(found: re.Match[str], words: Vocabulary) -> list[Token]:
    phrase = " ".join(found[0].lower().replace("’", "'").split())
    start, end = found.span()
    for key in (phrase, phrase.replace("-", " "), phrase.replace(" ", "-")):
        if key in words.terms:
            kinds = words.terms[key] or ("",)
            return [Token(kind, found[0], start, end) for kind in kinds]
        if key in words.numbers:
            return [Token("NUMBERWORD", str(words.numbers[key]), start, end)]
        if key in words.ordinals:
            return [Token("ORDINAL", str(words.ordinals[key]), start, end)]
    return [Token("", found[0], start, end)]


def _unknown_word(text: str, at: int, words: Vocabulary) -> Token:
    """Return the unknown word at a position: up to a space, or in unspaced languages up to the next known word."""
    found = _WORD.match(text, at)
    end = found.end() if found else at + 1
    if not words.is_spaced:
        latin = re.match(r"[A-Za-z][\w'.-]*(?<=[A-Za-z0-9])", text[at:], re.ASCII)
        end = at + latin.end() if latin else at + 1
        while not latin and end < len(text) and _is_unknown(text, end, words):
            end += 1
    word = text[at:end]
    return Token(_unknown_kind(word), word, at, end)


def _unknown_kind(word: str) -> str:
    return "WORD" if "a" <= word[0] <= "z" else "NAME"


def _is_unknown(text: str, at: int, words: Vocabulary) -> bool:
    ends = text[at].isspace() or text[at].isdigit() or text[at] in _PUNCTUATION or text[at] in _SILENT
    return not (ends or text[at] in _QUOTES or words.pattern.match(text, at) or _KANJI_NUMBER.match(text, at))


def _names_pattern(names: Sequence[str], words: Vocabulary) -> re.Pattern[str] | None:
    usable = [name for name in names if name.strip() and name.lower() not in words.terms and not name.isdigit()]
    if not usable:
        return None
    choices = "|".join(re.escape(_fold(name)) for name in sorted(usable, key=len, reverse=True))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{choices})(?![A-Za-z0-9])", re.IGNORECASE)


def _resolve_words(tokens: list[Token], words: Vocabulary) -> list[Token]:
    """Resolve words of two meanings: "second" and "last" before a shot, "to be" in questions, and what may be heard."""
    if not any(token.kind in _HEARD_CONTEXT for token in tokens):
        tokens = [replace(one, kind=_unknown_kind(one.text)) if one.kind == "HEARD" else one for one in tokens]
    if any(token.kind in _QUESTION_WORDS for token in tokens):
        tokens = [token for token in tokens if token.kind != "IS"]
    for place, token in enumerate(tokens[:-1]):
        before = tokens[place - 1].kind if place else ""
        value = words.ordinals.get(token.text.lower())
        is_counted = before in ("NUMBER", "NUMBERWORD", "DECIMAL", "HALF", "BY")
        if value and token.kind != "ORDINAL" and not is_counted and tokens[place + 1].kind in ("SHOT", "CSHOT"):
            tokens[place] = replace(token, kind="ORDINAL", text=str(value))
    return tokens


def _join_numbers(tokens: list[Token]) -> list[Token]:
    """Join number words such as "twenty one" and "twenty-one" to one number."""
    joined: list[Token] = []
    for token in tokens:
        if token.kind != "NUMBERWORD":
            joined.append(token)
            continue
        is_hyphenated = len(joined) > 1 and joined[-1].kind == "DASH" and joined[-1].end == token.start
        tens = joined[-2] if is_hyphenated else joined[-1] if joined else None
        if tens and token.start - tens.end <= 1 and _is_tens(tens, int(token.text)):
            joined = joined[:-2] if is_hyphenated else joined[:-1]
            joined.append(replace(tens, text=str(int(tens.text) + int(token.text)), end=token.end))
        else:
            joined.append(token)
    return [replace(token, kind="NUMBER") if token.kind == "NUMBERWORD" else token for token in joined]


def _is_tens(token: Token, unit: int) -> bool:
    """Return whether a number word for tens stands before one for units."""
    return token.kind == "NUMBERWORD" and int(token.text) in range(20, 100, 10) and 0 < unit < 10


def _kanji_value(text: str) -> int:
    """Return the value of a number in Chinese characters up to 999, such as 二十一 or 一〇五."""
    if not any(mark in _MULTIPLIERS for mark in text):
        return int("".join(str(_DIGITS[mark]) for mark in text))
    total, digit = 0, 0
    for mark in text:
        if mark in _MULTIPLIERS:
            total += (digit or 1) * _MULTIPLIERS[mark]
            digit = 0
        else:
            digit = _DIGITS[mark]
    return total + digit
