"""Offer a model the tool options that this film has, and turn its choices into render options.

Where no generative backend draws, the options for one are not offered. A word that was not offered counts as the
default.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from agents.llm.structured_output import Answer, to_one_line
from agents.planning.effect_choices import chosen_effects, effect_fields
from agents.planning.sound_choices import sound_fields
from storage.domain import AnimatePlan, Box, OutpaintPlan, PageTranscript, Panel, RenderOptions

Cleaned = Literal["frame", "slivers", "lettering", "balloons"]
LINES: tuple[Cleaned, ...] = ("frame", "slivers")
ERASED: tuple[Cleaned, ...] = ("lettering", "balloons")
GROUNDS = ("tone", "blur", "paper")
PLAIN_OUTPAINTER, STILL_ANIMATOR = "extend", "still"
"""Backends that continue a picture and film it without a model."""
MAX_PEOPLE, MAX_LIKE = 3, 2


@dataclass(frozen=True)
class ToolOptions:
    """Which of a film's roles use a generative backend, and which backends a shot may choose from.

    Attributes:
        erases: Whether the cleaning backend is generative.
        paints: Whether the outpainting backend is generative.
        animates: Whether the animating backend is generative.
        painters: Generative outpainting backends, the film's own first; empty where none is.
        animators: Generative animating backends, the film's own first; empty where none is.
        hears: Whether the film has sound.
    """

    erases: bool = False
    paints: bool = False
    animates: bool = False
    painters: tuple[str, ...] = ()
    animators: tuple[str, ...] = ()
    hears: bool = True

    def fields(self, people: int, panels: int, balloons: int) -> dict[str, Any]:
        """Return the fields of a shot's answer for a page with so many people, panels and balloons."""
        clean = (*LINES, *(ERASED if self.erases else ()))
        grounds = ("painted" if self.paints else "auto", *GROUNDS)
        found = {
            "clean": _choices_field(
                clean,
                "what is taken off the panel; [] is the usual: frame and slivers"
                + ("; lettering and balloons only where nothing is read in the shot" if self.erases else ""),
            ),
            "ground": _choice_field(
                grounds,
                "how the picture goes on beyond the panel where the screen shows more; usually "
                f"{grounds[0]}" + (", by a model; the others are quiet" if self.paints else ""),
            ),
        }
        return (
            found
            | self._painting_fields()
            | self._motion_fields()
            | self._likeness_fields(people, panels)
            | effect_fields(people)
            | (sound_fields(balloons) if self.hears else {})
        )

    def _painting_fields(self) -> dict[str, Any]:
        """Return the fields about outpainting."""
        if not self.paints:
            return {}
        found = {
            "beyond": _text_field(
                "what is painted beyond the panel, in one sentence: how the place goes on; '' where it is "
                "not seen or plain"
            ),
            "not_beyond": _text_field("what must not be painted there, a list of things; '' is the usual"),
        }
        return found | ({"painter": _choice_field(self.painters, "who paints it")} if len(self.painters) > 1 else {})

    def _motion_fields(self) -> dict[str, Any]:
        """Return the fields about animation."""
        if not self.animates:
            return {}
        found = {
            "life": _choice_field(
                ("moves", "still"), "whether a model makes it move, as `motion` says, or it stays as drawn"
            ),
            "not_moving": _text_field(
                "what must not be seen in the moving picture, a list, such as: moving walls, rain; '' is the usual"
            ),
            "ink": _choice_field(
                ("under", "over"),
                "over: the artist's lines lie over what the model moves, for what must not be redrawn",
            ),
        }
        return found | ({"animator": _choice_field(self.animators, "who moves it")} if len(self.animators) > 1 else {})

    def _likeness_fields(self, people: int, panels: int) -> dict[str, Any]:
        """Return the fields about people and places that must be recognizable."""
        if not (self.paints or self.animates):
            return {}
        who = {"people": _numbers_field(people, "numbers of the people who must look like themselves, the first most")}
        where = {"like": _numbers_field(panels, "numbers of other panels that show the same place or things, for the "
                                  "model to look at; [] is the usual")}  # fmt: skip
        return (who if people else {}) | (where if panels > 1 else {})

    def render_options(self, shot: Answer, page: PageTranscript, shown: Sequence[Panel], view: Box) -> RenderOptions:
        """Return the render options of a shot that shows these panels, from the model's answer about it.

        `view` is the part of the page that the model has seen, in page pixels.
        """
        said: tuple[Cleaned, ...] = tuple(getattr(shot, "clean", ()))
        still = getattr(shot, "life", "") == "still"
        return RenderOptions(
            clean=said or LINES,
            outpaint=self._outpaint(shot),
            animate=AnimatePlan(backend=STILL_ANIMATOR) if still else self._animate(shot),
            keep_line_art=not still and getattr(shot, "ink", "") == "over",
            effects=chosen_effects(shot, page, shown, view, people_of(page)),
            references=self._references(shot, page, shown),
        )

    def _outpaint(self, shot: Answer) -> OutpaintPlan:
        """Return the outpainting plan of an answer."""
        ground = getattr(shot, "ground", "")
        if ground in GROUNDS:
            return OutpaintPlan.model_validate({"backend": PLAIN_OUTPAINTER if self.paints else None, "fill": ground})
        wanted, without = (to_one_line(getattr(shot, name, "")) for name in ("beyond", "not_beyond"))
        return OutpaintPlan(
            backend=_chosen_backend(shot, "painter", self.painters), prompt=wanted, negative_prompt=without
        )

    def _animate(self, shot: Answer) -> AnimatePlan:
        """Return the animation plan of an answer."""
        without = to_one_line(getattr(shot, "not_moving", ""))
        return AnimatePlan(backend=_chosen_backend(shot, "animator", self.animators), negative_prompt=without)

    def _references(self, shot: Answer, page: PageTranscript, shown: Sequence[Panel]) -> tuple[str, ...] | None:
        """Return the ids of people named or seen in the shot, then of the named panels.

        None means that no panel is named.
        """
        panels = sorted(page.panels, key=lambda panel: panel.order)
        like = [panels[number - 1].id for number in getattr(shot, "like", ()) if number <= len(panels)]
        like = [name for name in like if name not in {panel.id for panel in shown}][:MAX_LIKE]
        if not like:
            return None
        here = {panel.id for panel in shown}
        seen = [seen.character for seen in page.characters if seen.panel in here and seen.character]
        people = list(dict.fromkeys([*self.people(shot, page), *seen]))[:MAX_PEOPLE]
        return (*people, *like)

    def people(self, shot: Answer, page: PageTranscript) -> tuple[str, ...]:
        """Return the ids of the characters that a shot's answer names."""
        people = people_of(page)
        return tuple(people[number - 1] for number in getattr(shot, "people", ()) if number <= len(people))[:MAX_PEOPLE]


def people_of(page: PageTranscript) -> list[str]:
    """Return the characters seen on a page, in the order in which a model sees them numbered from 1."""
    return sorted({seen.character for seen in page.characters if seen.character})


def with_text_kept(options: RenderOptions) -> RenderOptions:
    """Return the render options of a shot with lines to read, which keeps its lettering and balloons."""
    kept = tuple(word for word in options.clean if word not in ERASED)
    return options if kept == options.clean else options.model_copy(update={"clean": kept or LINES})


def _choice_field(words: Sequence[str], about: str) -> Any:
    """Return a field with one word of a closed list; any other word counts as the first."""

    def usual(said: object) -> object:
        return said if said in words else words[0]

    return Annotated[Literal[tuple(words)], BeforeValidator(usual)], Field(default=words[0], description=about)


def _text_field(about: str) -> Any:
    """Return a field with free text; anything else counts as ""."""

    def text(said: object) -> object:
        return said if isinstance(said, str) else ""

    return Annotated[str, BeforeValidator(text)], Field(default="", description=about)


def _chosen_backend(shot: Answer, name: str, choice: Sequence[str]) -> str | None:
    """Return the backend that an answer names; None for the first one, the film's own."""
    said = getattr(shot, name, "")
    return said if said in choice[1:] else None


def _choices_field(words: Sequence[str], about: str) -> Any:
    """Return a field with a list of words of a closed list; other words are dropped."""

    def known(said: object) -> object:
        return [word for word in words if word in said] if isinstance(said, list) else []

    return _list_field(Literal[tuple(words)], known, about)


def _numbers_field(most: int, about: str) -> Any:
    """Return a field with a list of numbers from 1 to `most`; others are dropped."""

    def known(said: object) -> object:
        whole = [one for one in said if type(one) is int and 1 <= one <= most] if isinstance(said, list) else []
        return list(dict.fromkeys(whole))

    return _list_field(int, known, about)


def _list_field(kind: Any, known: Callable[[object], object], about: str) -> Any:
    """Return a field with a list that is cleaned by `known`."""
    return Annotated[list[kind], BeforeValidator(known)], Field(default_factory=list, description=about)
