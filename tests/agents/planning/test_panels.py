"""Test how lines are assigned to panels, and which overlapping panels must not be shown early."""

from __future__ import annotations

from agents.planning.panels import (
    BREATH_SECONDS,
    SPEECH_DELAY,
    PlanningStyle,
    gather_subjects,
    need_of,
    page_unit,
    voiced_seconds,
)
from storage.domain import Balloon, Box
from tests.agents.planning.layouts import page_of

BOXES = [Box(430, 40, 790, 400), Box(40, 40, 410, 400), Box(40, 420, 790, 800)]


def test_lines_come_to_their_panels_in_reading_order() -> None:
    lines = [(Box(700, 60, 740, 160), 0, "いち"), (Box(60, 60, 100, 160), 1, "に"), (Box(450, 60, 500, 160), 0, "さん")]
    subjects, strays = gather_subjects(page_of(BOXES, lines), "rtl", {}, 16 / 9, PlanningStyle())
    assert [[need.line.id for need in s.needs] for s in subjects] == [["t0-0", "t0-2"], ["t0-1"], []]
    assert not strays


def test_a_balloon_that_leans_out_widens_the_reach_of_its_panel() -> None:
    subjects, _ = gather_subjects(
        page_of(BOXES, [(Box(395, 100, 450, 200), 0, "はみだす")]), "rtl", {}, 16 / 9, PlanningStyle()
    )
    assert subjects[0].reach.x0 < 395
    assert subjects[0].reach.y1 == 400


def test_a_line_outside_all_panels_comes_to_the_nearest_one() -> None:
    subjects, strays = gather_subjects(
        page_of(BOXES, [(Box(600, 802, 700, 840), None, "そとのこえ")]), "rtl", {}, 16 / 9, PlanningStyle()
    )
    assert [need.line.id for need in subjects[2].needs] == ["t0-0"]
    assert not strays


def test_a_line_far_from_all_panels_stands_alone_in_its_place() -> None:
    lines = [(Box(100, 1080, 200, 1150), None, "とおくのこえ")]
    subjects, strays = gather_subjects(page_of(BOXES[:2], lines), "rtl", {}, 16 / 9, PlanningStyle())
    assert not any(s.needs for s in subjects)
    assert [(stray.need.line.id, stray.after) for stray in strays] == [("t0-0", 2)]


def test_the_next_panel_and_the_ones_after_it_are_told_apart_where_they_overlap() -> None:
    host, inset, other = Box(40, 40, 790, 800), Box(60, 60, 200, 200), Box(600, 600, 790, 820)
    subjects, _ = gather_subjects(page_of([host, inset, other]), "rtl", {}, 16 / 9, PlanningStyle())
    assert subjects[0].follower == (inset,)
    assert subjects[0].strangers == (other,)
    assert subjects[0].holds_another
    assert not subjects[1].holds_another


def test_a_sound_is_seen_rather_than_read() -> None:
    box = Box(0, 0, 400, 400)
    sound = need_of(
        Balloon(id="t", order=0, box=box, kind="sound", text="ドドドドドドドドドドドド", language="ja"), 830
    )
    speech = need_of(Balloon(id="t", order=0, box=box, text="ドドドドドドドドドドドド", language="ja"), 830)
    assert sound.seconds < speech.seconds
    assert sound.box.area < box.area < speech.box.area


def test_the_outline_of_a_balloon_is_what_looks_nice_around_its_lettering() -> None:
    shape = ((80.0, 80.0), (170.0, 80.0), (170.0, 240.0), (80.0, 240.0))
    need = need_of(Balloon(id="t", order=0, box=Box(100, 100, 150, 220), outline=shape, text="ことば"), 830)
    assert (need.nice.x0, need.nice.y1) == (80, 240)


def test_a_spread_is_measured_by_one_of_its_pages() -> None:
    assert page_unit(page_of([], size=(1660, 1170))) == 830
    assert page_unit(page_of([], size=(830, 1170))) == 830
    assert page_unit(page_of([], size=(800, 9000))) == 800


def test_a_page_without_panels_has_no_subjects() -> None:
    assert gather_subjects(page_of([], [(Box(0, 0, 9, 9), None, "あ")]), "rtl", {}, 16 / 9, PlanningStyle()) == ([], [])


def test_a_line_with_a_voice_is_in_view_until_it_is_said() -> None:
    short = Balloon(id="t", order=0, box=Box(0, 0, 40, 90), text="Go!", language="en")
    silent, spoken = need_of(short, 800), need_of(short.model_copy(update={"spoken_seconds": 6.0}), 800)
    assert spoken.seconds == voiced_seconds(spoken.line) == 6.0 + SPEECH_DELAY + BREATH_SECONDS
    quick = need_of(short.model_copy(update={"spoken_seconds": 0.3}), 800)
    assert quick.seconds == silent.seconds  # it takes longer to read than to say
