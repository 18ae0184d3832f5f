"""Test that free phrasings are understood if they have one meaning, and that similar lines are suggested if not."""

from __future__ import annotations

import pytest

from agents.corrections.errors import GrammarError
from agents.editing import grammar, suggestions
from agents.editing.forms import FORMS

SAID = {
    "make shot 7 slower": "shot 7 slower",
    "Shot 7 slower, please!": "shot 7 slower",
    "shot 7 a bit slower": "shot 7 pace 1.15",
    "page 2 slightly quicker": "all shots of page 2 pace 0.87",
    "shot 7 zoom in a little": "shot 7 zoom 1.12",
    "s007 slower": "shot 7 slower",
    "7 slower": "shot 7 slower",
    "shot #7: slower": "shot 7 slower",
    "shot seven slower": "shot 7 slower",
    "shots three and four merge": "shots 3, 4 merge",
    "slow down shot 3": "shot 3 slower",
    "shot 3 longer": "shot 3 slower",
    "shot 3 much shorter": "shot 3 much faster",
    "shot 3 6 seconds": "shot 3 seconds 6",
    "shot 3 5.5s": "shot 3 seconds 5.5",
    "shot 3 takes 4 sec": "shot 3 seconds 4",
    "3 lasts 4": "shot 3 seconds 4",
    "swap panels 1 2 on page 1": "page 1 swap panels 1 2",
    "please remove panel 6 of page 3": "page 3 delete panel 6",
    "delete balloon 5 on page 1": "page 1 delete balloon 5",
    "make shot 7 last 3 seconds": "shot 7 seconds 3",
    "shot 3 zoom in": "shot 3 closer",
    "shot 3 pan up": "shot 3 tilt up",
    "shot 3 fade in": "shot 3 dissolve",
    "delete shot 3": "shot 3 drop",
    "please leave out shots 3-6": "shots 3-6 drop",
    "remove 3 and 4": "shots 3, 4 drop",
    "swap 3 and 5": "shots 3, 5 swap",
    "bring back shot 4": "shot 4 restore",
    "delete page 3": "all shots of page 3 drop",
    "lock 4": "shot 4 lock",
    "drop all close-ups of Mika Sato": 'all close-ups of "Mika Sato" drop',
    "speed up the film": "all shots faster",
}


@pytest.mark.parametrize("line", SAID)
def test_a_line_is_understood_as_people_type_it(line: str) -> None:
    assert grammar.format_edit(grammar.parse_line(line)) == SAID[line]


@pytest.mark.parametrize(
    "line",
    ["do not drop shot 3", "don't drop shot 3", "never touch shot 3", "shot 3 slower?", "shot 3", "drop", "slower", "3",
     "keep shot 3", "shot 3 dropped", "why is shot 3 slower", "not shot 3 slower", "drop it", "shot 3 or 4 drop",
     "shot 3 a bit dropped", "shot 3 a little drop"],
)  # fmt: skip
def test_what_may_mean_something_else_is_not_understood(line: str) -> None:
    with pytest.raises(GrammarError):
        grammar.parse_line(line)


@pytest.mark.parametrize("text", ['"please, slow down. 7 slower!"', '"Delete shot 3."'])
def test_quotations_stay_as_they_are(text: str) -> None:
    edit = grammar.parse_line(f"please shot 7 prompt {text}")
    assert grammar.format_edit(edit) == f"shot 7 prompt {text}"
    assert grammar.format_edit(grammar.parse_line(f"page 1 text 2 {text}")) == f"page 1 text 2 {text}"


def test_a_line_of_the_language_is_never_spelt_anew() -> None:
    for form in FORMS:
        said = grammar.format_edit(grammar.parse_line(form.example))
        assert grammar.format_edit(grammar.parse_line(said)) == said


HINTED = {
    "shot 3 sdlower": "shot 3 slower",
    "shot 3 push in slowly": "shot 3 push in",
    "shot 3 on her eyes": "shot 3 on upper left",
    "cut shot 3": "shot 3 drop",
    "shot 3 transition wipe": "shot 3 dissolve",
    "film style dreamy": "film style brisk",
    "undoo": "undo",
    "undo undo": "undo 2",
    "shot 3 swapp": "shots 3 and 5 swap",
    "film aspect 7": "film aspect 9:16",
    "why is shot 3 so short?": "shot 3 slower",
    "hello": "shot 7 slower",
    "shot 3 seconds": "shot 3 seconds 5",
    "page 1 swop panels 1 2": "page 1 swap panels 2 4",
    "page 1 text 1": 'page 1 text 5 "Who is there?"',
    "page 1 kind 1 shout": "page 1 kind 5 thought",
    "page 1 split panel 2 at z 40": "page 1 split panel 2 at y 640",
    "page 1 dance": "page 1 slower",
}


@pytest.mark.parametrize("line", HINTED)
def test_a_line_that_is_not_understood_gets_similar_lines_for_the_same_shots(line: str) -> None:
    with pytest.raises(GrammarError) as excinfo:
        grammar.parse_line(line)
    assert HINTED[line] in excinfo.value.examples
    assert HINTED[line] in excinfo.value.hint


def test_every_line_that_is_proposed_is_understood() -> None:
    for line in (*HINTED, *(f"shot 3 {word} x" for word in suggestions._SUGGESTIONS)):
        for said in suggestions.similar_lines(line, [(form.example, form.about) for form in FORMS]):
            assert said.startswith(("undo", "redo")) or grammar.parse_line(said), said


def test_what_is_had_elsewhere_is_said() -> None:
    for line, where in {
        "export the film": "main.py export",
        "preview shot 3": "--preview",
        "save": "nothing needs",
    }.items():
        with pytest.raises(GrammarError) as excinfo:
            grammar.parse_line(line)
        assert excinfo.value.examples == ()
        assert where in excinfo.value.hint


@pytest.mark.parametrize(
    ("line", "limit"),
    [("shot 3 seconds 0", ("gt", 0)), ("shot 3 seconds 90", ("le", 60)), ("shot 3 zoom 9", ("lt", 5)),
     ("shot 3 generated 150%", ("le", 1)), ("shot 3 on box 10%,20%,5%,50%", None)],
)  # fmt: skip
def test_a_number_that_is_out_of_bounds_is_refused_with_its_bound(line: str, limit: tuple[str, float] | None) -> None:
    with pytest.raises(GrammarError) as excinfo:
        grammar.parse_line(line)
    assert excinfo.value.limit == limit


@pytest.mark.parametrize("line", ["shot 3 on box 50,20,10,50", "page 1 add panel 50,20,10,50"])
def test_a_box_whose_right_edge_is_not_the_larger_one_is_recognized_by_its_type(line: str) -> None:
    """Pydantic's own message names x0 and x1, which nobody has typed."""
    with pytest.raises(GrammarError) as excinfo:
        grammar.parse_line(line)
    assert "x0" not in excinfo.value.what
