"""Time camera paths so that all lines can be read and no move is faster than the eye can follow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from agents.planning.framing import film_distance, holds
from agents.planning.panels import PanelSubject, PlanningStyle, ReadingNeed, need_of
from storage.domain import Balloon, Box, CameraKey, Ease, ShotPlan, VideoFormat
from tools.video.camera_path import camera_at

CALM_ACCELERATION = 0.068
"""Film pixels (1080 lines) of a move divided by its squared duration in frames of 1/24 s; above this it looks pushed.

An eased move of d pixels in n frames changes its speed by 3.46 d / n^2 pixels a frame (root mean square): here 0.24."""
MAX_SPEED = 400.0
"""Film pixels a second (1080 lines) at the fastest moment of a move."""
SCROLL_SPEED = 300.0
"""Film pixels a second (1080 lines) of a long scroll."""
MAX_SECONDS = 60.0
"""Seconds that a shot may last."""
MIN_SECONDS = 1.25
"""Least seconds of a shot, however brisk the film is."""
REST_SECONDS = 0.36
"""Seconds of rest before and after a move."""
SAMPLES_PER_SECOND = 12.0
"""Moments a second at which the view is checked for a line."""


@dataclass(frozen=True)
class Stop:
    """A camera box at which the camera rests, for how long at least, and what is read there."""

    box: Box
    needs: tuple[ReadingNeed, ...] = ()
    seconds: float = REST_SECONDS


@dataclass(frozen=True)
class TimedPath:
    """A camera path with its keys in seconds."""

    keys: tuple[tuple[float, Box], ...]
    ease: Ease = "in-out"

    @property
    def seconds(self) -> float:
        """Duration of the path."""
        return self.keys[-1][0]

    def camera(self) -> tuple[CameraKey, ...]:
        """Return the path with times normalized to 0..1."""
        whole = self.seconds
        return tuple(CameraKey(t=min(1.0, max(0.0, round(at / whole, 6))), box=box) for at, box in self.keys)


@dataclass(frozen=True)
class LineReading:
    """When a line is read, in seconds.

    Attributes:
        start: When reading begins.
        end: When it ends.
        leaves: Until when the line stays in view.
        lack: Reading time for which the line is not in view.
    """

    start: float
    end: float
    leaves: float
    lack: float


def move_seconds(a: Box, b: Box, screen: VideoFormat, ease: Ease = "in-out") -> float:
    """Return the least seconds of a calm move between two views."""
    way = film_distance(a, b, screen)
    if ease == "linear":
        return way / SCROLL_SPEED
    return max(math.sqrt(way / CALM_ACCELERATION) / 24, 1.5 * way / MAX_SPEED)


def read_until(path: TimedPath, needs: Sequence[ReadingNeed], opens: Sequence[float] = ()) -> tuple[float, list[float]]:
    """Read the lines one after the other along a path.

    Each is read while it is wholly in view without a break, once the one before is done and its panel has appeared
    (`opens`, in seconds).

    Returns:
        The second at which the reader is done, and the seconds that each line lacks.
    """
    found = read_lines(path, needs, opens)
    return found[-1].end if found else 0.0, [line.lack for line in found]


def read_lines(path: TimedPath, needs: Sequence[ReadingNeed], opens: Sequence[float] = ()) -> list[LineReading]:
    """Return when each line is read along a path, by the rules of `read_until`."""
    moments = _moments(path) if needs else []
    now, found = 0.0, list[LineReading]()
    for index, need in enumerate(needs):
        start = max(now, opens[index]) if opens else now
        runs = [(max(a, start), b) for a, b in _in_view(moments, need) if b > start]
        enough = next((run for run in runs if run[1] - run[0] >= need.seconds - 1e-6), None)
        a, b = enough or max(runs, key=lambda run: run[1] - run[0], default=(start, start))
        now = min(b, a + need.seconds)
        found.append(LineReading(start=a, end=now, leaves=b, lack=max(0.0, need.seconds - (b - a))))
    return found


def cue_times(path: TimedPath, needs: Sequence[ReadingNeed], opens: Sequence[float] = ()) -> list[tuple[float, float]]:
    """Return the time of each line's subtitle along a path, in the order of `needs`; no two overlap.

    A subtitle begins when its line is wholly in view, its panel has appeared and the line before is read. It lasts for
    the line's reading time, and longer while the line stays in view, until the next one begins. Where a line is in
    view too late to be read, its subtitle begins earlier; where the whole path is too short, all are shortened alike.

    Args:
        path: The camera's path through the shot.
        needs: The lines in the order in which they are read.
        opens: The second at which the panel of each line appears; () where all are there from the first.

    Returns:
        Start and end of each subtitle, in seconds from the beginning of the path.
    """
    read = read_lines(path, needs, opens)
    share = min(1.0, path.seconds / max(1e-6, sum(need.seconds for need in needs)))
    lengths = [need.seconds * share for need in needs]
    starts, now = list[float](), 0.0
    for line, length in zip(read, lengths, strict=True):
        starts.append(max(now, line.start))
        now = starts[-1] + length
    latest = path.seconds
    for index in reversed(range(len(starts))):
        starts[index] = max(0.0, min(starts[index], latest - lengths[index]))
        latest = starts[index]
    return [
        (start, max(start + length, min(line.leaves, following)))
        for start, length, line, following in zip(starts, lengths, read, [*starts, path.seconds][1:], strict=True)
    ]


def path_of(plan: ShotPlan, seconds: float) -> TimedPath:
    """Return the camera path of a shot that lasts `seconds`, from its first moment to its last."""
    keys = [(key.t * seconds, key.box) for key in plan.camera]
    first = [(0.0, keys[0][1])] if plan.camera[0].t > 0 else []
    last = [(seconds, keys[-1][1])] if plan.camera[-1].t < 1 else []
    return TimedPath((*first, *keys, *last), plan.ease)


def appearance_times(plan: ShotPlan, lines: Sequence[Balloon], seconds: float) -> list[float]:
    """Return the second at which the panel of each line appears in a shot that lasts `seconds`."""
    since = dict(zip(plan.panels, plan.reveals, strict=True)) if plan.reveals else {}
    return [since.get(line.panel or "", 0.0) * seconds for line in lines]


def line_times(plan: ShotPlan, lines: Sequence[Balloon], unit: float, seconds: float) -> list[tuple[float, float]]:
    """Return when each line of a shot is read, in the order of `lines`: start and end in seconds; see `cue_times`.

    Args:
        plan: The shot.
        lines: Its lines, in the order in which they are read.
        unit: The width of one page in pixels.
        seconds: How long the shot lasts.

    Returns:
        The times; those of a locked shot begin as they did when it was locked.
    """
    needs = [need_of(line, unit) for line in lines]
    times = cue_times(path_of(plan, seconds), needs, appearance_times(plan, lines, seconds))
    if not plan.line_starts or len(plan.line_starts) != len(lines):
        return times
    following = (*plan.line_starts[1:], seconds)
    return [
        (start, max(start, min(end, later)))
        for start, (_, end), later in zip(plan.line_starts, times, following, strict=True)
    ]


def _moments(path: TimedPath) -> list[tuple[float, Box]]:
    """Return the camera boxes at a path's keys and often enough between them."""
    camera, found = path.camera(), [path.keys[0]]
    for (a, before), (b, box) in pairwise(path.keys):
        steps = 1 if before == box else max(1, math.ceil((b - a) * SAMPLES_PER_SECOND))
        for i in range(1, steps):
            at = a + (b - a) * i / steps
            found.append((at, camera_at(camera, at / path.seconds, path.ease)))
        found.append((b, box))
    return found


def _in_view(moments: Sequence[tuple[float, Box]], need: ReadingNeed) -> Iterator[tuple[float, float]]:
    """Yield the intervals in seconds in which a line is wholly in view."""
    since: float | None = None
    last = 0.0
    for at, view in moments:
        if not holds(view, need.box, 0.5):
            if since is not None:
                yield since, last
            since = None
        elif since is None:
            since = at
        last = at
    if since is not None:
        yield since, last


def time_stops(stops: Sequence[Stop], screen: VideoFormat, *, least: float, beat: float) -> TimedPath:
    """Time a path that moves from stop to stop and rests at each until its lines are read.

    `least` is the shortest duration of the whole path and `beat` the pause after the last line, in seconds.
    """
    stops = list(stops)
    needs = [need for stop in stops for need in stop.needs]
    at_stop = [index for index, stop in enumerate(stops) for _ in stop.needs]
    path = lay_out_stops(stops, screen)
    for _ in range(6):
        _, lacks = read_until(path, needs)
        if not any(lack > 0.02 for lack in lacks):
            break
        first = next(i for i, lack in enumerate(lacks) if lack > 0.02)
        index = at_stop[first]
        short = sum(lack for lack, stop in zip(lacks, at_stop, strict=True) if stop == index)
        stops[index] = replace(stops[index], seconds=stops[index].seconds + short)
        path = lay_out_stops(stops, screen)
    done, _ = read_until(path, needs)
    late = max(least, done + beat if needs else 0.0) - path.seconds
    if late > 0:
        stops[-1] = replace(stops[-1], seconds=stops[-1].seconds + late)
    return lay_out_stops(stops, screen)


def lay_out_stops(stops: Sequence[Stop], screen: VideoFormat) -> TimedPath:
    """Time a path that rests at each stop for its seconds and moves calmly between them."""
    keys, now = [(0.0, stops[0].box)], stops[0].seconds
    keys.append((now, stops[0].box))
    for before, stop in pairwise(stops):
        now += move_seconds(before.box, stop.box, screen)
        keys.append((now, stop.box))
        now += stop.seconds
        keys.append((now, stop.box))
    return TimedPath(tuple(keys))


def time_drift(
    start: Box,
    end: Box,
    needs: Sequence[ReadingNeed],
    screen: VideoFormat,
    *,
    least: float,
    beat: float,
    ease: Ease = "in-out",
) -> TimedPath:
    """Time one move that lasts the whole shot, slow enough that all lines are read on the way."""
    seconds = max(
        least, sum(need.seconds for need in needs) + (beat if needs else 0.0), move_seconds(start, end, screen, ease)
    )
    path = TimedPath(((0.0, start), (seconds, end)), ease)
    for _ in range(12):
        if not any(lack > 0.02 for lack in read_until(path, needs)[1]):
            break
        path = TimedPath(((0.0, start), (path.seconds * 1.12, end)), ease)
    return path


def split_path(path: TimedPath) -> tuple[TimedPath, TimedPath]:
    """Split a path at the key closest to its middle, or in its middle where no key is close."""
    middle = path.seconds / 2
    at = min((at for at, _ in path.keys[1:-1]), key=lambda at: abs(at - middle), default=middle)
    if not 0.25 * path.seconds < at < 0.75 * path.seconds:
        at = middle
    box = camera_at(path.camera(), at / path.seconds, path.ease)
    early = (*(key for key in path.keys if key[0] < at), (at, box))
    late = ((0.0, box), *((when - at, seen) for when, seen in path.keys if when > at))
    return TimedPath(early, path.ease), TimedPath(late, path.ease)


def read_by(path: TimedPath, needs: Sequence[ReadingNeed]) -> int:
    """Return how many lines, from the first on, can be read on a path."""
    lacks = read_until(path, needs)[1]
    return next((index for index, lack in enumerate(lacks) if lack > 0.02), len(lacks))


def extend_rest(path: TimedPath, needs: Sequence[ReadingNeed]) -> TimedPath:
    """Return the path with a longer rest at its beginning, until its lines can be read."""
    lack = sum(read_until(path, needs)[1])
    if lack <= 0.02:
        return path
    return TimedPath((path.keys[0], *((at + lack, box) for at, box in path.keys)), path.ease)


def shorten_path(path: TimedPath, seconds: float) -> TimedPath:
    """Return the path sped up to last `seconds`."""
    return TimedPath(tuple((at * seconds / path.seconds, box) for at, box in path.keys), path.ease)


def silent_seconds(subject: PanelSubject, style: PlanningStyle) -> float:
    """Return the seconds for a panel without words: 2 to 4 by its size and detail, more for a splash."""
    detail = subject.look.detail if subject.look else 0.5
    share = min(1.0, subject.size / 0.45)
    splash = 1.0 if is_splash(subject) else 0.0
    return (1.9 + 1.6 * share + 0.5 * (detail - 0.5) * (0.5 + share) + splash) * style.pace


def natural_seconds(subject: PanelSubject, style: PlanningStyle, *, fast: bool) -> float:
    """Return the seconds that a panel needs: reading and a beat, or its silence; `fast` in a fast run."""
    if fast and not subject.needs:
        return max(MIN_SECONDS, 1.6 * style.pace)
    still = max(MIN_SECONDS, 2.0 * min(1.0, style.pace), silent_seconds(subject, style))
    if not subject.needs:
        return still
    read = subject.reading + pause_after(subject, style, fast=fast)
    return max(1.6 if fast else 2.0, read, still if is_splash(subject) else 0.85 * still)


def is_splash(subject: PanelSubject) -> bool:
    """Return whether a panel takes most of its page."""
    return subject.size > 0.55


def pause_after(subject: PanelSubject, style: PlanningStyle, *, fast: bool) -> float:
    """Return the pause after the last line in seconds: short in a fast run, longer in a large panel."""
    return (0.15 if fast else 0.18 + 0.45 * min(0.5, subject.size)) * style.pace


def round_up_to_frames(seconds: float, screen: VideoFormat) -> float:
    """Return seconds rounded up to whole frames; a shot of up to the longest length does not become longer than it."""
    frames = math.ceil(seconds * screen.fps - 1e-6)
    if seconds <= MAX_SECONDS < frames / screen.fps:
        frames -= 1
    return float(frames / screen.fps)
