"""Selectors of shots, parsed once from text such as "shots 3-6" or "all close-ups of mika"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import PlainSerializer, PlainValidator

from agents.editing.refusals import EditError
from storage.domain import ShotPlan
from storage.shot_ids import sort_key

NUMBER = r"s?\d+[a-z]?"
LIST = rf"shots?\s+{NUMBER}(?:(?:\s*[-,]\s*|\s+(?:and|to|through)\s+|\s+(?=\d)){NUMBER})*"
PAGES = r"pages?\s+\d+(?:\s*-\s*\d+)?"
KINDS = r"close-?ups?|wides?|silent|shots?"
_QUOTED = r"[\"“„「][^\"“”„「」]+[\"”“」]"
_NAME = r"(?!pages?\b)[\w.'’-]+(?:\s+(?-i:(?![a-z]))[\w.'’-]+){0,3}?"
"""A name without quotes: its later words do not begin with a small Latin letter, as a verb would."""
_OF = rf"\s+(?:of|on|from|with)\s+(?:{PAGES}|{_QUOTED}|{_NAME})"
_ALL = rf"(?:all|every|each)(?:\s+(?:{KINDS}))*(?:{_OF})*"
SELECTOR_PATTERN = rf"{LIST}|(?:the\s+)?(?:whole\s+)?film|{PAGES}|{_ALL}"
"""Pattern of all texts that name shots, for the forms of the grammar."""
EXAMPLES = "shot 7, shots 3-6, page 3, all close-ups, all shots of page 3, all shots of mika, film"
NO_CAST_HINT = "nobody is known by name here: name shots by number or by page, such as: shot 7, page 3"
CLOSE_UP_SHARE, WIDE_SHARE = 0.6, 0.95
"""Largest share of its panels that a close-up shows, and smallest that a wide shot shows."""
MAX_DIGITS = 9
"""Most digits in the number of a shot or page."""

ShotKind = Literal["", "close-up", "wide", "silent"]
_KINDS: tuple[tuple[str, ShotKind], ...] = (("closeup", "close-up"), ("wide", "wide"), ("silent", "silent"), ("", ""))
_PLURALS: dict[ShotKind, str] = {"": "shots", "close-up": "close-ups", "wide": "wides", "silent": "silent shots"}


@dataclass(frozen=True)
class ShotSelector:
    """A choice of shots, by their ids or by what they have in common; without any condition it chooses all.

    `str` of a selector is its canonical text, which `parse` reads back as an equal selector.

    Attributes:
        spans: Pairs of ids: every shot that stands in the film from the first to the last of a pair.
            A single shot is a pair of equal ids. Where there are spans, the other fields are empty.
        pages: First and last page of the shots, counted from 1 and inclusive; None for any page.
        characters: Names or ids of characters who must all be in a shot.
        kind: "close-up" and "wide" by the share of its panels that a shot shows, "silent" for shots without balloons
            to read, "" for any shot.
    """

    spans: tuple[tuple[str, str], ...] = ()
    pages: tuple[int, int] | None = None
    characters: tuple[str, ...] = ()
    kind: ShotKind = ""

    @classmethod
    def of(cls, *shot_ids: str) -> ShotSelector:
        """Select shots by their ids, such as "s007".

        Args:
            shot_ids: At least one id.

        Returns:
            A selector for which `is_explicit` is true.

        Raises:
            ValueError: No id is given, which would select the whole film.
        """
        if not shot_ids:
            raise ValueError("a selector needs the id of a shot")
        return cls(spans=tuple((shot_id, shot_id) for shot_id in shot_ids))

    @classmethod
    def parse(cls, text: str) -> ShotSelector:
        """Parse a selector from text such as "shots 3-6", "page 2" or "all close-ups of mika".

        Args:
            text: The text, in any letter case and with any spacing.

        Returns:
            The selector; whether its shots exist is checked by `choose`.

        Raises:
            ValueError: The text names no shots, or a number has more than MAX_DIGITS digits.
        """
        words = " ".join(text.split())
        if not re.fullmatch(SELECTOR_PATTERN, words, re.IGNORECASE):
            raise ValueError(f"{_clip_text(words) or 'nothing'!r} names no shots; say {EXAMPLES}")
        lower = words.lower()
        if lower.startswith("shot"):
            return cls(spans=tuple(_parse_spans(lower.split(" ", 1)[1])))
        if lower.startswith("page"):
            return cls(pages=_parse_pages(lower))
        kinds, *parts = re.split(r" (?:of|on|from|with) ", words, flags=re.IGNORECASE)
        alike = kinds.lower().replace("-", "")
        kind = next(kind for name, kind in _KINDS if name in alike)
        pages = [part for part in parts if re.fullmatch(PAGES, part, re.IGNORECASE)]
        characters = tuple(part.strip('"“”„「」') for part in parts if part not in pages)
        return cls(pages=_parse_pages(pages[0]) if pages else None, characters=characters, kind=kind)

    @classmethod
    def validate(cls, value: object) -> ShotSelector:
        """Return a selector unchanged, or parse its text from the database or a model's answer.

        Raises:
            ValueError: The value is neither a selector nor the text of one.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls.parse(value)
        raise ValueError(f"{type(value).__name__} names no shots; say {EXAMPLES}")

    @property
    def is_explicit(self) -> bool:
        """Whether every shot is named by its own id, without a range."""
        return bool(self.spans) and all(first == last for first, last in self.spans)

    @property
    def shot_ids(self) -> tuple[str, ...]:
        """The ids at the ends of the spans, each once; for an explicit selector these are all shots it selects."""
        return tuple(dict.fromkeys(shot_id for span in self.spans for shot_id in span))

    def __str__(self) -> str:
        """Return the canonical text, such as "shots 3, 5-6" or "all close-ups of page 2 of mika"."""
        if self.spans:
            parts = [short_name(a) if a == b else f"{short_name(a)}-{short_name(b)}" for a, b in self.spans]
            several = len(self.spans) > 1 or not self.is_explicit
            return f"shot{'s' if several else ''} {', '.join(parts)}"
        words = ["all", _PLURALS[self.kind]]
        if self.pages:
            first, last = self.pages
            words += ["of", f"page {first}" if first == last else f"pages {first}-{last}"]
        for name in self.characters:
            words += ["of", f'"{name}"' if re.search(r"[^\w.-]", name) else name]
        return " ".join(words)

    def choose(
        self, shots: Sequence[ShotPlan], character_ids: Mapping[str, str], shares: Mapping[str, float]
    ) -> list[ShotPlan]:
        """Return the selected shots, in the order in which they are given.

        Args:
            shots: The shots to choose from, in film order.
            character_ids: The ids of the cast by their ids and names, folded by `fold_name`.
            shares: How much of its panels each shot shows, 0..1, by the shot's id.

        Returns:
            At least one shot.

        Raises:
            EditError: A shot or character that the selector names does not exist, or no shot matches.
        """
        if self.spans:
            places = {shot.id: place for place, shot in enumerate(shots)}
            ends = [sorted((_shot_place(a, places), _shot_place(b, places))) for a, b in self.spans]
            wanted = {place for first, last in ends for place in range(first, last + 1)}
            return [shot for place, shot in enumerate(shots) if place in wanted]
        found = [shot for shot in shots if self._fits(shot, character_ids, shares)]
        if not found:
            raise EditError(f"there are no such shots: {self}", _describe_film(shots), "no_such_shots")
        return found

    def _fits(self, shot: ShotPlan, character_ids: Mapping[str, str], shares: Mapping[str, float]) -> bool:
        if self.pages and not self.pages[0] <= shot.page + 1 <= self.pages[1]:
            return False
        for name in self.characters:
            one = character_ids.get(fold_name(name))
            if one is None:
                known = ", ".join(sorted(set(character_ids.values())))
                cure = f"the cast is {known}; put quotes around a longer name" if known else NO_CAST_HINT
                raise EditError(f"there is no character {name}", cure, "unknown_character")
            if one not in shot.characters:
                return False
        kinds = {
            "close-up": shares[shot.id] <= CLOSE_UP_SHARE,
            "wide": shares[shot.id] >= WIDE_SHARE,
            "silent": not shot.balloons,
        }
        return kinds.get(self.kind, True)


ALL = ShotSelector()
"""The whole film."""
Which = Annotated[
    ShotSelector,
    PlainValidator(ShotSelector.validate, json_schema_input_type=str),
    PlainSerializer(str, return_type=str),
]
"""The shots that an edit changes: a selector or its text, stored as text."""


def short_name(name: str) -> str:
    """Return the short form of a shot's id: "7" for "s007", "7b" for "s007b"."""
    found = re.fullmatch(r"s0*(\d+)([a-z]*)", name)
    return _clip_text(found[1] + found[2] if found else name)


def full_name(name: str) -> str:
    """Return a shot's id from its short form: "s007" for "7" and "s7"."""
    found = re.fullmatch(r"s?(\d+)([a-z]*)", name.strip().lower())
    return f"s{int(found[1]):03d}{found[2]}" if found and len(found[1]) <= MAX_DIGITS else name


def fold_name(name: str) -> str:
    """Return a name in a form for comparison, without differences of letter case and letter width."""
    return unicodedata.normalize("NFKC", name).casefold()


def describe_shots(shots: Sequence[ShotPlan]) -> str:
    """Describe shots in words: "shot 7", "shots 3, 4 and 5", "12 shots"."""
    return describe_names([shot.id for shot in shots])


def describe_names(names: Sequence[str]) -> str:
    """Describe shots in words by their ids, as `describe_shots` does."""
    short_names = [short_name(name) for name in names]
    if len(short_names) < 2:
        return f"shot {''.join(short_names)}"
    if len(short_names) > 8:
        return f"{len(short_names)} shots"
    return f"shots {', '.join(short_names[:-1])} and {short_names[-1]}"


def _shot_place(name: str, places: Mapping[str, int]) -> int:
    if name not in places:
        before = places and sort_key(name) < sort_key(max(places, key=sort_key))
        gone = f"; if it was left out: shot {short_name(name)} restore" if before else ""
        hint = f"there are {_shot_range(list(places))}{gone}"
        raise EditError(f"there is no shot {short_name(name)}", hint, "unknown_shot", shot=name)
    return places[name]


def _parse_pages(text: str) -> tuple[int, int]:
    first, *last = [int(_check_digits(number)) for number in re.findall(r"\d+", text)]
    return first, last[0] if last else first


def _parse_spans(text: str) -> Iterator[tuple[str, str]]:
    text = re.sub(r"\s*(?:-|\bto\b|\bthrough\b)\s*", "-", re.sub(r"\s*(?:,|\band\b)\s*", " ", text))
    for part in text.split():
        first, _, last = _check_digits(part).partition("-")
        yield full_name(first), full_name(last or first)


def _check_digits(text: str) -> str:
    if long := re.search(rf"\d{{{MAX_DIGITS + 1},}}", text):
        raise ValueError(f"{_clip_text(long[0])} is too large for the number of a shot or a page")
    return text


def _clip_text(text: str) -> str:
    """Shorten a text that is repeated in a message to 40 characters."""
    return text if len(text) <= 40 else f"{text[:39]}…"


def _describe_film(shots: Sequence[ShotPlan]) -> str:
    if not shots:
        return "no shot is planned"
    return f"there are {_shot_range([shot.id for shot in shots])} on pages {_page_range(shots)}"


def _page_range(shots: Sequence[ShotPlan]) -> str:
    return f"{min(shot.page for shot in shots) + 1} to {max(shot.page for shot in shots) + 1}"


def _shot_range(names: Sequence[str]) -> str:
    return (
        f"shots {short_name(min(names, key=sort_key))} to {short_name(max(names, key=sort_key))}" if names else "none"
    )
