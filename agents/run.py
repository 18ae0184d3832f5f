"""Entry points of a run: make a film, plan it, film shots again, or read a book, for commands and scripts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from agents import output_files, preflight
from agents import planning as shot_planning
from agents.corrections import transcript_overlay
from agents.editing import SetSeed, revise
from agents.editing.selectors import ShotSelector, full_name
from agents.executors.local import LocalExecutor
from agents.fallback_ladder import untried_seed
from agents.graph import run_graph, run_stages
from agents.llm.servers import configured_server
from agents.planning import llm_planning
from agents.run_context import Progress, RunContext
from agents.stages import understand
from agents.state import State
from storage.domain import Transcript
from storage.errors import KomadoriError, ProjectError, ProjectLocked, SettingsError, SourceError
from storage.library import Library
from storage.settings import Settings
from tools.characters import reference_images
from tools.ingest import books
from tools.ingest.books import Source

ProgressCallback = Callable[[Progress], None]
Agree = Callable[[Library], bool]


def ignore_progress(progress: Progress) -> None:
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
    directed: str = ""
    """Who planned the shots, in words."""
    not_outpainted: dict[str, str] = field(default_factory=dict)
    """Shots around whose panels no model paints, to keep to the bound on what models may draw: nothing failed."""
    not_animated: dict[str, str] = field(default_factory=dict)
    stills: dict[str, str] = field(default_factory=dict)
    fallbacks: dict[str, str] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    smaller: dict[str, str] = field(default_factory=dict)
    """What was drawn smaller than it should be because memory did not suffice, and what else was tried."""
    asks: dict[str, str] = field(default_factory=dict)
    """What the critic asks a person about shots, which stand in the film as they are."""
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    same: tuple[str, ...] = ()
    """Shots of a retake that came out as they were, because nothing that films them draws by chance."""

    @property
    def failed(self) -> tuple[str, ...]:
        """Shots that are not in the film as they were planned."""
        return (*self.not_animated, *self.stills, *self.fallbacks, *self.lost)


@dataclass(frozen=True)
class RunOptions:
    """What a user asks of a film beyond its settings."""

    source: Source | None = None
    output: Path | None = None
    approve: bool = False
    corrections: Transcript | None = None
    on_approval: Agree | None = None
    """Asked at the pause, with the storyboard kept; None leaves the project paused, for a later run to go on."""


def animate(project: Path, settings: Settings, wishes: RunOptions, say: ProgressCallback = ignore_progress) -> Report:
    """Make the film of a book, or go on where it stopped.

    Raises KomadoriError for all that a user can mend; shots that failed are named in the report instead. What is
    wrong with the wishes is said before anything is touched.
    """
    check_run(settings, wishes)
    with _opened(project, create=wishes.source is not None) as library, _set(library, settings):
        library.clear_failures({failure.shot for failure in library.failures()})
        return _film(library, settings, wishes, say)


def plan(project: Path, settings: Settings, wishes: RunOptions, say: ProgressCallback = ignore_progress) -> None:
    """Read a book and plan its film, and film nothing. Raises as `animate` does."""
    check_run(settings, wishes)
    with (
        _opened(project, create=wishes.source is not None) as library,
        _set(library, settings),
        _workshop(library, settings, wishes, say) as ctx,
    ):
        run_stages(ctx, until="storyboard")


def retake(
    project: Path,
    names: Sequence[str],
    *,
    seed: int | None,
    output: Path | None,
    say: ProgressCallback = ignore_progress,
) -> Report:
    """Film shots again as a new revision, with `seed` or with one that was not tried before.

    Raises ProjectError for a shot that does not exist.
    """
    output_files.film_path(output)
    with Library.open(project) as library:
        if library.head() is None:
            raise ProjectError(f"{project} has no storyboard yet", "run: main.py animate SOURCE")
        plans = {(shot := library.shot(full_name(name.lower()))).id: shot for name in names}
        wanted = list(plans)
        before = {name: len(library.takes(name)) for name in wanted}
        seeds = {name: untried_seed(library, shot) if seed is None else seed for name, shot in plans.items()}
        edits = [SetSeed(which=ShotSelector.of(name), seed=seeds[name]) for name in wanted]
        price = revise.revise(library, edits, message=f"retake {', '.join(wanted)}", say=say).price()
        say(Progress("storyboard", "note", price))
        settings = library.settings()
    report = animate(project, settings or Settings(), RunOptions(output=output), say)
    with Library.open(project, readonly=True) as library:
        same = [name for name, count in before.items() if len(library.takes(name)) == count]
    return replace(report, same=tuple(name for name in same if name not in report.failed))


def transcribe(
    source: Source,
    settings: Settings,
    *,
    project: Path | None = None,
    say: ProgressCallback = ignore_progress,
    look: Callable[[Library], None] | None = None,
    asking: bool = False,
) -> Transcript:
    """Read a book without filming it; what was read is kept only when a project is named.

    A model is asked what happens in it only where `asking` is wished for; what it has answered before stands.
    `look` may look at it before it goes: the pages themselves are in the library.
    """
    check_run(settings, RunOptions(source))
    if asking:
        _refuse_unasked(settings)
    with _somewhere(project) as folder, _opened(folder, create=True) as library, _set(library, settings):
        with _workshop(library, settings, RunOptions(source), say) as ctx:
            run_stages(ctx, until="understand" if asking else "cast")
            if not asking:
                understand.recall(ctx)
        found = library.transcript()
        assert found is not None, "the read stage keeps a transcript"
        if look:
            look(library)
        return found


def check_run(settings: Settings, wishes: RunOptions, *, planning: bool = False) -> None:
    """Raise KomadoriError for what can be told to go wrong before anything is made.

    Who is only `planning` needs no weights, and no packages that they are read with.
    """
    output_files.film_path(wishes.output)
    if shot_planning.is_llm_director(settings):
        configured_server(settings.model)
    preflight.refuse_settings(settings, planning=planning)
    shot_planning.is_critic_enabled(settings)
    if settings.cast:
        reference_images.check_pictures(Path(settings.cast))
    if wishes.source is not None:
        chosen = books.choose_pages(books.open_book(wishes.source).pages, settings.pages)
        if wishes.corrections is not None:
            transcript_overlay.check_transcript(wishes.corrections, (page.name for page in chosen))


def _refuse_unasked(settings: Settings) -> None:
    """Raise SettingsError where there is nobody to ask what happens in a book."""
    if not settings.model or configured_server(settings.model) is None:
        raise SettingsError(
            "there is no model to understand it", "set KOMADORI_MODEL, and OPENAI_BASE_URL or OPENAI_API_KEY"
        )
    if settings.director == "rules":
        raise SettingsError(
            "this film is directed by rules, which understand nothing", "name another --project, or leave it out"
        )


@contextmanager
def _opened(project: Path, *, create: bool) -> Iterator[Library]:
    """Open a project for work. One that is new is deleted when an error leaves nothing worth keeping in it.

    That is: no artifact at all, or, where the book or the settings were wrong, no more than the pages of the book.
    Whatever was read, and answers of models that were paid for, are kept.
    """
    fresh, has_results = not project.exists(), False
    try:
        with Library.open(project, create=create) as library:
            try:
                yield library
            except BaseException:
                has_results = _has_results(library)
                raise
    except ProjectLocked:
        raise  # whoever works on it has made it
    except BaseException as error:
        is_wrong = isinstance(error, SourceError | SettingsError)
        has_artifacts = any((project / "artifacts").glob("??/*"))
        if fresh and project.is_dir() and not has_results and (is_wrong or not has_artifacts):
            shutil.rmtree(project, ignore_errors=True)
        raise


def _has_results(library: Library) -> bool:
    """Whether anything was read or made beyond the pages; True where that cannot be told any more."""
    try:
        return library.transcript() is not None or bool(library.made_tools() - {"ingest"})
    except KomadoriError:
        return True


@contextmanager
def _set(library: Library, settings: Settings) -> Iterator[None]:
    """Keep the settings for the commands to come, unless they turn out to be wrong for this book."""
    before = library.settings()
    if settings != before:
        library.set_settings(settings)
    try:
        yield
    except (SourceError, SettingsError):
        if before is not None:
            library.set_settings(before)
        raise


def _film(library: Library, settings: Settings, wishes: RunOptions, say: ProgressCallback) -> Report:
    since = library.last_event()
    with _workshop(library, settings, wishes, say) as ctx:
        state = run_graph(ctx, {"approve": wishes.approve})
        if state.get("approve"):
            if wishes.on_approval is None or not wishes.on_approval(library):
                return _report(library, state, None, since)
            state = run_graph(ctx, None)
    return _report(library, state, output_files.deliver_film(library, wishes.output), since)


def _report(library: Library, state: State, film: Path | None, since: int) -> Report:
    transcript = library.transcript()
    pages = transcript.pages if transcript else ()
    plans = library.shots()
    planned = sum(plan.seconds for plan in plans if plan.id not in state.get("lost", {}))
    # a joined film is longer by its dissolves
    seconds = float(str(output_files.newest_film(library).facts["seconds"])) if film else planned
    return Report(
        project=library.folder,
        film=film,
        seconds=seconds,
        shots=len(plans),
        pages=len(pages),
        panels=sum(len(page.panels) for page in pages),
        directed=llm_planning.director_credits(plans),
        not_outpainted=dict(state.get("spared", {})),
        not_animated=dict(state.get("resting", {})),
        stills=dict(state.get("stills", {})),
        fallbacks=dict(state.get("fallbacks", {})),
        lost=dict(state.get("lost", {})),
        smaller=_smaller(library, since),
        asks=dict(state.get("asks", {})),
        doubts={page.image: page.doubts for page in pages if page.doubts},
    )


def _smaller(library: Library, since: int) -> dict[str, str]:
    """Name what was drawn at less than its size, by the job's label; other relief changes no picture."""
    return {
        event.text: str(event.facts["relief"])
        for event in library.events(since, {"made"})
        if float(str(event.facts.get("relief_size", 1.0))) < 1
    }


@contextmanager
def _workshop(library: Library, settings: Settings, wishes: RunOptions, say: ProgressCallback) -> Iterator[RunContext]:
    executor = LocalExecutor(library.artifacts.root)
    try:
        yield RunContext(library, settings, executor, wishes.source, wishes.corrections, say)
    finally:
        executor.close()


@contextmanager
def _somewhere(project: Path | None) -> Iterator[Path]:
    if project is not None:
        yield project
        return
    with tempfile.TemporaryDirectory(prefix="komadori-") as folder:
        yield Path(folder) / "reading.komadori"
