"""Komadori for programs: open a project, plan and film it, revise it, and render it for any screen.

    from komadori import animate, open_project, render, revise

    project = open_project("chapter.cbz")
    animate(project, height=720)
    print(revise(project, "shot 7 slower", "shots 3-6 drop").price())
    render(project, "tall.mp4", aspect="9:16")

What a user can mend is raised as storage.errors.KomadoriError: `what` and `hint`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents import project_path, run, settings_update
from agents.editing import Plan, Reading, grammar
from agents.editing import revise as revising
from agents.editing import undo as stepping
from agents.editing.revision_report import RevisionReport
from agents.run import Report
from agents.scripting import aspect_variants
from storage.domain import ShotPlan
from storage.library import Library
from storage.project import is_project
from storage.settings import Settings
from storage.video_format import sides

__all__ = ["Project", "animate", "open_project", "redo", "render", "revise", "undo"]


@dataclass(frozen=True)
class Project:
    """One book becoming one film: the folder that holds everything made, and where the book is."""

    folder: Path
    source: Path | None = None

    @property
    def shots(self) -> tuple[ShotPlan, ...]:
        """What is planned, in film order; nothing before the first `animate`."""
        if not is_project(self.folder):
            return ()
        with Library.open(self.folder, readonly=True) as library:
            return library.shots()


def open_project(source: str | Path, folder: str | Path | None = None) -> Project:
    """A project for a book (a folder of pages, .cbz, .pdf, .epub), or one that stands already, by its folder.

    Makes nothing; without `folder` the project stands beside you, under the book's name. Raises ProjectError where that
    is the project of another book.
    """
    path = Path(source)
    if is_project(path):
        return Project(path)
    cure = "name another folder for this book: open_project(source, folder)"
    return Project(Path(folder) if folder else project_path.project_for(path, cure=cure), path)


def animate(
    project: Project,
    output: str | Path | None = None,
    *,
    aspect: str | None = None,
    height: int | None = None,
    fps: int | None = None,
    profile: str | None = None,
    style: str | None = None,
    approve: bool = False,
    **changes: Any,
) -> Report:
    """Read, plan and film, or go on where it stopped; what is not said stays as it was.

    `aspect` is that of the picture ("9:16"), `height` its pixels, `fps` its frames a second. `profile` and `style` are
    names or TOML files, as on the command line; `changes` are settings as storage/settings.py names them. With
    `approve` it ends with the storyboard, and the report has no film: `render` then films it, in any process. Returns
    what was made, and which shots failed.
    """
    named = {name: value for name, value in (("profile", profile), ("style", style)) if value is not None}
    settings = settings_update.update_settings(_settings(project), {**named, **changes})
    screen = settings_update.update_format(settings.screen, aspect, height, fps)
    settings = settings.model_copy(update={"screen": screen})
    wishes = run.RunOptions(source=project.source, output=Path(output) if output else None, approve=approve)
    return run.animate(project.folder, settings, wishes)


def revise(project: Project, *edits: str | Plan | Reading, message: str = "") -> RevisionReport:
    """Change the film by edits, in words ("shot 7 slower") or as data (agents/edits), all of them or none.

    Films nothing: `render` does, and only what has changed. Returns what is to be filmed then.
    """
    wanted = [edit for one in edits for edit in (grammar.parse_lines(one) if isinstance(one, str) else [one])]
    return revising.revise(project.folder, wanted, author="script", message=message)


def undo(project: Project, steps: int = 1) -> RevisionReport:
    """Take back what was changed last."""
    return stepping.undo(project.folder, steps)


def redo(project: Project, steps: int = 1) -> RevisionReport:
    """Do again what was undone last."""
    return stepping.redo(project.folder, steps)


def render(project: Project, output: str | Path | None = None, *, aspect: str | None = None) -> Report:
    """Film what has no film, and join it. Another `aspect` ("9:16") is a film of its own, of the same plan."""
    settings = _settings(project)
    wishes = run.RunOptions(output=Path(output) if output else None)
    if aspect is None:
        return run.animate(project.folder, settings, wishes)
    sides(aspect)
    with aspect_variants.framed_for(project.folder, aspect) as screen:
        return run.animate(project.folder, settings.model_copy(update={"screen": screen}), wishes)


def _settings(project: Project) -> Settings:
    if not is_project(project.folder):
        return Settings()
    with Library.open(project.folder, readonly=True) as library:
        return library.settings() or Settings()
