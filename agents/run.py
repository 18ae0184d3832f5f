"""Entry points of a run: make a film, plan it, film shots again, or read a book, for commands and scripts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from agents import film_delivery, output_files, preflight
from agents import planning as shot_planning
from agents.corrections import transcript_overlay
from agents.editing import SetSeed, revise
from agents.editing.selectors import ShotSelector, full_name
from agents.executors.local import LocalExecutor
from agents.fallback_ladder import untried_seed
from agents.graph import run_graph, run_stages
from agents.llm.servers import configured_server
from agents.planning import llm_planning
from agents.repair import with_repairs
from agents.run_context import Progress, RunContext
from agents.sound import speech
from agents.stages import understand
from agents.state import State
from storage.book_info import BookNote
from storage.cache import RESTORED
from storage.domain import Transcript
from storage.errors import KomadoriError, ProjectError, ProjectLocked, SettingsError, SourceError
from storage.library import Library
from storage.settings import Settings
from tools.characters import reference_images
from tools.ingest import books
from tools.ingest.books import Source

ProgressCallback = Callable[[Progress], None]
Agree = Callable[[Library], bool]
"""Shows the storyboard in a library and returns whether it is approved."""


def ignore_progress(progress: Progress) -> None:
    """Do nothing; the default for progress callbacks."""


@dataclass(frozen=True)
class Report:
    """The result of a run."""

    project: Path
    film: Path | None = None
    """The film's file; None while the storyboard waits for approval."""
    seconds: float = 0.0
    """Length of the film; while it waits, of its planned shots."""
    shots: int = 0
    pages: int = 0
    panels: int = 0
    director: str = ""
    """Who planned the shots, in words."""
    not_outpainted: dict[str, str] = field(default_factory=dict)
    """Shot id -> why no model paints around its panels: the limit on what models may draw. Nothing failed."""
    not_animated: dict[str, str] = field(default_factory=dict)
    """Shot id -> why no model animates it."""
    unmet_poses: dict[str, str] = field(default_factory=dict)
    """Shot id -> why its drawing does not come to the pictures that it was to come to."""
    not_layered: dict[str, str] = field(default_factory=dict)
    not_redrawn: dict[str, str] = field(default_factory=dict)
    """Shot id -> why the ground of its panel is not moved behind its figures, though that was requested."""
    stills: dict[str, str] = field(default_factory=dict)
    """Shot id -> why it is filmed without any model."""
    fallbacks: dict[str, str] = field(default_factory=dict)
    """Shot id -> why it is filmed from the plain page."""
    not_filmed: dict[str, str] = field(default_factory=dict)
    """Shot id -> why it is missing from the film."""
    smaller: dict[str, str] = field(default_factory=dict)
    """Label of a job -> what was tried when memory did not suffice, where it was generated below its full size."""
    questions: dict[str, str] = field(default_factory=dict)
    """Shot id -> the critic's question to a person; the shot is in the film as it is."""
    silent_lines: dict[str, str] = field(default_factory=dict)
    """Balloon id -> why nobody says its line, though voices speak in the film."""
    fallback_lines: dict[str, str] = field(default_factory=dict)
    """Balloon id -> why its line is said by the fallback voice."""
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Name of a page -> what is uncertain about how it was read."""
    notes: tuple[BookNote, ...] = ()
    """What was left out, reordered or guessed when the book was opened."""
    restored: tuple[tuple[str, str], ...] = ()
    """Labels of results that were made again because a file of theirs was damaged or missing, each with its tool."""
    unchanged: tuple[str, ...] = ()
    """Ids of shots of a retake that did not change, because nothing that films them depends on the seed."""

    @property
    def failed(self) -> tuple[str, ...]:
        """Ids of shots that are not in the film as they were planned."""
        return (*self.not_animated, *self.stills, *self.fallbacks, *self.not_filmed)


@dataclass(frozen=True)
class RunOptions:
    """Options of a run beyond the film's settings."""

    source: Source | None = None
    """The book; None continues a project that has its pages."""
    output: Path | None = None
    """The film's file; None for where the last film of this aspect went, at first the project's `films/` folder."""
    approve: bool = False
    """Pause before filming until the storyboard is approved."""
    corrections: Transcript | None = None
    """A transcript by hand, which wins over what is read."""
    on_approval: Agree | None = None
    """Called at the pause with the library; None leaves the project paused, so that a later run continues."""


def animate(project: Path, settings: Settings, options: RunOptions, say: ProgressCallback = ignore_progress) -> Report:
    """Make the film of a book, or continue where the last run stopped.

    Shots that fail do not raise; they are named in the report.

    Args:
        project: The project's folder; it is created where `options` has a source.
        settings: The film's settings, which are kept in the project.
        options: The source, the output file and whether to pause for approval.
        say: Called with each step of progress.

    Returns:
        The report; its `film` is None while the storyboard waits for approval.

    Raises:
        KomadoriError: Anything that a user can fix. Wrong options are refused before anything is changed.
    """
    check_run(settings, options)
    with _open_project(project, create=options.source is not None) as library, _keep_settings(library, settings):
        library.clear_failures({failure.shot for failure in library.failures()})
        return _run_film(library, settings, options, say)


def plan(project: Path, settings: Settings, options: RunOptions, say: ProgressCallback = ignore_progress) -> None:
    """Read a book and plan its film without filming it. Takes the arguments of `animate` and raises as it does."""
    check_run(settings, options)
    with (
        _open_project(project, create=options.source is not None) as library,
        _keep_settings(library, settings),
        _run_context(library, settings, options, say) as context,
    ):
        run_stages(context, until="storyboard")


def retake(
    project: Path,
    names: Sequence[str],
    *,
    seed: int | None,
    output: Path | None,
    say: ProgressCallback = ignore_progress,
) -> Report:
    """Film shots again as a new revision.

    Args:
        project: The project's folder.
        names: The shots, as "s007" or "7".
        seed: The seed of all of them; None gives each a seed that was not tried before.
        output: The film's file; None for where the last film of this aspect went, at first the project's `films/`.
        say: Called with each step of progress.

    Returns:
        The report of the film; `unchanged` names the shots that did not change.

    Raises:
        ProjectError: There is no such shot, or no storyboard yet.
        KomadoriError: As `animate` raises.
    """
    output_files.film_path(output)
    with Library.open(project) as library:
        if library.head() is None:
            raise ProjectError(f"{project} has no storyboard yet", "run: main.py animate SOURCE")
        plans = {(shot := library.shot(full_name(name.lower()))).id: shot for name in names}
        shot_ids = list(plans)
        take_counts = {name: len(library.takes(name)) for name in shot_ids}
        seeds = {name: untried_seed(library, shot) if seed is None else seed for name, shot in plans.items()}
        edits = [SetSeed(which=ShotSelector.of(name), seed=seeds[name]) for name in shot_ids]
        price = revise.revise(library, edits, message=f"retake {', '.join(shot_ids)}", say=say).price()
        say(Progress("storyboard", "note", price))
        settings = library.settings()
    report = animate(project, settings or Settings(), RunOptions(output=output), say)
    with Library.open(project, readonly=True) as library:
        unchanged = [name for name, count in take_counts.items() if len(library.takes(name)) == count]
    return replace(report, unchanged=tuple(name for name in unchanged if name not in report.failed))


def transcribe(
    source: Source,
    settings: Settings,
    *,
    project: Path | None = None,
    say: ProgressCallback = ignore_progress,
    on_transcript: Callable[[Library], None] | None = None,
    understand_book: bool = False,
) -> Transcript:
    """Read a book without filming it.

    Args:
        source: The book.
        settings: The film's settings.
        project: The project that keeps what was read; None reads into a temporary folder.
        say: Called with each step of progress.
        on_transcript: Called with the library, which has the pages too, before a temporary folder is deleted.
        understand_book: Ask the language model about the book; else only its earlier answers are used.

    Returns:
        The transcript.

    Raises:
        SettingsError: `understand_book` without a model that can be asked.
        KomadoriError: As `animate` raises.
    """
    check_run(settings, RunOptions(source))
    if understand_book:
        _refuse_without_model(settings)
    with (
        _project_or_temporary(project) as folder,
        _open_project(folder, create=True) as library,
        _keep_settings(library, settings),
    ):
        with _run_context(library, settings, RunOptions(source), say) as context:
            run_stages(context, until="understand" if understand_book else "cast")
            if not understand_book:
                understand.recall(context)
        transcript = library.transcript()
        assert transcript is not None, "the read stage keeps a transcript"
        if on_transcript:
            on_transcript(library)
        return transcript


def check_run(settings: Settings, options: RunOptions, *, planning: bool = False) -> None:
    """Check everything that can be known to go wrong before anything is made.

    Args:
        settings: The film's settings.
        options: The options of the run.
        planning: The run plans only, so that weights and the packages that read them may be missing.

    Raises:
        KomadoriError: Something is wrong.
    """
    output_files.film_path(options.output)
    if shot_planning.is_llm_director(settings):
        configured_server(settings.model)
    preflight.refuse_settings(settings, planning=planning)
    speech.check_voices(settings)
    shot_planning.is_critic_enabled(settings)
    if settings.cast:
        reference_images.check_pictures(Path(settings.cast))
    if options.source is not None:
        pages = books.choose_pages(books.open_book(options.source).pages, settings.pages)
        if options.corrections is not None:
            transcript_overlay.check_transcript(options.corrections, (page.name for page in pages))


def _refuse_without_model(settings: Settings) -> None:
    """Raise SettingsError where no language model can be asked what happens in a book."""
    if not settings.model or configured_server(settings.model) is None:
        raise SettingsError(
            "there is no model to understand it", "set KOMADORI_MODEL, and OPENAI_BASE_URL or OPENAI_API_KEY"
        )
    if settings.director == "rules":
        raise SettingsError(
            "this film is directed by rules, which understand nothing", "name another --project, or leave it out"
        )


@contextmanager
def _open_project(project: Path, *, create: bool) -> Iterator[Library]:
    """Open a project for work, and delete a new one when an error leaves nothing worth keeping in it.

    That is: no artifact at all, or, where the book or the settings were wrong, no more than the pages of the book.
    A transcript, and answers of models that were paid for, are kept.
    """
    is_new, has_results = not project.exists(), False
    try:
        with Library.open(project, create=create) as library:
            try:
                yield library
            except BaseException:
                has_results = _has_results(library)
                raise
    except ProjectLocked:
        raise  # another process works on the project and has created it
    except BaseException as error:
        is_wrong = isinstance(error, SourceError | SettingsError)
        has_artifacts = any((project / "artifacts").glob("??/*"))
        if is_new and project.is_dir() and not has_results and (is_wrong or not has_artifacts):
            shutil.rmtree(project, ignore_errors=True)
        raise


def _has_results(library: Library) -> bool:
    """Return whether anything was read or made beyond the pages; True where the library cannot be read any more."""
    try:
        return library.transcript() is not None or bool(library.made_tools() - {"ingest"})
    except KomadoriError:
        return True


@contextmanager
def _keep_settings(library: Library, settings: Settings) -> Iterator[None]:
    """Keep the settings for later commands, and restore the old ones where they turn out to be wrong for this book."""
    before = library.settings()
    if settings != before:
        library.set_settings(settings)
    try:
        yield
    except (SourceError, SettingsError):
        if before is not None:
            library.set_settings(before)
        raise


def _run_film(library: Library, settings: Settings, options: RunOptions, say: ProgressCallback) -> Report:
    """Run the graph, ask for approval at its pause, and deliver the film."""
    since = library.last_event()

    def make_film() -> Report:
        """Make and deliver the film, as far as it is not made yet."""
        with _run_context(library, settings, options, say) as context:
            state = run_graph(context, {"approve": options.approve})
            if state.get("approve"):
                if options.on_approval is None or not options.on_approval(library):
                    return _build_report(library, state, None, since)
                state = run_graph(context, None)
        film = film_delivery.deliver_film(library, options.output, settings.screen)
        return _build_report(library, state, film, since)

    return with_repairs(library.artifacts, make_film)


def _build_report(library: Library, state: State, film: Path | None, since: int) -> Report:
    """Build the report of a run from its last state."""
    transcript = library.transcript()
    pages = transcript.pages if transcript else ()
    plans = library.shots()
    planned = sum(plan.seconds for plan in plans if plan.id not in state.get("not_filmed", {}))
    # a joined film is longer by its dissolves
    seconds = float(str(output_files.newest_film(library).facts["seconds"])) if film else planned
    return Report(
        project=library.folder,
        film=film,
        seconds=seconds,
        shots=len(plans),
        pages=len(pages),
        panels=sum(len(page.panels) for page in pages),
        director=llm_planning.director_credits(plans),
        not_outpainted=dict(state.get("not_outpainted", {})),
        not_animated=dict(state.get("not_animated", {})),
        unmet_poses=dict(state.get("unmet_poses", {})),
        not_layered=dict(state.get("not_layered", {})),
        not_redrawn=dict(state.get("not_redrawn", {})),
        stills=dict(state.get("stills", {})),
        fallbacks=dict(state.get("fallbacks", {})),
        not_filmed=dict(state.get("not_filmed", {})),
        smaller=_reduced_jobs(library, since),
        restored=tuple((event.text, str(event.facts["tool"])) for event in library.events(since, {RESTORED})),
        questions=dict(state.get("questions", {})),
        silent_lines=dict(state.get("silent_lines", {})),
        fallback_lines=dict(state.get("fallback_lines", {})),
        doubts={page.image: page.doubts for page in pages if page.doubts},
        notes=library.info().notes,
    )


def _reduced_jobs(library: Library, since: int) -> dict[str, str]:
    """Return what was generated below its full size, by the job's label; other relief changes no image."""
    return {
        event.text: str(event.facts["relief"])
        for event in library.events(since, {"made"})
        if float(str(event.facts.get("relief_size", 1.0))) < 1
    }


@contextmanager
def _run_context(
    library: Library, settings: Settings, options: RunOptions, say: ProgressCallback
) -> Iterator[RunContext]:
    """Build the context of a run, and stop its executor afterwards."""
    executor = LocalExecutor(library.artifacts.root)
    try:
        yield RunContext(library, settings, executor, options.source, options.corrections, say)
    finally:
        executor.close()


@contextmanager
def _project_or_temporary(project: Path | None) -> Iterator[Path]:
    """Return the project's folder, or a temporary one that is deleted afterwards."""
    if project is not None:
        yield project
        return
    with tempfile.TemporaryDirectory(prefix="komadori-") as folder:
        yield Path(folder) / "reading.komadori"
