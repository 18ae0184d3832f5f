"""Words that name shots in, those shots of a board out: "shot 7", "shots 3-6", "page 3", "all close-ups of mika"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from storage.errors import SettingsError
from storage.shapes import ShotPlan

NUMBER = r"s?\d+[a-z]?"
LIST = rf"shots?\s+{NUMBER}(?:(?:\s*[-,]\s*|\s+(?:and|to|through)\s+|\s+(?=\d)){NUMBER})*"
PAGES = r"pages?\s+\d+(?:\s*-\s*\d+)?"
KINDS = r"close-?ups?|wides?|silent|shots?"
_QUOTED = r"[\"“„「][^\"“”„「」]+[\"”“」]"
_NAME = r"(?!pages?\b)[\w.'’-]+(?:\s+(?-i:(?![a-z]))[\w.'’-]+){0,3}?"
"""A name without quotes: what follows its first word begins with no small Latin letter, as a verb does."""
_OF = rf"\s+(?:of|on|from|with)\s+(?:{PAGES}|{_QUOTED}|{_NAME})"
_ALL = rf"(?:all|every|each)(?:\s+(?:{KINDS}))*(?:{_OF})*"
WORDS = rf"{LIST}|(?:the\s+)?(?:whole\s+)?film|{PAGES}|{_ALL}"
"""The pattern of words that name shots, for the table of forms."""
EXAMPLES = "shot 7, shots 3-6, page 3, all close-ups, all shots of page 3, all shots of mika, film"
NOBODY = "nobody is known by name here: name shots by number or by page, such as: shot 7, page 3"
CLOSE, WIDE = 0.6, 0.95
"""Share of its panels that a close-up shows at most, and a wide shot at least."""


@dataclass(frozen=True)
class Which:
    """All shots that fit everything said: by name or from name to name, by page, by who is in them, by kind."""

    names: tuple[tuple[str, str], ...] = ()
    pages: tuple[int, int] | None = None
    who: tuple[str, ...] = ()
    kind: str = ""

    @property
    def named(self) -> bool:
        """Whether every shot is named by itself, without a range."""
        return bool(self.names) and all(first == last for first, last in self.names)


def parse(text: str) -> Which:
    """Understand the words. ValueError when they name no shots."""
    said = " ".join(text.split())
    if not re.fullmatch(WORDS, said, re.IGNORECASE):
        raise ValueError(f"{said or 'nothing'!r} names no shots; say {EXAMPLES}")
    low = said.lower()
    if low.startswith("shot"):
        return Which(names=tuple(_names(low.split(" ", 1)[1])))
    if low.startswith("page"):
        return Which(pages=_pages_of(low))
    kinds, *parts = re.split(r" (?:of|on|from|with) ", said, flags=re.IGNORECASE)
    alike = kinds.lower().replace("-", "")
    kind = next((name for name in ("close-up", "wide", "silent") if name.replace("-", "") in alike), "")
    pages = [part for part in parts if re.fullmatch(PAGES, part, re.IGNORECASE)]
    who = tuple(part.strip('"“”„「」') for part in parts if part not in pages)
    return Which(pages=_pages_of(pages[0]) if pages else None, who=who, kind=kind)


def canonical(text: str) -> str:
    """The same words in one spelling; ValueError when they name no shots."""
    which = parse(text)
    if which.names:
        parts = [shown(a) if a == b else f"{shown(a)}-{shown(b)}" for a, b in which.names]
        return f"shot{'s' if len(parts) > 1 or '-' in parts[0] else ''} {', '.join(parts)}"
    return said(which)


def shown(name: str) -> str:
    """A shot's name as it is said: s007 is 7, s007b is 7b."""
    found = re.fullmatch(r"s0*(\d+)([a-z]*)", name)
    return found[1] + found[2] if found else name


def named(said: str) -> str:
    """A shot's name as it is kept: 7 and s7 are s007."""
    found = re.fullmatch(r"s?(\d+)([a-z]*)", said.strip().lower())
    return f"s{int(found[1]):03d}{found[2]}" if found else said


def folded(name: str) -> str:
    """A name as it is compared: however wide and high its letters are."""
    return unicodedata.normalize("NFKC", name).casefold()


def words(shots: Sequence[ShotPlan]) -> str:
    """Shots in words: "shot 7", "shots 3, 4 and 5"."""
    return in_words([shot.id for shot in shots])


def in_words(names: Sequence[str]) -> str:
    """The same of the names of shots."""
    said = [shown(name) for name in names]
    if len(said) < 2:
        return f"shot {''.join(said)}"
    if len(said) > 8:
        return f"{len(said)} shots"
    return f"shots {', '.join(said[:-1])} and {said[-1]}"


def chosen(
    which: Which, shots: Sequence[ShotPlan], names_of: dict[str, str], share_of: dict[str, float]
) -> list[ShotPlan]:
    """The shots meant, in film order. `names_of` gives characters' ids by `folded` id and name, `share_of` how much
    of its panels each shot shows. SettingsError for a shot, page or character that is not there.
    """
    if which.names:
        places = {shot.id: place for place, shot in enumerate(shots)}
        spans = [sorted((_place(a, places), _place(b, places))) for a, b in which.names]
        wanted = {place for first, last in spans for place in range(first, last + 1)}
        return [shot for place, shot in enumerate(shots) if place in wanted]
    found = [shot for shot in shots if _fits(which, shot, names_of, share_of)]
    if not found:
        raise SettingsError(f"there are no such shots: {said(which)}", _there(shots))
    return found


def said(which: Which) -> str:
    """In words again."""
    words = ["all", {"close-up": "close-ups", "wide": "wides", "silent": "silent shots"}.get(which.kind, "shots")]
    if which.pages:
        first, last = which.pages
        words += ["of", f"page {first}" if first == last else f"pages {first}-{last}"]
    for name in which.who:
        words += ["of", f'"{name}"' if re.search(r"[^\w.-]", name) else name]
    return " ".join(words)


def _fits(which: Which, shot: ShotPlan, names_of: dict[str, str], share_of: dict[str, float]) -> bool:
    if which.pages and not which.pages[0] <= shot.page + 1 <= which.pages[1]:
        return False
    for name in which.who:
        one = names_of.get(folded(name))
        if one is None:
            known = ", ".join(sorted(set(names_of.values())))
            cure = f"the cast is {known}; put quotes around a longer name" if known else NOBODY
            raise SettingsError(f"there is no character {name}", cure)
        if one not in shot.characters:
            return False
    kinds = {"close-up": share_of[shot.id] <= CLOSE, "wide": share_of[shot.id] >= WIDE, "silent": not shot.lines}
    return kinds.get(which.kind, True)


def _place(name: str, places: dict[str, int]) -> int:
    if name not in places:
        gone = f"; if it was left out: shot {shown(name)} restore" if name < max(places, default="") else ""
        raise SettingsError(f"there is no shot {shown(name)}", f"there are {_span(list(places))}{gone}")
    return places[name]


def _pages_of(said: str) -> tuple[int, int]:
    first, *last = [int(number) for number in re.findall(r"\d+", said)]
    return first, last[0] if last else first


def _names(text: str) -> Iterator[tuple[str, str]]:
    text = re.sub(r"\s*(?:-|\bto\b|\bthrough\b)\s*", "-", re.sub(r"\s*(?:,|\band\b)\s*", " ", text))
    for part in text.split():
        first, _, last = part.partition("-")
        yield named(first), named(last or first)


def _there(shots: Sequence[ShotPlan]) -> str:
    return f"there are {_span([shot.id for shot in shots])} on pages {_pages(shots)}" if shots else "no shot is planned"


def _pages(shots: Sequence[ShotPlan]) -> str:
    return f"{min(shot.page for shot in shots) + 1} to {max(shot.page for shot in shots) + 1}"


def _span(names: Sequence[str]) -> str:
    return f"shots {shown(min(names))} to {shown(max(names))}" if names else "none"
