"""List all camera moves that suit one panel, each with its timing. Chooses none of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agents.planning import framing, timing
from agents.planning.pan_paths import SHAVED, PanPath
from agents.planning.panels import PanelSubject, PlanningStyle, ReadingNeed
from agents.planning.timing import Stop, TimedPath
from storage.domain import Box, VideoFormat
from tools import geometry

FILLS_SCREEN = "fills the screen"
MAX_CROPPED = 0.06
"""Share of a panel's area that may be cropped where it fills the screen."""
PUSH = 0.06
STRONG_PUSH = 0.09
OFF_CENTER_COST = 0.1
"""Share of a lit view that is given up to keep the panel in the middle, for each view's length that it is moved."""
CENTERED = 0.84
"""Share of a panel's sides in which the middle of a view stays that shows the panel whole: its edges may be read less
exactly."""
FIND_SECONDS = 0.2
"""Seconds more for a line that is read while the camera travels: it moves, or has just come into view."""
MAX_PARTS = 3
"""Most parts in which a panel is shown."""
MIN_PART_SECONDS = 1.25
"""Least seconds of a part of a panel that is shown by itself."""
PART_BEAT = 0.12
"""Seconds of pause after the last line of a part, before the cut to the next."""
MIN_MOVE_PIXELS = 20.0
"""Film pixels (1080 lines) below which a move is not worth making."""


@dataclass(frozen=True)
class MovePart:
    """One shot of a camera move: its path, the lines that are read on it, and its kind.

    The kinds are hold, push, pull, pan, tilt, scroll, closer and part.
    """

    kind: str
    path: TimedPath
    needs: tuple[ReadingNeed, ...]
    words: str

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Camera boxes at the keys of the path."""
        return tuple(box for _, box in self.path.keys)


@dataclass(frozen=True)
class CameraMove:
    """A way to film one panel, in one shot or a few."""

    parts: tuple[MovePart, ...]

    @property
    def kind(self) -> str:
        """Kind of its last part."""
        return self.parts[-1].kind

    @property
    def seconds(self) -> float:
        """Duration of all parts."""
        return sum(part.path.seconds for part in self.parts)


@dataclass(frozen=True)
class MoveContext:
    """What all moves for one panel depend on: the subject, the screen, the style, and whether it is in a fast run."""

    subject: PanelSubject
    screen: VideoFormat
    style: PlanningStyle
    fast: bool = False

    @property
    def aspect(self) -> float:
        """Width divided by height of the screen."""
        return self.screen.aspect

    @property
    def least(self) -> float:
        """Seconds that the panel needs at least."""
        return timing.natural_seconds(self.subject, self.style, fast=self.fast)

    @property
    def beat(self) -> float:
        """Seconds of pause after the last line."""
        return timing.pause_after(self.subject, self.style, fast=self.fast)

    def width_of(self, shorter: float) -> float:
        """Return the width of a camera box whose shorter side is this share of the page's width."""
        return shorter * self.subject.unit * max(1.0, self.aspect)

    @property
    def closest_width(self) -> float:
        """Width of the closest camera box that the style and the size of the page allow, in page pixels."""
        return framing.closest_side(self.style.closest, self.subject.unit) * max(1.0, self.aspect)


def possible_moves(context: MoveContext) -> Iterator[CameraMove]:
    """Yield every move that suits the panel's shape. The first one is always possible."""
    base, words = still_frame(context)
    yield from _still_moves(context, base, words)
    yield from _pan_moves(context, base)
    if not timing.is_splash(context.subject):  # such a panel is taken in as a whole
        yield from _part_moves(context, base)
    if context.subject.size > 0.4:
        yield from _whole_then_pan(context, base)
    if context.subject.reading > 7.5 and len(context.subject.needs) > 2:
        yield from _whole_then_closer(context, base)


def still_frame(context: MoveContext) -> tuple[Box, str]:
    """Frame a panel without a move: filling the screen where its shape allows, else whole with air.

    Returns:
        The camera box, and a description of it.
    """
    style = context.style
    full = _filling_box(context)
    if full is not None:
        return full, FILLS_SCREEN
    whole = frame_with_air(context)
    roomy = max(whole.width, min(context.closest_width, whole.width * 1.3), context.width_of(style.tightest))
    return slide_to_light(framing.scale_box(whole, roomy / whole.width), context.subject), "stands whole"


def slide_to_light(view: Box, subject: PanelSubject) -> Box:
    """Return the view moved to where it shows most of the page that is lit, with the panel still whole in it."""
    reach, inner = subject.reach, framing.scale_box(subject.box, CENTERED)
    xs = framing.slides(view.x0, view.width, (reach.x0, reach.x1), (inner.x0, inner.x1))
    ys = framing.slides(view.y0, view.height, (reach.y0, reach.y1), (inner.y0, inner.y1))

    def score(moved: Box) -> float:
        away = abs(moved.x0 - view.x0) / view.width + abs(moved.y0 - view.y0) / view.height
        return subject.lit_share(moved) - OFF_CENTER_COST * away

    moved = [Box(x, y, x + view.width, y + view.height) for x in xs for y in ys]
    return max((box for box in moved if box == view or is_its_own(box, subject)), key=score)


def frame_with_air(context: MoveContext) -> Box:
    """Frame the whole panel with air around it.

    The box is off centre where other panels lie in the middle, if that costs little size.
    """
    subject, air = context.subject, context.style.air
    inner = framing.scale_box(subject.box, 0.8)
    (x, y) = subject.reach.center
    middle = (framing.clamp(inner.x0, x, inner.x1), framing.clamp(inner.y0, y, inner.y1))
    plain = framing.fit_around(middle, subject.reach, context.aspect, air)
    for strangers, growth in (((*subject.strangers, *subject.follower), 1.12), (subject.strangers, 1.5)):
        center = framing.center_outside(subject.box, strangers, middle)
        view = framing.fit_around(center, subject.reach, context.aspect, air)
        if view.width <= growth * plain.width:
            return view
    return plain


def _filling_box(context: MoveContext) -> Box | None:
    """Return a camera box that the panel fills, or None where that crops too much or gets too close."""
    subject = context.subject
    view = framing.cover_box(subject.box, context.aspect)
    if 1 - view.area / subject.box.area > MAX_CROPPED or view.width < context.closest_width:
        return None
    lettering = [need.box for need in subject.needs]
    if lettering:
        view = framing.shift_to_hold(view, geometry.union_box(lettering))
    sound = framing.filled_share(view, [framing.panel_polygon(subject.panel)]) > 0.93
    sees_all = all(framing.holds(view, box) for box in lettering)
    return view if sound and sees_all and is_its_own(view, subject) else None


def _still_moves(context: MoveContext, base: Box, words: str) -> Iterator[CameraMove]:
    """Yield a hold, slow push-ins and slow pull-outs."""
    subject = context.subject
    timed = timing.time_stops([Stop(base, subject.needs)], context.screen, least=context.least, beat=context.beat)
    yield CameraMove((MovePart("hold", timed, subject.needs, f"{words}, at rest"),))
    for share in (PUSH, STRONG_PUSH):
        near = _push_in_box(context, base, share * context.style.motion)
        if near is None:
            return
        for kind, ends in (("push", (base, near)), ("pull", (near, base))):
            path = timing.time_drift(*ends, subject.needs, context.screen, least=context.least, beat=context.beat)
            verb = "slow push-in" if kind == "push" else "slow pull-out"
            yield CameraMove((MovePart(kind, path, subject.needs, f"{words}, {verb}"),))


def _push_in_box(context: MoveContext, base: Box, share: float) -> Box | None:
    """Return the base box scaled towards the focus by `share`, with all lettering in view; None if it is no move."""
    subject = context.subject
    lettering = [need.box for need in subject.needs]
    wanted = geometry.union_box(lettering) if lettering else None
    for part in (1.0, 0.7, 0.45):
        near = framing.scale_box(base, 1 / (1 + share * part), focus_point(subject, base))
        near = framing.shift_to_hold(near, wanted) if wanted else near
        if wanted and not framing.holds(near, wanted):
            continue
        if not is_its_own(near, subject) or framing.film_distance(base, near, context.screen) < MIN_MOVE_PIXELS:
            continue
        return near
    return None


def focus_point(subject: PanelSubject, view: Box) -> tuple[float, float]:
    """Return the point that draws the eye, in page pixels.

    It is the measured focus, or else the middle of the panel, a little higher (faces) and away from the lettering.
    """
    box = subject.box
    if subject.look is not None:
        x, y = subject.look.focus
        return framing.clamp(box.x0, x, box.x1), framing.clamp(box.y0, y, box.y1)
    x, y = box.x0 + box.width / 2, box.y0 + box.height * 0.42
    if len(subject.needs) == 1:
        x += 0.25 * (x - subject.needs[0].box.center[0])
    return framing.clamp(view.x0, x, view.x1), framing.clamp(view.y0, y, view.y1)


def _pan_moves(context: MoveContext, base: Box) -> Iterator[CameraMove]:
    """Yield pans and tilts, from as close as the style allows to almost the whole panel."""
    box = context.subject.reach
    wide = box.width / box.height > context.aspect
    filling = min(box.width, box.height * context.aspect) * (1 - SHAVED)
    nearest = max(filling, context.closest_width)
    for factor in (1.0, 1.22, 1.5, 1.85, 2.3):
        width = nearest * factor
        length = width if wide else width / context.aspect
        way = (box.width if wide else box.height) * (1 - 2 * SHAVED) - length
        near = framing.center_box(box.center, width, context.aspect)
        if width > base.width * 0.9 or way * framing.film_scale(near, context.screen) < 4 * MIN_MOVE_PIXELS:
            return
        for backward in (False, True):
            part = _pan_move(context, width, wide=wide, backward=backward)
            if part is not None:
                yield CameraMove((part,))


def _pan_move(context: MoveContext, width: float, *, wide: bool, backward: bool) -> MovePart | None:
    """Return one pan (`wide`) or tilt with a camera box of `width`; None where the lettering does not fit."""
    subject = context.subject
    track = PanPath.lay(subject, width, context.aspect, wide=wide, backward=backward)
    if backward and not track.runs_back(subject.needs):
        return None
    if not all(track.fits(need) for need in subject.needs):
        return None
    slower = [replace(need, seconds=need.seconds + FIND_SECONDS) for need in subject.needs]
    places = track.places(slower)
    if places is None:
        return None
    stops = [Stop(track.view(at), needs) for at, needs in places]
    if not all(is_its_own(stop.box, subject) for stop in stops):
        return None
    kind, path = _time_pan(context, track, stops, slower, wide=wide)
    if any(lack > 0.05 for lack in timing.read_until(path, subject.needs)[1]):
        return None
    return MovePart(kind, path, subject.needs, f"{kind}s {track.direction}")


def _time_pan(
    context: MoveContext, track: PanPath, stops: Sequence[Stop], needs: Sequence[ReadingNeed], *, wide: bool
) -> tuple[str, TimedPath]:
    """Time a pan path: a steady scroll on a strip, one slow move if all is in view, else from rest to rest."""
    first, last = stops[0].box, stops[-1].box
    if context.subject.order == "vertical" and not wide and track.span > 2.5 * track.length:
        path = timing.time_drift(
            first, last, needs, context.screen, least=context.least, beat=context.beat, ease="linear"
        )
        if not any(lack > 0.05 for lack in timing.read_until(path, needs)[1]):
            return "scroll", path
    kind = "pan" if wide else "tilt"
    if len(stops) == 2 and all(framing.holds(stop.box, need.box) for stop in stops for need in needs):
        return kind, timing.time_drift(first, last, needs, context.screen, least=context.least, beat=context.beat)
    return kind, timing.time_stops(stops, context.screen, least=context.least, beat=context.beat)


def _part_moves(context: MoveContext, base: Box) -> Iterator[CameraMove]:
    """Yield moves that show a long panel part by part, from near, with a cut from each part to the next."""
    subject = context.subject
    box = subject.reach
    wide = box.width / box.height > context.aspect
    nearest = max(min(box.width, box.height * context.aspect) * (1 - SHAVED), context.closest_width)
    for factor in (1.0, 1.22, 1.5, 1.85):
        width = nearest * factor
        if width > base.width * 0.8:
            return
        track = PanPath.lay(subject, width, context.aspect, wide=wide, backward=False)
        if not all(track.fits(need) for need in subject.needs):
            continue
        for count in range(2, MAX_PARTS + 1):
            stops = [Stop(track.view(at), needs) for at, needs in track.parts(subject.needs, count) or ()]
            if stops and all(is_its_own(stop.box, subject) for stop in stops):
                yield CameraMove(tuple(_time_parts(context, stops)))


def _time_parts(context: MoveContext, stops: Sequence[Stop]) -> Iterator[MovePart]:
    """Yield a shot for each stop, as long as its lines take to read; a silent one gets an equal share of the rest."""
    silent = max(MIN_PART_SECONDS, (context.least - context.subject.reading) / len(stops))
    for number, stop in enumerate(stops, 1):
        beat = context.beat if number == len(stops) else PART_BEAT
        least = min(silent, context.least) if not stop.needs else MIN_PART_SECONDS
        path = timing.time_stops([stop], context.screen, least=least, beat=beat)
        yield MovePart("part", path, stop.needs, f"part {number} of {len(stops)}")


def _whole_then_pan(context: MoveContext, base: Box) -> Iterator[CameraMove]:
    """Yield moves that show a large panel whole first, and travel over it then."""
    whole = slide_to_light(frame_with_air(context), context.subject)
    first = timing.time_stops([Stop(whole)], context.screen, least=1.8 * context.style.pace, beat=0)
    for move in _pan_moves(context, whole):
        travel = move.parts[0]
        if travel.boxes[0].width < 0.72 * whole.width:
            yield CameraMove((MovePart("hold", first, (), "shown whole at first"), travel))


def _whole_then_closer(context: MoveContext, base: Box) -> Iterator[CameraMove]:
    """Yield a move for a panel with much to read: whole for the first lines, then closer for the others."""
    subject, needs = context.subject, context.subject.needs
    half = subject.reading / 2
    for cut in range(1, len(needs)):
        early, late = needs[:cut], needs[cut:]
        if sum(need.seconds for need in early) < half:
            continue
        wanted = geometry.union_box(need.nice for need in late)
        near = framing.fit_around(wanted.center, wanted, context.aspect, 0.06)
        near = framing.scale_box(near, max(1.0, context.closest_width / near.width))
        if near.width > 0.8 * base.width or not is_its_own(near, subject):
            return
        near = framing.shift_to_hold(near, wanted)
        first = timing.time_stops([Stop(base, early)], context.screen, least=2.0, beat=0.1)
        then = timing.time_stops([Stop(near, late)], context.screen, least=2.0, beat=context.beat)
        yield CameraMove(
            (
                MovePart("hold", first, early, "whole at first, there is much to read"),
                MovePart("closer", then, late, "then from nearer"),
            )
        )
        return


def is_its_own(view: Box, subject: PanelSubject) -> bool:
    """Return whether the view's centre lies in the panel and in no later one."""
    x, y = view.center
    return framing.contains_point((x, y), subject.box) and not any(
        framing.contains_point((x, y), box) for box in subject.strangers
    )
