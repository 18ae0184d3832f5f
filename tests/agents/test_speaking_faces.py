"""Test whose faces of a shot move: who speaks and is seen, in which panel, and which part of a sighting is the head."""

from __future__ import annotations

from agents.speaking_faces import drawings_of, head_box, speakers_seen, speaking_faces, wants_mouths
from storage.domain import Appearance, Balloon, Box, CameraKey, PageTranscript, RenderOptions, ShotPlan
from storage.styles import StyleSheet

USUAL, MOVING = StyleSheet(), StyleSheet(mouths=True)


def page(*lines: tuple[str, str, str]) -> PageTranscript:
    """A page on which Mika is seen in both panels and Rei in the first; lines are (kind, panel, speaker)."""
    seen = (
        Appearance(id="a", box=Box(0, 0, 40, 100), character="mika", panel="p0"),
        Appearance(id="b", box=Box(50, 0, 60, 20), character="mika", panel="p0"),
        Appearance(id="c", box=Box(0, 200, 100, 300), character="mika", panel="p1"),
        Appearance(id="d", box=Box(60, 0, 100, 100), character="rei", panel="p0"),
    )
    balloons = tuple(
        Balloon(id=f"t{number}", order=number, box=Box(0, 0, 9, 9), kind=kind, panel=panel, speaker=who, text="so")  # type: ignore[arg-type]
        for number, (kind, panel, who) in enumerate(lines)
    )
    return PageTranscript(index=0, image="1.png", width=200, height=400, balloons=balloons, characters=seen)


def plan(count: int, mouths: tuple[str, ...] | None = None, panels: tuple[str, ...] = ("p0", "p1")) -> ShotPlan:
    return ShotPlan(
        id="s001", ordinal=0, page=0, panels=panels, seconds=3.0, camera=(CameraKey(t=0, box=Box(0, 0, 160, 90)),),
        balloons=tuple(f"t{number}" for number in range(count)), render_options=RenderOptions(mouths=mouths),
    )  # fmt: skip


def test_only_who_speaks_aloud_and_is_seen_moves_where_the_style_asks() -> None:
    there = page(("thought", "p0", "rei"), ("speech", "p0", "mika"), ("speech", "p0", "nobody"))
    assert speakers_seen(there, plan(3)) == ("mika",)
    assert speaking_faces(there, plan(3), USUAL) == ()
    assert {face.character for face in speaking_faces(there, plan(3), MOVING)} == {"mika"}
    assert speaking_faces(there, plan(3, ()), MOVING) == ()
    assert [wants_mouths(plan(count, mouths), style) for count, mouths, style in (
        (1, None, MOVING), (1, None, USUAL), (0, None, MOVING), (1, (), MOVING), (0, ("rei",), USUAL))] == [
        True, False, False, False, True]  # fmt: skip


def test_each_panel_has_its_face_and_lines_from_elsewhere_go_with_the_first() -> None:
    there = page(("speech", "p1", "mika"), ("speech", "p9", "mika"), ("speech", "p0", "mika"))
    first, second = speaking_faces(there, plan(3), MOVING)
    assert (first.panel, first.lines) == ("p0", ("t1", "t2"))
    assert (second.panel, second.lines) == ("p1", ("t0",))
    assert first.box == Box(0, 0, 40, 50), "the largest sighting, and its upper part"
    (only,) = speaking_faces(there, plan(3, ("mika",), ("p1",)), USUAL)
    assert only.lines == ("t0", "t1", "t2")


def test_a_face_without_lines_only_blinks() -> None:
    (face,) = speaking_faces(page(), plan(0, ("rei",)), USUAL)
    assert set(drawings_of(face)) == {"blink"}
    assert head_box(Box(0, 0, 100, 110)) == Box(0, 0, 100, 110), "a close-up is all head"
