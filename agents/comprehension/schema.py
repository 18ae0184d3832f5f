"""Define the model's answer about a page, and accept only what agrees with that page.

Whatever does not fit is left out: a number that belongs to nobody, a name that is not lettered on the page, a text
that differs too much from the one that was read. Nothing here changes a transcript.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal, Self, get_args

from pydantic import Field, JsonValue, create_model, field_validator, model_validator

from agents.llm.structured_output import LONGEST_TEXT, Answer, numbers_schema, to_one_line, with_bounds
from agents.planning.prompt import MAX_LETTERING, MAX_LINE_CHARACTERS, PageView
from agents.planning.shot_schema import numbered_items
from agents.planning.story_context import MAX_STORY_CHARACTERS
from storage.comprehension import PageComprehension, PanelKind, Proposal, VoiceKind
from storage.domain import Appearance, Balloon, Kind
from tools import geometry

MAX_NAME, MAX_LOOKS, MAX_PLACE, MAX_MOOD = 40, 160, 120, 60
MAX_PEOPLE = 20
TOKENS_OF_PAGE, TOKENS_OF_PANEL, TOKENS_OF_LINE, TOKENS_OF_PERSON = 900, 15, 80, 100
"""Most tokens of an answer: of its texts (a story of 700 characters), and for each panel, balloon and person."""
SURE_CONFIDENCE = 0.7
"""Lettering read with at least this confidence is only corrected where the proposed text is similar to it."""
MIN_SIMILARITY = 0.5
Who = Callable[[str], str | None]
"""Finds the id of the character that has this name or id; None for nobody."""


class LineAnswer(Answer):
    """Who says a balloon, and how."""

    balloon: int = Field(description="its number")
    speaker: int = Field(default=0, description="number of the person in the picture who says it; 0: not known")
    name: str = Field(default="", description="if the speaker is not in the picture: the name, as listed; else empty")
    kind: Kind = Field(default="other", description="other: not known")


class TextOnlyLine(Answer):
    """Who says a balloon, and how."""

    balloon: int = Field(description="its number")
    speaker: int = Field(default=0, description="number of the person on the page who says it; 0: not known")
    name: str = Field(default="", description="if the speaker is not on the page: the name, as listed; else empty")
    kind: Kind = Field(default="other", description="other: not known")


class PersonAnswer(Answer):
    """What is learnt of a person."""

    person: int = Field(description="the number")
    name: str = Field(default="", description="the name, exactly as it is lettered on this page; else empty")
    looks: str = Field(default="", description="hair, face, build, clothes, in one line for a painter")
    sounds: VoiceKind | Literal[""] = Field(default="", description="whose voice this person has; empty: not clear")

    @field_validator("sounds", mode="before")
    @classmethod
    def _forget_other_voices(cls, said: object) -> object:
        """Take another word as not clear: it is no reason to lose the rest of the answer."""
        return said if said in get_args(VoiceKind) else ""


class RepairAnswer(Answer):
    """A balloon that was read wrongly."""

    balloon: int = Field(description="its number")
    text: str = Field(description="what the picture shows to be lettered there, whole")


class _PageSummary(Answer):
    """What every model answers about one page, whether it sees the page or not."""

    synopsis: str
    setting: str = Field(default="", description="where and when this is, in a few words")
    mood: str = Field(default="", description="one or two words")
    story: str = Field(default="", description="the whole story so far, this page included, in at most five sentences")
    kinds: list[PanelKind] = Field(description="what each panel is, in reading order")

    @model_validator(mode="after")
    def _refuse_empty(self) -> Self:
        said = self.model_dump(exclude={"kinds"}).values()
        if not any(part.strip() if isinstance(part, str) else part for part in said):
            raise ValueError("it says nothing about the page")
        return self


class PageAnswer(_PageSummary):
    """What a model answers about one page."""

    synopsis: str = Field(description="what happens here and who is there, in one sentence")
    lines: list[LineAnswer] = Field(default_factory=list)
    people: list[PersonAnswer] = Field(default_factory=list)
    repairs: list[RepairAnswer] = Field(default_factory=list)


class TextOnlyPageAnswer(_PageSummary):
    """What a model that sees no pictures answers about one page."""

    synopsis: str = Field(description="what happens here, in one sentence")
    lines: list[TextOnlyLine] = Field(default_factory=list)

    def as_page_answer(self) -> PageAnswer:
        """Return the same answer without what only a picture shows: looks, names of faces, and repairs."""
        return PageAnswer.model_validate(self.model_dump())


def make_text_only_type(sight: PageView) -> type[TextOnlyPageAnswer]:
    """Return the type of the answer about a view that the model does not see."""
    panels, balloons = len(sight.page.panels), len(lettering_in(sight))
    line = with_bounds(
        TextOnlyLine,
        balloon=numbers_schema(range(1, balloons + 1)),
        speaker=numbers_schema(range(len(people_in(sight)) + 1)),
        name={"maxLength": MAX_NAME},
    )
    texts = {"synopsis": LONGEST_TEXT, "setting": MAX_PLACE, "mood": MAX_MOOD, "story": MAX_STORY_CHARACTERS}
    bounds: dict[str, dict[str, JsonValue]] = {name: {"maxLength": longest} for name, longest in texts.items()}
    whole = with_bounds(TextOnlyPageAnswer, **bounds, kinds={"minItems": panels, "maxItems": panels})
    lines: Any = Field(default_factory=list, json_schema_extra={"maxItems": balloons})
    return create_model(TextOnlyPageAnswer.__name__, __base__=whole, lines=(list[line], lines))  # type: ignore[valid-type]


def max_page_tokens(sight: PageView) -> int:
    """Return the most tokens of a useful answer about a view."""
    panels, lettering, people = len(sight.page.panels), len(lettering_in(sight)), len(people_in(sight))
    return TOKENS_OF_PAGE + TOKENS_OF_PANEL * panels + TOKENS_OF_LINE * lettering + TOKENS_OF_PERSON * people


def people_in(sight: PageView) -> list[tuple[str, list[Appearance]]]:
    """Return the characters in view with their sightings; a model sees them numbered from 1 in this order."""
    found: dict[str, list[Appearance]] = {}
    for seen in sight.page.characters:
        if seen.character and geometry.overlap_area(seen.box, sight.view) >= 0.5 * seen.box.area:
            found.setdefault(seen.character, []).append(seen)
    return list(found.items())[:MAX_PEOPLE]


def lettering_in(sight: PageView) -> list[Balloon]:
    """Return the lettering in view; a model sees it numbered from 1 in this order."""
    return numbered_items(sight.page)[1][:MAX_LETTERING]


def settle_answer(answer: PageAnswer, sight: PageView, who: Who) -> PageAnswer:
    """Cut an answer to its bounds and replace names by ids, so that it outlives a change of names."""
    seen, said = len(people_in(sight)), len(lettering_in(sight))
    lines = [
        line.model_copy(update={"name": who(line.name) or "" if line.name else ""})
        for line in answer.lines[: 2 * MAX_LETTERING]
        if 1 <= line.balloon <= said
    ]
    return answer.model_copy(
        update={
            "synopsis": to_one_line(answer.synopsis),
            "setting": to_one_line(answer.setting, MAX_PLACE),
            "mood": to_one_line(answer.mood, MAX_MOOD),
            "story": to_one_line(answer.story, MAX_STORY_CHARACTERS),
            "lines": lines,
            "people": [one for one in answer.people if 1 <= one.person <= seen][:MAX_PEOPLE],
            "repairs": [one for one in answer.repairs if 1 <= one.balloon <= said][:MAX_LETTERING],
        }
    )


def keep_descriptions(answer: PageAnswer, before: PageAnswer) -> PageAnswer:
    """Return the answer with the looks and the setting that were first described for the same picture.

    Generative models read these descriptions: a corrected text must not redraw every shot with other words.
    """
    looks = {one.person: one.looks for one in reversed(before.people) if one.looks}
    fresh = [one.model_copy(update={"looks": looks.pop(one.person, one.looks)}) for one in answer.people]
    kept = [PersonAnswer(person=person, looks=said) for person, said in looks.items()]
    return answer.model_copy(update={"setting": before.setting or answer.setting, "people": [*fresh, *kept]})


def believe_answer(answer: PageAnswer, sight: PageView, who: Who, *, by_hand: bool) -> PageComprehension:
    """Return the parts of a settled answer that agree with the page.

    On a page corrected by hand (`by_hand`), kinds and confident texts are not changed.
    """
    panels, _ = numbered_items(sight.page)
    kinds = zip(panels, answer.kinds, strict=True) if len(answer.kinds) == len(panels) else ()
    speakers, spoken = _line_changes(answer, sight, who, by_hand=by_hand)
    people = people_in(sight)
    texts = [to_one_line(text.text, MAX_LINE_CHARACTERS) for text in lettering_in(sight)]
    told = [(people[one.person - 1][0], one) for one in answer.people]
    names = [(who_, name) for who_, one in told if (name := _lettered_name(one.name, texts))]
    looks = [(who_, said) for who_, one in told if (said := to_one_line(one.looks, MAX_LOOKS))]
    return PageComprehension(
        index=sight.page.index,
        synopsis=answer.synopsis,
        setting=answer.setting,
        mood=answer.mood,
        story=answer.story,
        kinds={panel.id: kind for panel, kind in kinds},
        speakers=speakers,
        spoken=spoken,
        names=dict(reversed(names)),
        looks=dict(reversed(looks)),
        sounds={who_: one.sounds for who_, one in reversed(told) if one.sounds},
        proposals=tuple(_likely_proposals(answer, sight, by_hand=by_hand)),
    )


def join_parts(parts: Sequence[PageComprehension]) -> PageComprehension:
    """Join the answers about the parts of one page."""
    first, *rest = parts
    if not rest:
        return first
    words = {name: next((said for part in parts if (said := getattr(part, name))), "") for name in ("setting", "mood")}
    return first.model_copy(
        update={
            "synopsis": " ".join(part.synopsis for part in parts if part.synopsis)[: 3 * MAX_STORY_CHARACTERS],
            "story": next((part.story for part in reversed(parts) if part.story), ""),
            **words,
            **{
                name: {key: said for part in reversed(parts) for key, said in getattr(part, name).items()}
                for name in ("kinds", "speakers", "spoken", "names", "looks", "sounds")
            },
            "proposals": tuple(one for part in parts for one in part.proposals),
        }
    )


def _line_changes(
    answer: PageAnswer, sight: PageView, who: Who, *, by_hand: bool
) -> tuple[dict[str, str], dict[str, Kind]]:
    """Return the speakers and the kinds of balloons, by balloon id."""
    people, texts = people_in(sight), lettering_in(sight)
    speakers: dict[str, str] = {}
    spoken: dict[str, Kind] = {}
    for line in answer.lines:
        text = texts[line.balloon - 1]
        kind = line.kind if text.kind == "other" else text.kind
        if kind != text.kind and not by_hand:
            spoken.setdefault(text.id, kind)
        there = 1 <= line.speaker <= len(people)
        speaker = people[line.speaker - 1][0] if there else who(line.name) if line.name else None
        if speaker and text.speaker is None and kind != "sound":
            speakers.setdefault(text.id, speaker)
    return speakers, spoken


def _lettered_name(said: str, texts: Sequence[str]) -> str:
    """Return the name if the lettering contains it, or ""."""
    name = to_one_line(said, MAX_NAME + 1).strip("\"'“”「」『』.,!?…、。！？ ")
    if not name or len(name) > MAX_NAME or not any(char.isalpha() for char in name):
        return ""
    plainly = re.compile(rf"(?<!\w){re.escape(name.casefold())}(?!\w)")
    written = re.escape(name.casefold())
    pattern = plainly if name.isascii() else re.compile(written)
    return name if any(pattern.search(text.casefold()) for text in texts) else ""


def _likely_proposals(answer: PageAnswer, sight: PageView, *, by_hand: bool) -> Iterator[Proposal]:
    """Yield the corrections of texts that are likely."""
    texts = lettering_in(sight)
    done: set[str] = set()
    for one in answer.repairs:
        text = texts[one.balloon - 1]
        settled_by_hand = by_hand and text.confidence >= 1
        before, after = to_one_line(text.text, MAX_LINE_CHARACTERS + 1), to_one_line(one.text, 2 * MAX_LINE_CHARACTERS)
        again = text.id in done
        done.add(text.id)
        if again or settled_by_hand or len(before) > MAX_LINE_CHARACTERS or not _is_likely(before, after, text):
            continue
        yield Proposal(page=sight.page.index, balloon=text.id, number=text.order + 1, before=text.text, after=after)


def _is_likely(before: str, after: str, text: Balloon) -> bool:
    """Return whether the lettering may have been misread in this way."""
    a, b = _normalize(before), _normalize(after)
    if not b or a == b or len(after) > (2 * len(before) + 20 if before else MAX_LINE_CHARACTERS):
        return False
    return text.confidence < SURE_CONFIDENCE or SequenceMatcher(None, a, b).ratio() >= MIN_SIMILARITY


def _normalize(text: str) -> str:
    """Normalize a text for comparison: NFKC, lower case, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
