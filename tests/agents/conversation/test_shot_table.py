"""Test the rows of data that describe shots to a model, and the shots that a message mentions."""

from __future__ import annotations

from agents.conversation import shot_table
from agents.editing.storyboard import EditableStoryboard
from tests.agents.test_editing import board, edited, shot


def test_a_sentence_names_shots_by_digits_and_words() -> None:
    assert shot_table.mentioned_numbers("Shot 7, s003 and twelve; not the 2nd one") == {"7", "3", "12", "1"}
    assert [one.id for one in shot_table.mentioned_shots(board(), "shots 2 and 30")] == ["s002"]


def test_every_shot_is_one_row_with_its_balloons_numbered_in_it() -> None:
    rows = shot_table.shot_rows(board())
    assert [row["shot"] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]
    assert rows[0]["balloons"] == "1 (B1): hello there"
    assert shot_table.shot_rows(edited("shot 1 drop balloon 1"))[0]["balloons"] == "1 (B1): hello there [unread]"


def test_only_shots_near_the_mentioned_ones_of_a_long_film_are_described() -> None:
    short = board()
    many = tuple(
        one.model_copy(update={"id": f"s{at + 1:03d}", "ordinal": at}) for at, one in enumerate(short.shots * 20)
    )
    long = EditableStoryboard(many, short.transcript, short.screen)
    assert [row["shot"] for row in shot_table.shot_rows(long, "shot 80")] == [str(number) for number in range(76, 85)]
    assert len(shot_table.shot_rows(long)) == shot_table.MAX_SHOTS


def test_a_move_has_a_name() -> None:
    for number, move in (("3", "push in"), ("3", "pull out"), ("3", "hold"), ("3", "tilt down"), ("4", "pan left")):
        assert shot_table.describe_moves(shot(edited(f"shot {number} {move}"), number)) == move
