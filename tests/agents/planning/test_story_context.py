"""Test the story context of a page: before, here and to come, bounded, and only what was understood."""

from __future__ import annotations

from agents.planning.story_context import AFTER, BEFORE, MAX_PEOPLE, StoryContext
from storage.comprehension import Comprehension, DescribedCharacter, PageComprehension
from tests.agents.comprehension.people import KID, STRANGER, peopled


def test_nothing_understood_is_nothing_told() -> None:
    known = StoryContext()
    assert (
        known.before_page(4) == known.on_page(4) == known.after_page(4) == list(known.people(peopled().pages[0])) == []
    )
    assert known.kinds(4) == {}


def test_the_story_is_told_as_a_whole_and_then_page_by_page() -> None:
    pages = [
        PageComprehension(index=at, synopsis=f"Number {at}.", setting="here" if at == 5 else "", story=f"up to {at}")
        for at in range(10)
        if at != 4
    ]
    known = StoryContext(Comprehension(pages=tuple(pages)))
    assert known.before_page(0) == []
    assert known.before_page(1) == [{"page": 1, "happened": "Number 0."}]
    assert known.before_page(5) == [
        {"story": "up to 2"}, {"page": 2, "happened": "Number 1."}, {"page": 3, "happened": "Number 2."},
        {"page": 4, "happened": "Number 3."},
    ]  # fmt: skip
    assert len(known.before_page(9)) == 1 + BEFORE
    assert known.on_page(5) == [{"page": 6, "happened": "Number 5.", "where": "here"}]
    assert known.on_page(4) == []
    assert [row["page"] for row in known.after_page(4)] == [6, 7, 8]
    assert len(known.after_page(0)) == AFTER
    assert known.after_page(9) == []


def test_who_is_seen_or_heard_is_described() -> None:
    page = peopled().pages[0]
    people = [
        DescribedCharacter(id=KID, name="Tom", looks="a cap"),
        DescribedCharacter(id=STRANGER, name="Mika", looks="short hair"),
    ]
    people += [DescribedCharacter(id=f"c{at}", name="x") for at in range(99)]
    rows = list(StoryContext(Comprehension(people=tuple(people))).people(page))
    assert rows == [
        {"person": 1, "name": "Mika", "looks": "short hair"}, {"person": 2, "name": "Tom", "looks": "a cap"},
    ]  # fmt: skip
    crowd = tuple(page.characters[0].model_copy(update={"id": f"s{at}", "character": f"c{at}"}) for at in range(99))
    full = page.model_copy(update={"characters": crowd})
    assert len(list(StoryContext(Comprehension(people=tuple(people))).people(full))) == MAX_PEOPLE
