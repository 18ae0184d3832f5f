"""Make the films of a script: read and plan once, apply its edits, and render each aspect ratio.

Existing results are reused: running the same script again adds no revision and makes no artifact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agents import run
from agents.characters import learning
from agents.graph import stage_names
from agents.run import Report, RunOptions
from agents.run_context import Progress
from agents.scripting import aspect_variants, checks
from agents.scripting.script_edits import apply_script_edits
from agents.scripting.scripts import LoadedScript
from storage.errors import KomadoriError
from storage.library import Library
from storage.project import is_project
from storage.settings import Settings

Say = Callable[[Progress], None]
After = Callable[[LoadedScript, Path, str], None]
"""Called with the script, the project's folder and the aspect ratio when a film is ready."""
PLANNING_STAGES = stage_names(until="storyboard")


@dataclass(frozen=True)
class Production:
    """The films of one project by aspect ratio, or the error that prevented them."""

    project: Path
    films: Mapping[str, Report]
    error: KomadoriError | None = None


def produce(loaded: LoadedScript, say: Say = run.ignore_progress, *, after: After | None = None) -> Production:
    """Make the films of a script: read and plan, apply the edits, and render each aspect ratio.

    Args:
        loaded: The script.
        say: Called with the progress.
        after: Called with the script, the project's folder and the aspect ratio when a film is ready.

    Returns:
        The project's folder, and the report of each film by its aspect ratio, such as "16:9".

    Raises:
        KomadoriError: The script cannot run, or a stage failed; the message names the line at fault if there is one.
    """
    checks.check_script(loaded)
    script = loaded.script
    project, settings = checks.project_of(script), checks.settings_of(loaded)
    options = RunOptions(Path(script.source), corrections=checks.corrections_of(loaded))
    _read_and_plan(project, settings, options, say)
    apply_script_edits(project, loaded, say)
    if script.learn:
        with loaded.locate_errors("learn"):
            learning.learn(project, script.learn, options={}, say=say)
    films: dict[str, Report] = {}

    def filming(progress: Progress) -> None:
        if progress.stage not in PLANNING_STAGES:  # planning was reported once, and is not done again
            say(progress)

    for aspect in script.aspects:
        if len(script.aspects) > 1:
            say(Progress("script", "note", f"the film in {aspect}"))
        with aspect_variants.frame_for_aspect(project, aspect) as screen:
            variant = settings.model_copy(update={"screen": screen})
            output = RunOptions(output=checks.output_of(loaded, project, aspect))
            films[aspect] = run.animate(project, variant, output, filming)
            if after:
                after(loaded, project, aspect)
    return Production(project, films)


def _read_and_plan(project: Path, settings: Settings, options: RunOptions, say: Say) -> None:
    """Read and plan; a project left in another aspect ratio is restored first."""
    if is_project(project):
        with Library.open(project) as library:
            base = aspect_variants.base_revision(library)
            if base is not None:
                library.move_head(base.number)
    run.plan(project, settings, options, say)
