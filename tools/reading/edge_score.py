"""Score how certain it is that a panel ends at a line, from the evidence along that line.

Known gutters of the page help to judge lines without a gutter: an artist draws all frame lines with one pen, and
gutters are black where the margin is black. No pixels are read here.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.reading.edge_evidence import Evidence

IMPOSSIBLE = (2.0, 0.0)
"""Least share and longest gap that no line can reach."""
MIN_BARE_LENGTH, MIN_BLACK_LENGTH = 0.3, 0.15
"""A line without a gutter must be longer than this share of the page's side.

Drawings are full of short straight strokes. Where gutters are known to be black, MIN_BLACK_LENGTH is enough.
"""
LONG_LINE = 0.4
"""A line longer than this share of the page's side may be interrupted by a figure."""
MAX_LEAN, MAX_DARK_EDGE_LEAN = 0.45, 0.1
"""Sines of the lean from upright or level.

Gutters that lean more than MAX_LEAN are rare. The edge of a dark picture without a line of its own is accepted only up
to MAX_DARK_EDGE_LEAN, because beams, shadows and roofs lean.
"""
MAX_UNDRAWN_LEAN = 0.02
"""The edge of a dark picture beside paper, without a line of its own, leans no more than this."""
MAX_KNOWN_OF_HIDDEN = 0.6
"""A short stroke shows a gutter only where a balloon hides so much of it that no more than this share is known."""
MAX_HALF_WIDTH = 3.0
"""Half the width in pixels up to which a line between two pictures is a frame line, if the usual width is not known."""

MIN_LETTER_LEAN, MAX_LETTER = 0.05, 0.12
"""A stroke of a drawn letter leans more, as a sine, and is no longer than this share of the page's side."""
MIN_KNOWN_LEANING, MIN_ENDS_LEANING, MIN_FAR_OF_SHORT = 0.65, 0.25, 0.95
"""A leaning line is seen along this share of its length; or it has paper and another frame beside it at both ends.

MIN_ENDS_LEANING is how much of its weaker end agrees then, and MIN_FAR_OF_SHORT how much of a short one sees the frame.
"""
MAX_POST_THIN = 0.2
"""A post is dark beside its edge: no more than this share of the edge is a thin line."""


@dataclass(frozen=True)
class PageStyle:
    """How the frames of a page are drawn, as far as it is known."""

    side: float
    """Side of the working page in pixels; thresholds scale with it."""
    half_width: float | None = None
    """Half the usual width of the frame lines in pixels; None while it is not known."""
    black: bool = False
    """Whether the margins are black."""
    gutters_only: bool = False
    """Whether lines without a gutter are ignored for now."""


def score_edge(evidence: Evidence, style: PageStyle) -> float:
    """Score how certain it is that a panel ends at a line; 0 means that it does not, larger is more certain.

    A line without a gutter must hold nearly everywhere, because drawings are full of straight lines. With paper beside
    it less is enough, above all where the line holds at both ends (a figure covers its middle) or where the frame of
    the next panel stands beyond the paper. The less of a line is visible, the better that part must be.
    """
    bare = evidence.negative or evidence.side == 0
    if evidence.span < 0.6 or evidence.known < _min_known_share(evidence, style.side) or (bare and style.gutters_only):
        return 0.0
    share, gap = _limits_without_gutter(evidence, style) if bare else _limits_with_gutter(evidence, style.side)
    if evidence.share < share or evidence.longest_gap > gap or _is_drawn_stroke(evidence, style, bare=bare):
        return 0.0
    return evidence.share + (0.2 if evidence.side else 0.0) + 0.2 * evidence.far - (0.3 if evidence.negative else 0.0)


def _is_drawn_stroke(evidence: Evidence, style: PageStyle, *, bare: bool) -> bool:
    """Return whether a line that fits a panel's edge is more likely a drawn letter, a post or a shadow.

    Drawn letters are outlined strokes of white that lean, as a gutter does between two frame lines, but they are short
    and end before the panel does. Posts and doors are dark and upright.
    """
    if _lean(evidence) < MIN_LETTER_LEAN:
        is_upright = abs(evidence.stroke.nx) > abs(evidence.stroke.ny)
        return bare and is_upright and evidence.thin < MAX_POST_THIN and style.half_width is not None
    if bare:
        return evidence.known < MIN_KNOWN_LEANING
    if evidence.known >= MIN_KNOWN_LEANING:
        return False
    is_short = evidence.known * evidence.length < MAX_LETTER * style.side
    return evidence.ends < MIN_ENDS_LEANING or (is_short and evidence.far < MIN_FAR_OF_SHORT)


def is_hidden_gutter(evidence: Evidence) -> bool:
    """Return whether all that is seen of a mostly hidden line is a gutter between two straight frame lines."""
    return bool(
        evidence.side
        and not evidence.negative
        and evidence.known < MAX_KNOWN_OF_HIDDEN
        and min(evidence.share, evidence.far, evidence.thin) >= 0.9
        and evidence.ends >= 0.7
    )


def is_bounded_by_pen(evidence: Evidence) -> bool:
    """Return whether a line with paper beside it is a gutter or a stroke of a pen, and not the edge of a dark thing.

    White walls and faces are paper as well. Where no next frame ends the paper, a line that leans must be drawn.
    """
    if evidence.negative or not evidence.side or evidence.far >= 0.6 or _lean(evidence) < MAX_UNDRAWN_LEAN:
        return True
    return (evidence.thin > 0.6 or evidence.share >= 0.985) and evidence.half <= 3.5


def _lean(evidence: Evidence) -> float:
    """Return the sine of the line's lean from upright or level."""
    return min(abs(evidence.stroke.nx), abs(evidence.stroke.ny))


def _min_known_share(evidence: Evidence, side: float) -> float:
    """Return how much of a line must be visible, as a share of its length."""
    if evidence.side == 0:
        return 0.33 if evidence.length > 0.7 * side and evidence.share > 0.99 else 0.5
    if evidence.negative or evidence.share < 0.95:
        return 0.35
    return 0.12 if evidence.far >= 0.9 else 0.2


def _limits_without_gutter(evidence: Evidence, style: PageStyle) -> tuple[float, float]:
    """Return the least share and the longest gap of a line without a white gutter; IMPOSSIBLE if it cannot be an edge.

    Such a line is a thin stroke between two pictures, the edge of a dark picture, which must hold even better, or a
    black gutter.
    """
    shortest = (
        MIN_BLACK_LENGTH if style.black and (evidence.negative or evidence.half > MAX_HALF_WIDTH) else MIN_BARE_LENGTH
    )
    if _lean(evidence) > MAX_LEAN or evidence.length < shortest * style.side:
        return IMPOSSIBLE
    if evidence.negative:
        return (0.95, 0.05) if evidence.side else (0.97, 0.03)
    if evidence.thin > 0.6:
        return (0.97, 0.03) if style.black or evidence.half <= _max_half_width(style) else IMPOSSIBLE
    return (0.985, 0.015) if evidence.half <= 3.5 and _lean(evidence) < MAX_DARK_EDGE_LEAN else IMPOSSIBLE


def _max_half_width(style: PageStyle) -> float:
    """Return half the width in pixels of the thickest line that can be a frame line of this page."""
    return MAX_HALF_WIDTH if style.half_width is None else 1.3 * style.half_width + 0.3


def _limits_with_gutter(evidence: Evidence, side: float) -> tuple[float, float]:
    """Return the least share and the longest gap of a line with paper beside it.

    The better its surroundings fit a gutter, the more of the line may be interrupted.
    """
    if _lean(evidence) > MAX_LEAN:
        return 0.95, 0.05
    if evidence.far >= 0.9 and evidence.ends >= 0.9:
        return 0.5, 0.45
    if evidence.ends >= 0.9 and evidence.thin > 0.6 and evidence.length > LONG_LINE * side:
        return 0.72, 0.2
    return (0.75, 0.25) if evidence.far >= 0.6 and evidence.ends >= 0.25 else (0.87, 0.12)
