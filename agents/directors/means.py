"""What this film's tools can do in, the closed words that a model may say of them out; its words in, a treatment out.

Where no model draws, the words for models that draw are not on offer. A word that was not on offer is the usual.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from agents.asking.answers import Answer
from storage.shapes import AnimatePlan, OutpaintPlan, PageTranscript, Treatment

Cleaned = Literal["frame", "slivers", "lettering", "balloons"]
LINES: tuple[Cleaned, ...] = ("frame", "slivers")
ERASED: tuple[Cleaned, ...] = ("lettering", "balloons")
GROUNDS = ("tone", "blur", "paper")
PLAIN, STILL = "extend", "still"
"""The backends that continue and film a picture without a model."""
MOST_PEOPLE = 3


@dataclass(frozen=True)
class Means:
    """Which of a film's backends draw: the one that cleans, the one that continues, the one that animates."""

    erases: bool = False
    paints: bool = False
    animates: bool = False

    def fields(self, people: int) -> dict[str, Any]:
        """What a model may say of one shot, as fields of its answer; `people` is how many it was told of."""
        clean = (*LINES, *(ERASED if self.erases else ()))
        grounds = ("painted" if self.paints else "auto", *GROUNDS)
        found = {
            "clean": _several(clean, "what is taken off the panel; [] is the usual: frame and slivers" + (
                "; lettering and balloons only where nothing is read in the shot" if self.erases else ""
            )),
            "ground": _one(grounds, "how the picture goes on beyond the panel where the screen shows more; usually "
                           f"{grounds[0]}" + (", by a model; the others are quiet" if self.paints else "")),
        }  # fmt: skip
        if self.animates:
            found["life"] = _one(
                ("moves", "still"), "whether a model makes it move, as `motion` says, or it stays as drawn"
            )
        if people and (self.paints or self.animates):
            found["people"] = _numbers(people, "numbers of the people who must look like themselves, the first most")
        return found

    def treatment(self, shot: Answer) -> Treatment:
        """What the tools are asked for, out of a shot's answer."""
        said: tuple[Cleaned, ...] = tuple(getattr(shot, "clean", ()))
        ground, still = getattr(shot, "ground", ""), getattr(shot, "life", "") == "still"
        quiet = {"backend": PLAIN if self.paints else None, "fill": ground} if ground in GROUNDS else {}
        return Treatment(
            clean=said or LINES,
            outpaint=OutpaintPlan.model_validate(quiet),
            animate=AnimatePlan(backend=STILL if still else None),
        )

    def people(self, shot: Answer, page: PageTranscript) -> tuple[str, ...]:
        """Those whom a shot's answer names, by id."""
        there = people_of(page)
        return tuple(there[number - 1] for number in getattr(shot, "people", ()) if number <= len(there))[:MOST_PEOPLE]


def people_of(page: PageTranscript) -> list[str]:
    """Who is seen on a page, in the order in which a model is told of them, from 1."""
    return sorted({seen.character for seen in page.characters if seen.character})


def reading(treatment: Treatment) -> Treatment:
    """The treatment of a shot in which something is read."""
    kept = tuple(word for word in treatment.clean if word not in ERASED)
    return treatment if kept == treatment.clean else treatment.model_copy(update={"clean": kept or LINES})


def _one(words: Sequence[str], about: str) -> Any:
    def usual(said: object) -> object:
        return said if said in words else words[0]

    return Annotated[Literal[tuple(words)], BeforeValidator(usual)], Field(default=words[0], description=about)


def _several(words: Sequence[str], about: str) -> Any:
    def known(said: object) -> object:
        return [word for word in words if word in said] if isinstance(said, list) else []

    return _list(Literal[tuple(words)], known, about)


def _numbers(most: int, about: str) -> Any:
    def known(said: object) -> object:
        whole = [one for one in said if type(one) is int and 1 <= one <= most] if isinstance(said, list) else []
        return list(dict.fromkeys(whole))

    return _list(int, known, about)


def _list(kind: Any, known: Callable[[object], object], about: str) -> Any:
    return Annotated[list[kind], BeforeValidator(known)], Field(default_factory=list, description=about)
