"""Python API of Komadori: open a project, plan and film it, revise it, and render it in any aspect.

    from komadori import animate, open_project, render, revise

    project = open_project("chapter.cbz")
    animate(project, height=720)
    print(revise(project, "shot 7 slower", "shots 3-6 drop").price())
    render(project, "tall.mp4", aspect="9:16")

Errors that a user can correct are raised as storage.errors.KomadoriError, with the attributes `what` and `hint`.
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
from storage.frame_rate import FrameRate
from storage.library import Library
from storage.project import is_project
from storage.settings import Settings
from storage.video_format import sides

__all__ = ["Project", "animate", "open_project", "redo", "render", "revise", "undo"]


@dataclass(frozen=True)
class Project:
    """A project: the folder that holds everything made for one film, and the book it is made from.

    Attributes:
        folder: the project's folder.
        source: the book; None for a project opened by its folder, which knows its book itself.
    """

    folder: Path
    source: Path | None = None

    @property
    def shots(self) -> tuple[ShotPlan, ...]:
        """The planned shots in film order; empty before the first `animate`."""
        if not is_project(self.folder):
            return ()
        with Library.open(self.folder, readonly=True) as library:
            return library.shots()


def open_project(source: str | Path, folder: str | Path | None = None) -> Project:
    """Open the project of a book, or an existing project by its folder. Creates no files.

    Args:
        source: a book (a folder of images, .cbz, .cbt, .cbr, .pdf, .epub or one image), or the folder of a project.
        folder: the folder for the project of a book. By default NAME.komadori in the working directory, named after
            the book.

    Returns:
        The project. Its folder is created by the first `animate`.

    Raises:
        ProjectError: the default folder holds the project of another book.
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
    fps: FrameRate | float | str | None = None,
    profile: str | None = None,
    style: str | None = None,
    approve: bool = False,
    **changes: Any,
) -> Report:
    """Read, plan and film a book, or continue where an earlier run stopped.

    Settings that are not given keep the value that they have in the project.

    Args:
        project: the project to film.
        output: the path of the film; by default where the last film of this aspect went, at first PROJECT/films/.
        aspect: the aspect ratio of the picture as "W:H", such as "9:16".
        height: the height of the picture in pixels.
        fps: frames per second of the film, 12 to 60; 23.976, 29.97, 59.94 and "24000/1001" are kept exactly.
        profile: which models to use: the name of a profile or the path of a TOML file, as on the command line.
        style: the name of a style or the path of a TOML file, as on the command line.
        approve: stop when the storyboard is made. The report then has no film; `render` films it later, in any process.
        changes: further settings by the names of their fields in storage/settings.py.

    Returns:
        A report of the film and of the shots that failed.

    Raises:
        KomadoriError: a setting is not valid, the book cannot be read, or the film cannot be made or written.
    """
    given = {name: value for name, value in (("profile", profile), ("style", style)) if value is not None}
    settings = settings_update.update_settings(_settings(project), {**given, **changes})
    screen = settings_update.update_format(settings.screen, aspect, height, fps)
    settings = settings.model_copy(update={"screen": screen})
    options = run.RunOptions(source=project.source, output=Path(output) if output else None, approve=approve)
    return run.animate(project.folder, settings, options)


def revise(project: Project, *edits: str | Plan | Reading, message: str = "") -> RevisionReport:
    """Change the storyboard or the reading by edits: all of them or, where one is refused, none.

    Nothing is filmed. `render` films what has changed, and only that.

    Args:
        project: the project to change.
        edits: lines such as "shot 7 slower" (see main.py chat --help), or edits as data (agents/editing).
        message: why the change is made; kept with the revision.

    Returns:
        A report of the changes, with the shots to film and the estimated cost.

    Raises:
        KomadoriError: a line is not understood or an edit is refused.
    """
    parsed = [
        edit
        for edit_or_lines in edits
        for edit in (grammar.parse_lines(edit_or_lines) if isinstance(edit_or_lines, str) else [edit_or_lines])
    ]
    return revising.revise(project.folder, parsed, author="script", message=message)


def undo(project: Project, steps: int = 1) -> RevisionReport:
    """Undo the last changes of the storyboard and of the reading.

    Args:
        project: the project to change.
        steps: how many changes to undo.

    Returns:
        A report of the changes, with the shots to film.

    Raises:
        KomadoriError: there are fewer changes to undo; nothing is changed then.
    """
    return stepping.undo(project.folder, steps)


def redo(project: Project, steps: int = 1) -> RevisionReport:
    """Redo the changes that were undone last.

    Args:
        project: the project to change.
        steps: how many changes to redo.

    Returns:
        A report of the changes, with the shots to film.

    Raises:
        KomadoriError: there are fewer changes to redo; nothing is changed then.
    """
    return stepping.redo(project.folder, steps)


def render(project: Project, output: str | Path | None = None, *, aspect: str | None = None) -> Report:
    """Film the shots that have no valid take, and join the film.

    Args:
        project: the project to film.
        output: the path of the film; by default where the last film of this aspect went, at first PROJECT/films/.
        aspect: another aspect ratio as "W:H", such as "9:16". It makes a film of its own from the same plan; the
            project's own aspect stays as it is.

    Returns:
        A report of the film and of the shots that failed.

    Raises:
        KomadoriError: the aspect is not valid, or the film cannot be made or written.
    """
    settings = _settings(project)
    options = run.RunOptions(output=Path(output) if output else None)
    if aspect is None:
        return run.animate(project.folder, settings, options)
    sides(aspect)
    with aspect_variants.frame_for_aspect(project.folder, aspect) as screen:
        return run.animate(project.folder, settings.model_copy(update={"screen": screen}), options)


def _settings(project: Project) -> Settings:
    if not is_project(project.folder):
        return Settings()
    with Library.open(project.folder, readonly=True) as library:
        return library.settings() or Settings()
