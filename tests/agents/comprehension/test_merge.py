"""Test that comprehension fills the gaps of a transcript and overwrites nothing."""

from __future__ import annotations

from agents.comprehension import merge
from storage.comprehension import DescribedCharacter, PageComprehension
from storage.domain import Transcript
from tests.agents.comprehension.people import KID, STRANGER, peopled


def test_gaps_are_filled_and_nothing_is_overwritten() -> None:
    book = peopled()
    known = book.pages[1].balloons[0].model_copy(update={"speaker": STRANGER})
    pages = (book.pages[0], book.pages[1].model_copy(update={"balloons": (known, *book.pages[1].balloons[1:])}))
    book = book.model_copy(update={"pages": pages})
    senses = [
        PageComprehension(index=at, speakers={f"t{at}-0": KID, f"t{at}-1": "a stranger to the book"},
                  spoken={f"t{at}-1": "thought", f"t{at}-0": "caption"})
        for at in (0, 1)
    ]  # fmt: skip
    filled = merge.fill_gaps(book, senses)
    assert [[text.speaker for text in page.balloons] for page in filled.pages] == [
        [KID, None, None],
        [STRANGER, None, None],
    ]
    assert [text.kind for text in filled.pages[0].balloons] == ["speech", "thought", "sound"]
    assert [text.text for text in filled.pages[0].balloons] == [text.text for text in book.pages[0].balloons]
    assert merge.fill_gaps(book, []) == book
    nobody = known.model_copy(update={"speaker": ""})
    said = book.model_copy(update={"pages": (pages[0], pages[1].model_copy(update={"balloons": (nobody,)}))})
    assert merge.fill_gaps(said, senses).pages[1].balloons[0].speaker == "", "a person said that nobody known says it"


def names(book: Transcript, *said: dict[str, str]) -> dict[str, str]:
    senses = [PageComprehension(index=at, names=one) for at, one in enumerate(said)]
    return {character.id: character.name for character in merge.apply_lettered_names(book, senses).cast}


def test_a_name_enters_only_where_there_is_none() -> None:
    book = peopled()
    assert names(book, {STRANGER: "Mika", KID: "Tom"}) == {STRANGER: "Mika", KID: "kid"}
    aya = book.model_copy(update={"cast": (book.cast[0].model_copy(update={"name": "Aya"}), book.cast[1])})
    assert names(aya, {STRANGER: "Mika"}) == {STRANGER: "Aya", KID: "kid"}
    assert names(book, {STRANGER: "Kid"}) == {STRANGER: "character 1", KID: "kid"}, "somebody else bears it"


def test_the_name_that_most_pages_say_wins_and_two_do_not_share_one() -> None:
    book = peopled()
    votes = [{STRANGER: "Tom"}, {STRANGER: "mika"}, {STRANGER: "Mika"}]
    assert names(book, *votes)[STRANGER] == "mika"
    twin = book.cast[0].model_copy(update={"id": "character-cd34", "name": "character 2", "appearances": ()})
    both = book.model_copy(update={"cast": (*book.cast, twin)})
    assert names(both, {STRANGER: "Mika", twin.id: "Mika"})[STRANGER] == "character 1", "who of them is it?"
    assert names(both, {STRANGER: "Mika", twin.id: "Mika"}, {twin.id: "Mika"})[twin.id] == "Mika"


def test_looks_are_those_of_the_largest_sighting() -> None:
    book = peopled()
    senses = [
        PageComprehension(index=0, looks={KID: "far away", STRANGER: "long hair"}),
        PageComprehension(index=1, looks={KID: "a cap"}),
    ]
    assert merge.describe_cast(book, senses) == (
        DescribedCharacter(id=STRANGER, name="character 1", looks="long hair"),
        DescribedCharacter(id=KID, name="kid", looks="a cap"),
    )
