"""Measure what a viewer would see of a film from its plan and transcript alone, without rendering it.

It answers the questions that one would ask of a finished film, sampled three times a second: is each panel seen and in
which order, does each line stay in view for its reading time, and how long does a panel last.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from storage.domain import Balloon, Box, PageTranscript, ShotPlan, Transcript, VideoFormat
from tools.geometry import overlap_area
from tools.video.camera_path import camera_at

RATE = 3.0
GRID = 24
MARKS = "…・.ー―—! ?"
Seen = list[tuple[float, Box]]


@dataclass(frozen=True)
class Figures:
    """Measured figures of a film; shares are 0..1."""

    panels_shown: float
    panel_tau: float
    read_time: float
    legible: float
    seconds_per_panel: float


def judged(plan: Sequence[ShotPlan], transcript: Transcript, screen: VideoFormat) -> Figures:
    """Measure the film that the plan describes."""
    seen = _watched(plan)
    panels = [_panel(seen.get(page.index, []), page) for page in transcript.pages]
    shown = [ok for page in panels for ok, _ in page]
    taus = [_tau([since for _, since in page if since is not None]) for page in panels]
    lines = [
        _line(seen.get(page.index, []), line, screen)
        for page in transcript.pages
        for line in page.balloons
        if _count(line) > 1
    ]
    taus = [tau for tau in taus if tau is not None]
    return Figures(
        panels_shown=sum(shown) / max(1, len(shown)),
        panel_tau=sum(t for t in taus if t is not None) / len(taus) if taus else 1.0,
        read_time=sum(read for read, _ in lines) / max(1, len(lines)),
        legible=sum(legible for _, legible in lines) / max(1, len(lines)),
        seconds_per_panel=sum(shot.seconds for shot in plan) / max(1, len(shown)),
    )


def _watched(plan: Sequence[ShotPlan]) -> dict[int, Seen]:
    seen: dict[int, Seen] = {}
    start, tick = 0.0, 0
    for shot in plan:
        while tick / RATE < start + shot.seconds:
            at = tick / RATE
            box = camera_at(shot.camera, (at - start) / shot.seconds, shot.ease)
            seen.setdefault(shot.page, []).append((at, box))
            tick += 1
        start += shot.seconds
    return seen


def _panel(seen: Seen, page: PageTranscript) -> list[tuple[bool, float | None]]:
    found: list[tuple[bool, float | None]] = []
    for panel in page.panels:
        b = panel.box
        since = next((at for at, v in seen if b.x0 <= v.center[0] <= b.x1 and b.y0 <= v.center[1] <= b.y1), None)
        cells = np.zeros((GRID, GRID), bool)
        for view in {v for _, v in seen}:
            cells[_within(b.y0, b.height, view.y0, view.y1), _within(b.x0, b.width, view.x0, view.x1)] = True
        found.append((since is not None and int(np.count_nonzero(cells)) >= 0.9 * GRID**2, since))
    return found


def _within(start: float, length: float, low: float, high: float) -> slice:
    first = math.ceil((low - start) / length * GRID - 0.5)
    last = math.floor((high - start) / length * GRID - 0.5)
    return slice(max(0, first), max(0, min(GRID - 1, last) + 1))


def _tau(times: list[float]) -> float | None:
    """Return Kendall's tau of the panels' first times against their order; ties keep the order, as stable sorts do."""
    if len(times) < 2:
        return None
    pairs = [1 if a <= b else -1 for a, b in combinations(times, 2)]
    return sum(pairs) / len(pairs)


def _count(line: Balloon) -> int:
    return len(line.text.replace("\n", "").strip(MARKS))


def _line(seen: Seen, line: Balloon, screen: VideoFormat) -> tuple[bool, bool]:
    need = max(0.7, _count(line) / 8)
    glyph = math.sqrt(line.box.area / _count(line)) * 0.8
    views = [view for _, view in seen if overlap_area(view, line.box) >= 0.97 * line.box.area]
    scale = screen.width * 1080 / min(screen.width, screen.height)
    legible = [view for view in views if glyph * scale / view.width >= 20]
    return len(views) / RATE >= need, len(legible) / RATE >= need
