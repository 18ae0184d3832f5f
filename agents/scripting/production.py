"""A script in, its films out: read and planned once, edited as it says, framed anew for each aspect.

What stands is found again: the same script run once more adds no revision and makes no artifact. Where its edits have
changed since, they are done anew on the plan; what a person changed on top of the old ones is then set aside, and can
be brought back (`show revisions`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agents import film, permits
from agents.edits import Lock, Plan, Reading, SetAspect, Unlock, which
from agents.edits.applied import screen_of
from agents.executors.apart import apart
from agents.film import Report, Wishes
from agents.fixes import words as fixes
from agents.reviewing import retakes
from agents.revising import mend, resolve, revise, steps
from agents.scripting.scripts import Loaded, Script
from agents.workshop import Progress
from storage import styles
from storage.errors import KomadoriError, SettingsError, SourceError
from storage.library import Library
from storage.records import Revision
from storage.settings import Settings
from storage.shapes import Screen, Transcript
from tools.ingest import books

Say = Callable[[Progress], None]
After = Callable[[Loaded, Path, str], None]
"""What is called with the script, the project and the aspect when a film is made."""


@dataclass(frozen=True)
class Produced:
    """The films of one project by aspect, or why there are none."""

    project: Path
    films: Mapping[str, Report]
    error: KomadoriError | None = None


def produce(loaded: Loaded, say: Say = film.silent, *, after: After | None = None) -> Produced:
    """Make what a script says. Raises KomadoriError for what a user can mend."""
    script = loaded.script
    project, source = project_of(script), Path(script.source)
    settings, corrections = settings_of(script, loaded.base), _corrections(script)
    check(loaded)
    _planned(project, settings, Wishes(source, corrections=corrections), say)
    _edited(project, script.lines(), say)
    films: dict[str, Report] = {}
    for aspect in script.aspects:
        with framed(project, aspect) as screen:
            output = output_of(script, project, aspect)
            films[aspect] = film.animate(
                project, settings.model_copy(update={"screen": screen}), Wishes(output=output), say
            )
            if after:
                after(loaded, project, aspect)
    return Produced(project, films)


def check(loaded: Loaded) -> None:
    """Refuse what can be told to go wrong before anything is made. Raises KomadoriError."""
    script = loaded.script
    if not script.source:
        raise SettingsError(f"{loaded.files[0]} names no source", 'write: source = "chapter.cbz"')
    project = project_of(script)
    settings = settings_of(script, loaded.base)
    for aspect in script.aspects:
        screen_of(aspect, settings.screen)
        film.check(settings, Wishes(Path(script.source), output_of(script, project, aspect)))
    _corrections(script)
    permits.refuse_edits(settings, script.lines())


def batch(
    loaded: Loaded, chapters: Path, say: Say = film.silent, *, jobs: int = 1, after: After | None = None
) -> Iterator[Produced]:
    """Make every book of a folder, each a project of its own, and hand each over as soon as it is made.

    One that fails is told of, and the others go on. Of several at a time nothing is said while they are made, and
    `after` is a function at the top of a module.
    """
    books_there = chapters_of(chapters)
    if not books_there:
        raise SourceError(
            f"there is no book in {chapters}", "it should hold folders of pages, .cbz, .pdf or .epub files"
        )
    scripts = [_chapter(loaded, book) for book in books_there]
    if jobs < 2:
        yield from (_tried(script, say, after) for script in scripts)
        return
    for script, made in apart(partial(_tried, after=after), scripts, together=jobs):
        died = SettingsError("its process died (out of memory?)", "make fewer at a time with --jobs, or this one alone")
        yield made or Produced(project_of(script.script), {}, died)


def chapters_of(folder: Path) -> list[Path]:
    """The books of a folder, in the order of their names as people count."""
    from natsort import natsorted

    if not folder.is_dir():
        raise SourceError(f"{folder} is not a folder", "name the folder that holds the chapters")
    kinds = (".cbz", ".zip", ".pdf", ".epub")
    found = [one for one in folder.iterdir() if one.suffix.lower() in kinds or _holds_pages(one)]
    return natsorted(found, key=lambda one: one.name)


def project_of(script: Script) -> Path:
    """The project's folder: as said, or beside where the user stands, under the source's name."""
    if script.project:
        return Path(script.project)
    source = Path(script.source)
    return Path(f"{(source.name if source.is_dir() else source.stem) or 'book'}.komadori")


def output_of(script: Script, project: Path, aspect: str) -> Path:
    """Where the film of an aspect goes. SettingsError where several would go to one place."""
    shape = aspect.replace(":", "x")
    pattern = script.output or str(project / "films" / "{name}-{aspect}.mp4")
    if len(script.aspects) > 1 and "{aspect}" not in pattern:
        raise SettingsError(f"{len(script.aspects)} films would go to {pattern}", "write {aspect} in the output's name")
    return Path(pattern.replace("{aspect}", shape).replace("{name}", project.stem))


def settings_of(script: Script, base: Settings) -> Settings:
    """The settings that a script asks for, over `base`. SettingsError for one that is not known."""
    said: dict[str, Any] = {
        name: value
        for name in ("pages", "order", "director", "model", "cast")
        if (value := getattr(script, name)) is not None
    }
    if script.style is not None:
        said["style"] = styles.load(script.style)
    if script.budget is not None:
        said["max_cost"] = script.budget
    try:
        settings = Settings.model_validate({**dict(base), **script.settings, **said})
    except ValidationError as error:
        fault = error.errors()[0]
        raise SettingsError(
            f"settings.{'.'.join(map(str, fault['loc']))}: {fault['msg']}", "see storage/settings.py for what there is"
        ) from None
    screen = settings.screen.model_copy(update={"fps": script.fps or settings.screen.fps})
    if script.height:
        wide, tall = (int(side) for side in script.aspects[0].split(":"))
        short = script.height if wide >= tall else round(script.height * wide / tall)
        screen = screen.model_copy(update={"width": short, "height": short})
    return settings.model_copy(update={"screen": screen_of(script.aspects[0], screen)})


def _planned(project: Path, settings: Settings, wishes: Wishes, say: Say) -> None:
    """Read and plan, unless the project stands framed for another aspect: then it is brought back first."""
    if (project / "library.db").is_file():
        with Library.open(project) as library:
            base = _base(library)
            if base is not None:
                library.move_head(base.number)
    film.plan(project, settings, wishes, say)


def _base(library: Library) -> Revision | None:
    """The newest revision in force that is no framing for another aspect by a script, nor a critic's of one."""
    line = list(library.line())
    while line:
        own = next((one for one in reversed(line) if one.author != "critic"), None)
        if own is None or not _is_framing(own):
            return line[-1]
        line = line[: line.index(own)]
    return None


def _is_framing(revision: Revision) -> bool:
    return revision.author == "script" and any(edit.get("do") == "aspect" for edit in revision.edits)


def _edited(project: Path, wanted: Sequence[Plan | Reading], say: Say) -> None:
    readings = [edit for edit in wanted if isinstance(edit, Reading)]
    plans = [edit for edit in wanted if not isinstance(edit, Reading)]
    with Library.open(project) as library:
        done = {one.message for one in library.correction_line() if one.author == "script"}
        fresh = [edit for edit in readings if fixes.written(edit) not in done]
        if fresh:
            mend.mend(library, fresh, author="script", say=say)
        line, data = library.line(), tuple(edit.model_dump(mode="json") for edit in resolve.resolved(library, plans))
        before = [one for one in line if one.author == "script" and one.edits and not _is_framing(one)]
        if before and before[-1].edits == data and not fresh:
            return  # they stand, or were carried over to a newer plan
        if before:
            library.move_head(next(one.number for one in reversed(line) if one.author == "director"))
        if plans:
            revise.revise(library, plans, author="script", message="as the script says", say=say)
        if before:
            retakes.again(library, line)


@contextmanager
def framed(project: Path, aspect: str) -> Iterator[Screen]:
    """The project framed for an aspect, and its screen; afterwards it stands as it did."""
    with Library.open(project) as library:
        head, settings = library.head(), library.settings() or Settings()
        screen = screen_of(aspect, settings.screen)
        turned = head is not None and abs(screen.aspect / settings.screen.aspect - 1) > 0.005
        if head is not None and turned:
            _turn(library, head, aspect)
        screen = (library.settings() or settings).screen
    try:
        yield screen
    finally:
        if head is not None and turned:
            with Library.open(project) as library:
                steps.stand_at(library, head.number)


def _turn(library: Library, head: Revision, aspect: str) -> None:
    """Move the head to its framing for an aspect, which is made where it does not stand."""
    edits = _framing(library, aspect)
    data = tuple(edit.model_dump(mode="json") for edit in edits)
    known = [one for one in library.revisions() if one.parent == head.number and one.edits == data]
    if known:
        steps.stand_at(library, _judged(library, known[-1]).number)
    else:
        revise.revise(library, edits, author="script", message=f"framed for {aspect}")


def _judged(library: Library, framing: Revision) -> Revision:
    """The newest revision that the critic made of a framing; itself where it made none."""
    newest = framing
    for one in library.revisions():
        newest = one if one.author == "critic" and one.parent == newest.number else newest
    return newest


def _framing(library: Library, aspect: str) -> list[Plan]:
    """Frame it for an aspect; a lock holds within its own film."""
    locked = [f"shot {which.shown(shot.id)}" for shot in library.shots() if shot.locked]
    return [*(Unlock(which=one) for one in locked), SetAspect(aspect=aspect), *(Lock(which=one) for one in locked)]


def _chapter(loaded: Loaded, book: Path) -> Loaded:
    """The script for one book of a folder."""
    script = loaded.script
    name = book.name if book.is_dir() else book.stem
    home = Path(script.project).parent if script.project else Path()
    said = {"source": str(book), "project": str(home / f"{name}.komadori")}
    return replace(loaded, script=script.model_copy(update=said))


def _tried(loaded: Loaded, say: Say = film.silent, after: After | None = None) -> Produced:
    try:
        return produce(loaded, say, after=after)
    except KomadoriError as error:
        return Produced(project_of(loaded.script), {}, error)


def _holds_pages(folder: Path) -> bool:
    if not folder.is_dir() or folder.suffix == ".komadori":
        return False
    try:
        return bool(books.open_book(folder).pages)
    except KomadoriError:
        return False


def _corrections(script: Script) -> Transcript | None:
    if not script.transcript:
        return None
    try:
        return Transcript.model_validate_json(Path(script.transcript).read_text(encoding="utf-8-sig"))
    except OSError as error:
        what = f"{script.transcript} cannot be read: {error.strerror}"
        raise SettingsError(what, "write one with: main.py read --json") from None
    except (ValidationError, UnicodeDecodeError):
        raise SettingsError(f"{script.transcript} is no transcript", "write one with: main.py read --json") from None
