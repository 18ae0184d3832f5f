"""What is in sight and what was understood before it in, the question about it out: bounded, however long the book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.asking.answers import plain
from agents.directors.briefing import LONGEST_LINE, READING, Sight
from agents.directors.knowledge import LONGEST_STORY, told
from agents.directors.wishes import in_order
from agents.prompting import Prompt, Row, fill, quoted
from agents.understanding.sense import LONGEST_LOOKS, LONGEST_NAME, lettering_in, people_in
from storage.shapes import Order
from storage.understanding import PageSense, Person

PROMPT = "understand"
BEFORE = 3
"""Pages just before that are told of one by one."""
MOST_OTHERS = 16


def question(sight: Sight, order: Order, before: Sequence[PageSense], people: Sequence[Person]) -> Prompt:
    """Ask what happens in sight. `before` are the pages understood so far, `people` who is known, the latest first."""
    there = {who for who, _ in people_in(sight)}
    story = next((page.story for page in reversed(before) if page.story), "")
    return fill(
        PROMPT,
        order=READING[order],
        so_far=quoted([{"story": plain(story, LONGEST_STORY)}] if story else []),
        before=quoted(told(page) for page in before[-BEFORE:] if page.synopsis),
        panels=quoted(_panels(sight)),
        people=quoted(_people(sight, {one.id: one for one in people})),
        others=quoted(_others([one for one in people if one.id not in there][:MOST_OTHERS])),
        lettering=quoted(_lettering(sight)),
    )


def _panels(sight: Sight) -> Iterator[Row]:
    panels, _ = in_order(sight.page)
    texts, people = lettering_in(sight), people_in(sight)
    for number, panel in enumerate(panels, start=1):
        said = [f"B{at}" for at, text in enumerate(texts, start=1) if text.panel == panel.id]
        seen = [f"C{at}" for at, (_, found) in enumerate(people, start=1) if any(s.panel == panel.id for s in found)]
        yield {"panel": number, "balloons": ", ".join(said[:20]), "people": ", ".join(seen)}


def _people(sight: Sight, known: dict[str, Person]) -> Iterator[Row]:
    for number, (who, _) in enumerate(people_in(sight), start=1):
        one = known.get(who, Person(id=who, name=""))
        yield {"person": number, "name": plain(one.name, LONGEST_NAME), "looks": plain(one.looks, LONGEST_LOOKS)}


def _others(people: Sequence[Person]) -> Iterator[Row]:
    for one in people:
        yield {"name": plain(one.name or one.id, LONGEST_NAME), "looks": plain(one.looks, LONGEST_LOOKS)}


def _lettering(sight: Sight) -> Iterator[Row]:
    numbers = {who: f"C{number}" for number, (who, _) in enumerate(people_in(sight), start=1)}
    panels = {panel.id: number for number, panel in enumerate(in_order(sight.page)[0], start=1)}
    for number, text in enumerate(lettering_in(sight), start=1):
        row: dict[str, str | int | float] = {"balloon": number, "text": plain(text.text, LONGEST_LINE)}
        row |= {"panel": panels[text.panel]} if text.panel in panels else {}
        row |= {"kind": "not known" if text.kind == "other" else text.kind, "sure": round(text.confidence, 2)}
        if text.speaker:
            row["speaker"] = numbers.get(text.speaker) or plain(text.speaker, LONGEST_NAME)
        yield row
