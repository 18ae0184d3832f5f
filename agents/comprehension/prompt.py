"""Build the question about what happens on a page. Its length is bounded, however long the book is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.comprehension.schema import MAX_LOOKS, MAX_NAME, lettering_in, people_in
from agents.llm.prompts import DataRow, Prompt, fill_prompt, quote_rows
from agents.llm.structured_output import to_one_line
from agents.planning.prompt import MAX_LINE_CHARACTERS, READING_DIRECTIONS, PageView, with_places
from agents.planning.shot_schema import numbered_items
from agents.planning.story_context import MAX_STORY_CHARACTERS, describe_page
from storage.comprehension import DescribedCharacter, PageComprehension
from storage.domain import Order

PROMPT, TEXT_ONLY_PROMPT = "understand", "understand-text-only"
PAGES_BEFORE = 3
"""Number of preceding pages that are described one by one."""
MAX_OTHERS = 16


def page_question(
    sight: PageView, order: Order, before: Sequence[PageComprehension], people: Sequence[DescribedCharacter],
    *, text_only: bool = False,
) -> Prompt:  # fmt: skip
    """Ask what happens in the part of a page that is in view.

    Args:
        sight: The page or the part of it.
        order: Reading order.
        before: The pages that are understood so far, in order.
        people: The known characters, the most recent first.
        text_only: Whether the model sees no picture, so that the places of things are written down.
    """
    there = {who for who, _ in people_in(sight)}
    story = next((page.story for page in reversed(before) if page.story), "")
    panels, lettering = _panel_rows(sight), _balloon_rows(sight)
    if text_only:
        panels = with_places(panels, numbered_items(sight.page)[0], sight.view)
        lettering = with_places(lettering, lettering_in(sight), sight.view)
    return fill_prompt(
        TEXT_ONLY_PROMPT if text_only else PROMPT,
        order=READING_DIRECTIONS[order],
        so_far=quote_rows([{"story": to_one_line(story, MAX_STORY_CHARACTERS)}] if story else []),
        before=quote_rows(describe_page(page) for page in before[-PAGES_BEFORE:] if page.synopsis),
        panels=quote_rows(panels),
        people=quote_rows(_person_rows(sight, {one.id: one for one in people})),
        others=quote_rows(_other_rows([one for one in people if one.id not in there][:MAX_OTHERS])),
        lettering=quote_rows(lettering),
    )


def _panel_rows(sight: PageView) -> Iterator[DataRow]:
    """Yield a row for each panel: its number, balloons and people."""
    panels, _ = numbered_items(sight.page)
    texts, people = lettering_in(sight), people_in(sight)
    for number, panel in enumerate(panels, start=1):
        said = [f"B{at}" for at, text in enumerate(texts, start=1) if text.panel == panel.id]
        seen = [f"C{at}" for at, (_, found) in enumerate(people, start=1) if any(s.panel == panel.id for s in found)]
        yield {"panel": number, "balloons": ", ".join(said[:20]), "people": ", ".join(seen)}


def _person_rows(sight: PageView, known: dict[str, DescribedCharacter]) -> Iterator[DataRow]:
    """Yield a row for each person in view: number, name and looks."""
    for number, (who, _) in enumerate(people_in(sight), start=1):
        one = known.get(who, DescribedCharacter(id=who, name=""))
        yield {
            "person": number,
            "name": to_one_line(one.name, MAX_NAME),
            "looks": to_one_line(one.looks, MAX_LOOKS),
        }


def _other_rows(people: Sequence[DescribedCharacter]) -> Iterator[DataRow]:
    """Yield a row for each known character who is not in view."""
    for one in people:
        yield {"name": to_one_line(one.name or one.id, MAX_NAME), "looks": to_one_line(one.looks, MAX_LOOKS)}


def _balloon_rows(sight: PageView) -> Iterator[DataRow]:
    """Yield a row for each balloon: number, text, panel, kind, confidence and speaker."""
    numbers = {who: f"C{number}" for number, (who, _) in enumerate(people_in(sight), start=1)}
    panels = {panel.id: number for number, panel in enumerate(numbered_items(sight.page)[0], start=1)}
    for number, text in enumerate(lettering_in(sight), start=1):
        row: dict[str, str | int | float] = {"balloon": number, "text": to_one_line(text.text, MAX_LINE_CHARACTERS)}
        row |= {"panel": panels[text.panel]} if text.panel in panels else {}
        row |= {"kind": "not known" if text.kind == "other" else text.kind, "sure": round(text.confidence, 2)}
        if text.speaker:
            row["speaker"] = numbers.get(text.speaker) or to_one_line(text.speaker, MAX_NAME)
        yield row
