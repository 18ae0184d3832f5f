"""Tell a planner what happens before, on and after a page, as bounded rows of data.

The whole book is understood before its first page is planned: a director knows what comes next, and no question grows
with the book.
"""

from __future__ import annotations

from collections.abc import Iterator

from agents.llm.prompts import DataRow
from agents.llm.structured_output import to_one_line
from agents.planning.tool_options import people_of
from storage.comprehension import Comprehension, PageComprehension, PanelKind
from storage.domain import PageTranscript

BEFORE, AFTER = 3, 3
"""Number of pages before and after one that are described one by one."""
MAX_STORY_CHARACTERS = 700
MAX_PEOPLE = 12


class StoryContext:
    """What is known of the story at each page of a book; empty where nothing was understood."""

    def __init__(self, understanding: Comprehension | None = None) -> None:
        """Use what was understood of a book; None means nothing."""
        self._understanding = understanding or Comprehension()
        self._pages = self._understanding.pages
        self._places = {page.index: at for at, page in enumerate(self._pages)}

    def before_page(self, index: int) -> list[DataRow]:
        """Return the story before a page: a summary up to some pages ago, then page by page."""
        at = self._places.get(index)
        before = self._pages[:at] if at is not None else tuple(page for page in self._pages if page.index < index)
        story = next((page for page in reversed(before[:-1]) if page.story), None)
        whole: list[DataRow] = [{"story": to_one_line(story.story, MAX_STORY_CHARACTERS)}] if story else []
        return whole + [describe_page(page) for page in before[-BEFORE:] if page.synopsis]

    def on_page(self, index: int) -> list[DataRow]:
        """Return what happens on a page."""
        page = self._understanding.page(index)
        return [describe_page(page)] if page.synopsis else []

    def after_page(self, index: int) -> list[DataRow]:
        """Return what happens on the next pages."""
        after = [page for page in self._pages if page.index > index]
        return [describe_page(page) for page in after[:AFTER] if page.synopsis]

    def people(self, page: PageTranscript) -> Iterator[DataRow]:
        """Yield who is seen or heard on a page: number as listed there, name and looks."""
        numbers = {who: number for number, who in enumerate(people_of(page), start=1)}
        seen = [*numbers, *(text.speaker for text in page.balloons)]
        named = {person.id: person for person in self._understanding.people}
        for who in [who for who in dict.fromkeys(seen) if who in named][:MAX_PEOPLE]:
            one = named[str(who)]
            name, looks = to_one_line(one.name, 40), to_one_line(one.looks)
            yield {**({"person": numbers[one.id]} if one.id in numbers else {}), "name": name, "looks": looks}

    def kinds(self, index: int) -> dict[str, PanelKind]:
        """Return the kinds of a page's panels, by id."""
        return self._understanding.page(index).kinds


def describe_page(page: PageComprehension) -> DataRow:
    """Return what happens on a page, where and in which mood, as far as it is known; `page` counts from 1."""
    row = {"happened": page.synopsis, "where": page.setting, "mood": page.mood}
    return {"page": page.index + 1, **{name: to_one_line(words) for name, words in row.items() if words}}
