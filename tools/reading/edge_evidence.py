"""Measure how strongly the pixels along a straight line suggest the edge of a panel.

A line is judged in a strip: the page is resampled so that the line lies level, with one column for each pixel of its
length. Every column votes by itself, so a balloon or a figure that crosses a gutter costs only its own width:

- stroke: ink on the line; a frame line is ink along its whole length.
- gutter: paper right beside that ink, on the same side all along. This is how a frame usually looks.
- ridge: ink with something lighter beside it. A frame line that two panels share has no gutter, but is a ridge. Ink
  with ink on both sides would hide the line, so such columns are unknown.
- far edge: where the paper ends again, at the same distance all along, stands the frame of the next panel.

Columns under lettering and balloons are unknown: they do not vote. Painting them white would invent gutters and
erase the frame lines below them. Blank ends are the margin of the page and do not count. Black gutters and white frame
lines are judged in the same way on the negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.geometry import Line, Points, chord
from tools.reading.working_page import Grey, WorkingPage

INK, PAPER, BLACK = 120, 205, 60
"""Grey values (0..255): ink is darker than INK, paper lighter than PAPER, black darker than BLACK."""
RIDGE_CONTRAST = 60
"""Grey values by which the pixels beside a ridge are lighter than its ink."""
STROKE_REACH = 4
"""The detector reports the edges of a stroke; its middle is searched this many pixels to either side."""

Votes = NDArray[np.bool_]
"""(n,) bool: one vote for each column of a strip."""


@dataclass(frozen=True)
class Evidence:
    """Measurements along one line inside a region."""

    stroke: Line
    """The line through the middle of the stroke."""
    half: float
    """Half the width of the stroke in pixels."""
    side: int
    """+1 or -1 where paper lies beside the line (along or against its normal), 0 for a line without a gutter."""
    share: float
    """Share of the voting columns that agree, 0..1."""
    far: float
    """Share of the agreeing columns that see the next frame beyond the paper, 0..1."""
    longest_gap: float
    """Longest run of columns against the line, as a share of all voting columns."""
    known: float
    """Share of the columns that voted, 0..1."""
    span: float
    """Share of the chord between its blank ends, 0..1."""
    length: float
    """Length of the chord in pixels."""
    negative: bool
    """Whether the evidence was found on the negative: a black gutter or a white frame line."""
    ends: float
    """Share of agreeing columns at the weaker end of the line, 0..1."""
    thin: float
    """Share of columns with ink that has something lighter on both sides, 0..1."""


def sample_strip(
    page: WorkingPage, line: Line, start: tuple[float, float], end: tuple[float, float], reach: int
) -> tuple[Grey, Votes]:
    """Resample the strip of pixels along a line.

    Args:
        page: The working page.
        line: The line; rows of the strip grow along its normal.
        start: First point of the line, in pixels of the working page.
        end: Last point of the line.
        reach: Rows on either side of the line.

    Returns:
        The strip, (2 * reach + 1, n) grey with row `reach` on the line, and the unknown columns, (n,) bool.
    """
    n = max(2, round(float(np.hypot(end[0] - start[0], end[1] - start[1]))))
    t = (np.arange(n, dtype=np.float32) + 0.5) / n
    xs = start[0] + t * (end[0] - start[0])
    ys = start[1] + t * (end[1] - start[1])
    k = np.arange(-reach, reach + 1, dtype=np.float32)[:, None]
    map_x = (xs[None, :] + k * line.nx).astype(np.float32)
    map_y = (ys[None, :] + k * line.ny).astype(np.float32)
    strip = cv2.remap(page.grey, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    hidden = cv2.remap(page.unknown, map_x[reach - 2 : reach + 3], map_y[reach - 2 : reach + 3], cv2.INTER_NEAREST)
    return np.asarray(strip, dtype=np.uint8), np.asarray(hidden.max(axis=0) > 0)


def measure_edge(page: WorkingPage, region: Points, line: Line) -> list[Evidence]:
    """Measure the evidence for an edge along `line` in `region`, as drawn and on the negative; [] if nothing votes."""
    ends = chord(region, line)
    if ends is None:
        return []
    reach = max(10, round(0.03 * page.side))
    strip, hidden = sample_strip(page, line, *ends, reach)
    if strip.shape[1] < 0.04 * page.side:
        return []
    judged = [_judge_strip(strip, hidden, line, page.side, negative=False)]
    if _has_black_band(strip, reach):
        judged.append(_judge_strip(np.asarray(255 - strip, dtype=np.uint8), hidden, line, page.side, negative=True))
        judged += [_judge_black_band(strip, hidden, line, page.side, direction) for direction in (-1, 1)]
    return [evidence for evidence in judged if evidence is not None]


def _has_black_band(strip: Grey, reach: int) -> bool:
    """Return whether the strip holds a black band, without which its negative need not be judged."""
    rows = (strip[reach - 8 : reach + 9] < 60).mean(axis=1)
    return bool(rows.max() > 0.5)


def _voting_columns(strip: Grey, hidden: Votes) -> tuple[Votes, float]:
    """Return the voting columns, and the share of columns between the blank ends.

    A column votes if it is known and does not lie in the blank at either end.
    """
    blank = strip.min(axis=0) > PAPER
    busy = np.flatnonzero(~blank)
    if not len(busy):
        return np.zeros_like(hidden), 0.0
    inside = np.zeros_like(hidden)
    inside[busy[0] : busy[-1] + 1] = True
    return inside & ~hidden, float(inside.mean())


def stroke_rows(strip: Grey, voting: Votes, reach: int) -> tuple[int, int]:
    """Return the first and last row of the stroke nearest to the line, by the share of ink in each row."""
    share = (strip[:, voting] < INK).mean(axis=1)
    near = slice(reach - STROKE_REACH, reach + STROKE_REACH + 1)
    top = (
        reach - STROKE_REACH + int(np.argmax(share[near] - 0.002 * np.abs(np.arange(-STROKE_REACH, STROKE_REACH + 1))))
    )
    limit = 0.85 * float(share[top])
    first = last = top
    while first > 1 and share[first - 1] >= limit and top - first < 6:
        first -= 1
    while last < len(share) - 2 and share[last + 1] >= limit and last - top < 6:
        last += 1
    return first, last


def _judge_strip(strip: Grey, hidden: Votes, line: Line, side: float, *, negative: bool) -> Evidence | None:
    """Return the stronger evidence of gutter and ridge in one strip."""
    reach = strip.shape[0] // 2
    voting, span = _voting_columns(strip, hidden)
    if voting.sum() < 0.03 * side:
        return None
    first, last = stroke_rows(strip, voting, reach)
    darkest = strip[first : last + 1].min(axis=0).astype(np.int16)
    ink = darkest < INK
    lighter = [
        rows_beside(strip, first, last, direction, 5).max(axis=0) > darkest + RIDGE_CONTRAST for direction in (-1, 1)
    ]
    voting = voting & ~(ink & ~lighter[0] & ~lighter[1])
    if voting.sum() < 0.03 * side:
        return None
    both = lighter[0] & lighter[1]
    ridge = ink & (both if negative else lighter[0] | lighter[1])
    share, direction, votes = _strongest_edge(strip, first, last, voting, ridge, side)
    if negative and direction:
        return None
    far = _far_edge_share(strip, first, last, direction, votes & voting) if direction else 0.0
    middle = (first + last) / 2 - reach
    return Evidence(
        stroke=line.offset(middle),
        half=(last - first + 1) / 2,
        side=direction,
        share=share,
        far=far,
        longest_gap=_longest_gap(votes, voting),
        known=float(voting.mean()),
        span=span,
        length=float(strip.shape[1]),
        negative=negative,
        ends=_weaker_end_share(votes, voting),
        thin=float((both & ink)[voting].mean()),
    )


def _judge_black_band(strip: Grey, hidden: Votes, line: Line, side: float, direction: int) -> Evidence | None:
    """Return the evidence for the edge of a black band on the side `direction` (+1 or -1), with drawing opposite.

    Where the drawing itself is black nothing is known; where the side is not black there is no band.
    """
    reach, width = strip.shape[0] // 2, max(4, round(0.005 * side))
    rows = strip if direction < 0 else strip[::-1]
    busy = np.flatnonzero(rows.max(axis=0) >= BLACK)
    if not len(busy):
        return None
    inside = np.zeros_like(hidden)
    inside[busy[0] : busy[-1] + 1] = True
    best: tuple[int, int, Votes, Votes] | None = None
    for edge in range(reach - STROKE_REACH, reach + STROKE_REACH + 1):
        black = rows[edge - width : edge].max(axis=0) < BLACK
        votes = black & (rows[edge + 1 : edge + 4].max(axis=0) > BLACK + RIDGE_CONTRAST)
        voting = inside & ~hidden & (votes | ~black)
        agreed = int((votes & voting).sum())
        if best is None or agreed > best[0]:
            best = (agreed, edge, votes, voting)
    if best is None or best[3].sum() < 0.03 * side:
        return None
    _, edge, votes, voting = best
    return Evidence(
        stroke=line.offset(direction * (reach - edge)),
        half=0.5,
        side=direction,
        share=float(votes[voting].mean()),
        far=0.0,
        longest_gap=_longest_gap(votes, voting),
        known=float(voting.mean()),
        span=float(inside.mean()),
        length=float(strip.shape[1]),
        negative=True,
        ends=_weaker_end_share(votes, voting),
        thin=0.0,
    )


def _strongest_edge(
    strip: Grey, first: int, last: int, voting: Votes, ridge: Votes, side: float
) -> tuple[float, int, Votes]:
    """Return share, side and votes of a gutter on either side, or of the ridge alone if that holds much better."""
    width = max(3, round(0.004 * side))
    best = (float(ridge[voting].mean()) - 0.15, 0, ridge)
    for direction in (-1, 1):
        paper = ridge & (rows_beside(strip, first, last, direction, width).min(axis=0) > PAPER)
        share = float(paper[voting].mean())
        if share > best[0]:
            best = (share, direction, paper)
    return (best[0] + 0.15, 0, ridge) if best[1] == 0 else best


def rows_beside(strip: Grey, first: int, last: int, direction: int, width: int) -> Grey:
    """Return the `width` rows beside a stroke on the side `direction` (+1 or -1), without one row of its soft edge."""
    rows = strip[last + 2 : last + 2 + width] if direction > 0 else strip[max(0, first - 1 - width) : max(first - 1, 1)]
    return rows if len(rows) else strip[-1:]


def _far_edge_share(strip: Grey, first: int, last: int, direction: int, votes: Votes) -> float:
    """Return the share of agreeing columns whose paper ends at one distance, along a nearly parallel straight edge."""
    rows = strip[last + 2 :] if direction > 0 else strip[: max(first - 1, 1)][::-1]
    if not len(rows) or votes.sum() < 8:
        return 0.0
    dark = rows[:, votes] < 160
    distance = np.where(dark.any(axis=0), dark.argmax(axis=0), -100).astype(np.float64)
    has_end = distance >= 0
    if has_end.mean() < 0.4:
        return 0.0
    columns = np.flatnonzero(votes).astype(np.float64)
    middle = float(np.median(distance[has_end]))
    close = has_end & (np.abs(distance - middle) < 6)
    if close.sum() < 8:
        return 0.0
    slope, offset = np.polyfit(columns[close], distance[close], 1)
    return float((has_end & (np.abs(distance - (slope * columns + offset)) < 2.0)).mean())


def _weaker_end_share(votes: Votes, voting: Votes) -> float:
    """Return the share of agreeing columns at the weaker end of the line."""
    agreeing = votes[voting]
    tip = max(3, len(agreeing) // 8)
    return float(min(agreeing[:tip].mean(), agreeing[-tip:].mean()))


def _longest_gap(votes: Votes, voting: Votes) -> float:
    """Return the longest run of voting columns against the line, as a share of all voting columns."""
    against = ~votes[voting]
    if not against.any():
        return 0.0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], against.astype(np.int8), [0]])))
    return float((edges[1::2] - edges[::2]).max()) / len(against)
