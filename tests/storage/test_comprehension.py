"""Test the values for what a model understood of a book."""

from __future__ import annotations

from storage.comprehension import Comprehension, DescribedCharacter, PageComprehension, Proposal, VoiceKind


def test_an_understanding_is_found_by_page_and_by_character_and_survives_its_json() -> None:
    doubt = Proposal(page=1, balloon="t1-0", number=1, before="a", after="b")
    found = Comprehension(
        model="m",
        pages=(PageComprehension(index=1, synopsis="s", kinds={"p": "action"}, proposals=(doubt,)),),
        people=(DescribedCharacter(id="mika", name="Mika", looks="tall"),),
        left={0: "refused"},
    )
    assert Comprehension.model_validate_json(found.model_dump_json()) == found
    assert found.page(1).synopsis == "s"
    assert found.page(0) == PageComprehension(index=0)
    assert found.looks_of("mika") == "tall"
    assert found.looks_of("kid") == ""
    assert found.proposals == (doubt,)


def test_whose_voice_somebody_has_is_what_most_pages_say_and_the_first_of_equals() -> None:
    said: list[dict[str, VoiceKind]] = [{"a": "boy", "b": "man"}, {"a": "girl", "b": "woman"}, {"a": "girl"}]
    pages = tuple(PageComprehension(index=at, sounds=sounds) for at, sounds in enumerate(said))
    assert Comprehension(pages=pages).voice_kinds() == {"a": "girl", "b": "man"}
    assert Comprehension().voice_kinds() == {}
