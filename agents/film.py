"""A book and wishes in, a film and a report out: what the commands call, and what a script may call."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agents.executors.local import LocalExecutor
from agents.stages import cast, ingest, read
from agents.state import State
from agents.workshop import Progress, Workshop
from storage.errors import ProjectError, StorageError
from storage.library import Library
from storage.settings import Settings
from storage.shapes import Made, Transcript
from tools.books import Source

Say = Callable[[Progress], None]
Agree = Callable[[Library], bool]


def silent(progress: Progress) -> None:
    """Say nothing of what happens."""


@dataclass(frozen=True)
class Report:
    """What a run came to. `film` is None while the storyboard waits for approval."""

    project: Path
    film: Path | None = None
    seconds: float = 0.0
    shots: int = 0
    pages: int = 0
    panels: int = 0
    fallbacks: dict[str, str] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Wishes:
    """What a user asks of a film beyond its settings."""

    source: Source | None = None
    output: Path | None = None
    approve: bool = False
    corrections: Transcript | None = None
    agree: Agree | None = None
    """Asked at the pause, with the storyboard kept; None leaves the project paused."""


def animate(project: Path, settings: Settings, wishes: Wishes, say: Say = silent) -> Report:
    """Make the film of a book, or go on where it stopped.

    Raises KomadoriError for all that a user can mend; shots that failed are named in the report instead.
    """
    fresh = not project.exists()
    try:
        with Library.open(project, create=wishes.source is not None) as library:
            if settings != library.settings():
                library.set_settings(settings)
            library.clear_failures({failure.shot for failure in library.failures()})
            return _film(library, settings, wishes, say)
    except BaseException:
        if fresh and project.is_dir() and not any((project / "artifacts").glob("??/*")):
            shutil.rmtree(project, ignore_errors=True)  # nothing came of it: leave no empty project behind
        raise


def retake(project: Path, names: Sequence[str], *, seed: int | None, output: Path | None, say: Say = silent) -> Report:
    """Film shots again with another seed, as a new revision. Raises ProjectError for a shot that does not exist."""
    with Library.open(project) as library:
        plans = {plan.id: plan for plan in library.shots()}
        for name in names:
            if name not in plans:
                raise ProjectError(f"there is no shot {name}", f"see: main.py show shots {project}")
            plan = plans[name]
            plans[name] = plan.model_copy(update={"seed": plan.seed + 1 if seed is None else seed})
        library.add_revision(
            tuple(plans.values()), key=secrets.token_hex(16), author="hand", message=f"retake {', '.join(names)}"
        )
        settings = library.settings()
    return animate(project, settings or Settings(), Wishes(output=output), say)


def transcribe(source: Source, settings: Settings, *, project: Path | None = None, say: Say = silent) -> Transcript:
    """Read a book without filming it; what was read is kept only when a project is named."""
    with _somewhere(project) as folder, Library.open(folder, create=True) as library:
        if project is None or library.settings() is None:
            library.set_settings(settings)
        with _workshop(library, settings, Wishes(source), say) as shop:
            for stage in (ingest, read, cast):
                stage.run(shop, {})
        found = library.transcript()
        assert found is not None, "the read stage keeps a transcript"
        return found


def newest(library: Library) -> Made:
    """The film of the newest cut and its subtitles. Raises ProjectError when there is none."""
    cut = library.cut()
    made = library.find_made(cut.key) if cut else None
    if made is None:
        raise ProjectError("there is no film yet", "run: main.py animate SOURCE")
    return made


def deliver(library: Library, output: Path | None) -> Path:
    """Put the newest cut's film, and its subtitles beside it, where the user wants them; by default into `films/`."""
    joined = newest(library)
    output = output or library.folder / "films" / f"{library.folder.stem}.mp4"
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        for role, suffix in (("film", output.suffix or ".mp4"), ("subtitles", ".srt")):
            place = output.with_suffix(suffix)
            unfinished = place.with_name(f".{place.name}.part")
            shutil.copyfile(library.artifacts.open(joined.artifacts[role]), unfinished)
            unfinished.replace(place)
    except OSError as error:
        raise StorageError(f"{output} could not be written: {error.strerror}", "choose another place with -o") from None
    return output


def _film(library: Library, settings: Settings, wishes: Wishes, say: Say) -> Report:
    from agents.graph import follow

    with _workshop(library, settings, wishes, say) as shop:
        state = follow(shop, {"approve": wishes.approve})
        if state.get("approve"):
            if wishes.agree is None or not wishes.agree(library):
                return _report(library, state, None)
            state = follow(shop, None)
    return _report(library, state, deliver(library, wishes.output))


def _report(library: Library, state: State, film: Path | None) -> Report:
    transcript = library.transcript()
    pages = transcript.pages if transcript else ()
    plans = library.shots()
    made = sum(plan.seconds for plan in plans if plan.id not in state.get("lost", {}))
    return Report(
        project=library.folder,
        film=film,
        seconds=made,
        shots=len(plans),
        pages=len(pages),
        panels=sum(len(page.panels) for page in pages),
        fallbacks=dict(state.get("fallbacks", {})),
        lost=dict(state.get("lost", {})),
        doubts={page.image: page.doubts for page in pages if page.doubts},
    )


@contextmanager
def _workshop(library: Library, settings: Settings, wishes: Wishes, say: Say) -> Iterator[Workshop]:
    executor = LocalExecutor(library.artifacts.root)
    try:
        yield Workshop(library, settings, executor, wishes.source, wishes.corrections, say)
    finally:
        executor.close()


@contextmanager
def _somewhere(project: Path | None) -> Iterator[Path]:
    if project is not None:
        yield project
        return
    with tempfile.TemporaryDirectory(prefix="komadori-") as folder:
        yield Path(folder) / "reading.komadori"
