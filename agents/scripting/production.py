"""A script in, its films out: read and planned once, edited as it says, framed anew for each aspect.

What stands is found again: the same script run once more adds no revision and makes no artifact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agents import film
from agents.film import Report, Wishes
from agents.graph import stage_names
from agents.scripting import checks, framings
from agents.scripting.edited import edited
from agents.scripting.scripts import Loaded
from agents.workshop import Progress
from storage.errors import KomadoriError
from storage.library import Library
from storage.project import stands
from storage.settings import Settings

Say = Callable[[Progress], None]
After = Callable[[Loaded, Path, str], None]
"""What is called with the script, the project and the aspect when a film is made."""
PLANNING = stage_names(until="storyboard")


@dataclass(frozen=True)
class Produced:
    """The films of one project by aspect, or why there are none."""

    project: Path
    films: Mapping[str, Report]
    error: KomadoriError | None = None


def produce(loaded: Loaded, say: Say = film.silent, *, after: After | None = None) -> Produced:
    """Make what a script says. Raises KomadoriError for what a user can mend."""
    checks.check(loaded)
    script = loaded.script
    project, settings = checks.project_of(script), checks.settings_of(loaded)
    wishes = Wishes(Path(script.source), corrections=checks.corrections_of(loaded))
    _planned(project, settings, wishes, say)
    edited(project, loaded, say)
    films: dict[str, Report] = {}

    def filming(progress: Progress) -> None:
        if progress.stage not in PLANNING:  # which was told once, and is not done again
            say(progress)

    for aspect in script.aspects:
        if len(script.aspects) > 1:
            say(Progress("script", "note", f"the film in {aspect}"))
        with framings.framed(project, aspect) as screen:
            there = settings.model_copy(update={"screen": screen})
            output = Wishes(output=checks.output_of(loaded, project, aspect))
            films[aspect] = film.animate(project, there, output, filming)
            if after:
                after(loaded, project, aspect)
    return Produced(project, films)


def _planned(project: Path, settings: Settings, wishes: Wishes, say: Say) -> None:
    """Read and plan, unless the project stands framed for another aspect: then it is brought back first."""
    if stands(project):
        with Library.open(project) as library:
            base = framings.base(library)
            if base is not None:
                library.move_head(base.number)
    film.plan(project, settings, wishes, say)
