"""Render quick previews of shots, at half the size and with the fastest encoding.

Results that do not depend on the size (cutouts, plates, motion) are made as for the film, which reuses them later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from agents import output_files
from agents.executors.local import LocalExecutor
from agents.repair import with_repairs
from agents.resolved_shot import ResolvedShot
from agents.run_context import Progress, RunContext
from agents.shots import shots_to_film
from agents.stages import animate, clean, color, composite, layers, outpaint, redraw, upscale
from storage.domain import VideoFormat
from storage.library import Library
from storage.settings import Settings

FOLDER = "preview"
"""Folder of the previews, below films/ of the project."""
MIN_SIDE_PIXELS = 120
PRESET, CRF = "ultrafast", 28
"""Options of x264: the fastest encoding, at lower quality than a film."""


def render_preview(
    project: Path, names: Sequence[str], say: Callable[[Progress], None] = lambda progress: None
) -> dict[str, Path]:
    """Render small previews of shots into films/preview/ of the project.

    Args:
        project: The project's folder.
        names: Ids of the shots, such as "s007".
        say: Called with the progress.

    Returns:
        The path of each preview, by the id of its shot. A shot that fails is left out.

    Raises:
        ProjectError: The project has no storyboard.
        ProjectLocked: Another process works on the project.
    """
    if not names:
        return {}
    with Library.open(project) as library:
        executor = LocalExecutor(library.artifacts.root)
        try:
            context = RunContext(library, library.settings() or Settings(), executor, on_progress=say)
            return with_repairs(library.artifacts, lambda: _render_shots(context, names))
        finally:
            executor.close()


def preview_format(screen: VideoFormat) -> VideoFormat:
    """Return the video format at half the size, in even numbers of pixels and at least MIN_SIDE_PIXELS a side."""
    half = [max(MIN_SIDE_PIXELS, round(side / 4) * 2) for side in (screen.width, screen.height)]
    return screen.model_copy(update={"width": half[0], "height": half[1]})


def _render_shots(context: RunContext, names: Sequence[str]) -> dict[str, Path]:
    plans = [plan for plan in context.library.shots() if plan.id in names]
    shots = [ResolvedShot(shot) for shot in shots_to_film(context, {}, plans)]
    for make in (
        clean.make_cutouts,
        color.make_cutouts,
        redraw.make_cutouts,
        outpaint.make_plates,
        upscale.make_plates,
        animate.make_motions,
    ):
        make(context, shots)
    layers.make_planes(context, shots)
    settings = context.settings
    quick = settings.model_copy(update={"screen": preview_format(settings.screen), "preset": PRESET, "crf": CRF})
    composite.make_segments(replace(context, settings=quick), shots)
    folder = context.library.folder / "films" / FOLDER
    places: dict[str, Path] = {}
    for resolved in shots:
        if (made := resolved.segment) is not None:
            name = resolved.shot.id
            places[name] = folder / f"{name}.mp4"
            output_files.write_files({places[name]: context.library.artifacts.open(made.artifacts["segment"].sha256)})
    return places
