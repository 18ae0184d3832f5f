"""Test that selectors are parsed from text once and stored as the same text."""

from __future__ import annotations

import json

import pytest
from pydantic import TypeAdapter, ValidationError

from agents.editing import Edit, Lock, MoveShot, SetPace, grammar
from agents.editing.selectors import ALL, ShotSelector

TEXTS = {
    "shot 7": ShotSelector.of("s007"),
    "shots 3, 5-6, 9": ShotSelector(spans=(("s003", "s003"), ("s005", "s006"), ("s009", "s009"))),
    "shot 7b": ShotSelector.of("s007b"),
    "shots 998-1002": ShotSelector(spans=(("s998", "s1002"),)),
    "all shots": ALL,
    "all shots of pages 2-3": ShotSelector(pages=(2, 3)),
    'all close-ups of page 2 of "Mika Sato"': ShotSelector(pages=(2, 2), characters=("Mika Sato",), kind="close-up"),
    "all silent shots of kid": ShotSelector(characters=("kid",), kind="silent"),
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_selector_is_written_in_the_words_that_it_is_read_from(text: str) -> None:
    assert ShotSelector.parse(text) == TEXTS[text]
    assert str(TEXTS[text]) == text


@pytest.mark.parametrize("text", TEXTS)
def test_an_edit_holds_a_selector_and_is_kept_as_its_words(text: str) -> None:
    edit = Lock(which=TEXTS[text])
    kept = edit.model_dump(mode="json")
    assert kept == {"do": "lock", "which": text} == json.loads(edit.model_dump_json())
    assert grammar.edit_from_data(kept) == edit
    assert grammar.parse_line(grammar.format_edit(edit)) == edit


def test_words_of_older_rows_and_of_models_are_understood() -> None:
    kept = grammar.edit_from_data({"do": "move shot", "which": "shot s003", "side": "after", "other": "shot 9"})
    assert kept == MoveShot(which=ShotSelector.of("s003"), side="after", other=ShotSelector.of("s009"))
    wanted = TypeAdapter(Edit).validate_json('{"do": "pace", "which": "the whole film", "factor": 1.3}')
    assert wanted == SetPace(which=ALL, factor=1.3)
    shape = TypeAdapter(Lock).json_schema()
    assert shape["properties"]["which"]["type"] == "string"


@pytest.mark.parametrize("said", ["", "her", 7, None, ["s007"], {"spans": []}])
def test_what_names_no_shots_is_refused_at_the_door(said: object) -> None:
    with pytest.raises(ValidationError):
        grammar.edit_from_data({"do": "lock", "which": said})


def test_no_ids_are_not_the_whole_film() -> None:
    with pytest.raises(ValueError, match="id"):
        ShotSelector.of()


def test_a_selector_knows_whether_it_names_every_shot_by_itself() -> None:
    assert ShotSelector.of("s003", "s005").is_explicit
    assert ShotSelector.of("s003", "s005").shot_ids == ("s003", "s005")
    assert not ShotSelector.parse("shots 3-5").is_explicit
    assert not ALL.is_explicit
    assert ShotSelector.parse("page 3").shot_ids == ()
