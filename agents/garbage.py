"""Find and remove stored files that nothing needs any more: no film, no lock, no take in the film, and no undo step.

What is needed is found by looking: on a copy of the library, the shots of all revisions that undo and redo can reach
are resolved as if they were filmed, under each state of the corrections, and every result that this finds is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agents import comprehension, film_pieces
from agents.comprehension.shot_context import appearance_prompt
from agents.editing.plan_inputs import format_mismatch, move_to_revision
from agents.editing.shot_status import attempts_in_force, read_only_context, shots_on_pages
from agents.graph import run_stages
from agents.review import fidelity
from agents.run_context import PROMPT_ENCODING, RunContext
from agents.shots import shots_to_film, with_candidates
from agents.stages import cards, composite, read, understand
from storage.domain import Made, ShotPlan, Transcript, VideoFormat
from storage.inventory import StoredFile
from storage.keys import content_key
from storage.library import Library
from storage.records import Revision, root_plan

UNDO_STEPS = 50
"""Revisions, and states of the corrections, that stay as they are."""
COLLECTED_TOOLS = frozenset(
    {"ingest", "clean", "color", "redraw", "outpaint", "upscale", "animate", "layers", "composite", "dissolve", "cards",
     "mix", "assemble", "fidelity", "contact_sheet", "rushes", PROMPT_ENCODING},
)  # fmt: skip
"""Tools whose results are removed where nothing needs them. All of them can be made again.

"rushes" are contact sheets of earlier versions. What was read, understood and answered is small or was paid for, and
what tools not named here made is not known: both stay.
"""


@dataclass(frozen=True)
class Garbage:
    """What nothing needs any more."""

    keys: frozenset[str]
    """The content keys of results."""
    files: tuple[StoredFile, ...]
    """The stored files."""

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(file.size for file in self.files)


def find_garbage(library: Library) -> Garbage:
    """Find what nothing needs any more. Changes nothing.

    Needed is what films the head, the revisions that the last 50 steps of undo and redo can reach, and the newest
    revision of every other aspect ratio, with their locked shots and chosen takes; the takes in the film; the pages,
    corrections and pictures of the book; and all answers of language models.

    Args:
        library: The library, open for work, so that nobody films meanwhile.

    Raises:
        KomadoriError: What is needed cannot be found out: a stored file is damaged, or a backend is missing here.
    """
    needed = _needed_keys(library)
    results = library.stored_results()
    pages = {page.artifact for page in library.pages()}
    pages |= {page for state in library.corrections() for page in state.pages}
    for plan in _reachable_plans(library):
        inputs = library.plan_inputs(plan.number)
        pages |= {page.artifact for page in inputs.pages} if inputs else set()
    kept_keys = {
        result.key
        for result in results
        if result.tool not in COLLECTED_TOOLS or result.key in needed or result.artifact in pages
    }
    kept_files = {result.artifact for result in results if result.key in kept_keys} | pages
    kept_files |= {reading for state in library.corrections() for reading in state.pages.values()}
    kept_files |= {revision.inputs for revision in library.revisions() if revision.inputs}
    return Garbage(
        frozenset(result.key for result in results if result.key not in kept_keys),
        tuple(file for file in library.stored_files() if file.artifact not in kept_files),
    )


def remove_garbage(library: Library, garbage: Garbage) -> None:
    """Remove what `find_garbage` found, and files that were set aside as damaged.

    The rows go first: if it is killed, what is left are files that nothing refers to, which the next call removes.

    Args:
        library: The library, open for work.
        garbage: What is removed.
    """
    library.forget_results(garbage.keys)
    library.artifacts.remove([file.artifact for file in garbage.files])
    library.artifacts.remove_damaged()


class _RecordingLookups:
    """Records the content keys of all results that a library finds."""

    def __init__(self, library: Library) -> None:
        self.found: set[str] = set()
        self._find_many = library.find_many
        library.find_many = self._find  # type: ignore[method-assign]

    def _find(self, keys: Iterable[str]) -> dict[str, Made]:
        made = self._find_many(keys)
        self.found |= made.keys()
        return made


def _needed_keys(library: Library) -> set[str]:
    """Return the content keys of all results that are needed."""
    revisions = _reachable_revisions(library)
    with library.scratch_copy() as copy:
        lookups = _RecordingLookups(copy)
        seen = set[str]()
        failed = copy.failed_keys()
        _look_up_revisions(copy, revisions, seen, failed)
        _look_up_cards(copy, failed)
        now = copy.correction()
        for state in [*copy.corrections()[-UNDO_STEPS:], None]:
            if (state.number if state else None) != (now.number if now else None):
                copy.move_correction(state.number if state else None)
                if _rebuild_transcript(copy):
                    _look_up_revisions(copy, revisions, seen, failed)
        all_revisions = copy.revisions()
        for plan in _reachable_plans(copy):  # of other pages, too
            if plan.inputs and move_to_revision(copy, plan.number):
                mine = [revision for revision in revisions if root_plan(all_revisions, revision.number) == plan]
                _look_up_revisions(copy, mine, seen, failed)
    cut, films = library.cut(), library.cut_keys()
    kept_films = {cut.key} if cut else set()
    kept_films |= {films[revision.number] for revision in _aspect_heads(library) if revision.number in films}
    return lookups.found | kept_films | _mix_keys(library, kept_films) | library.take_keys(cut.takes if cut else ())


def _mix_keys(library: Library, films: set[str]) -> set[str]:
    """Return the content keys of the mixes of films, and of the buses that they were made of."""
    keys = {str(made.facts["mix"]) for made in library.find_many(films).values() if "mix" in made.facts}
    stems = {artifact.sha256 for made in library.find_many(keys).values() for artifact in made.artifacts.values()}
    return keys | {one.key for one in library.stored_results() if one.tool == "mix" and one.artifact in stems}


def _reachable_revisions(library: Library) -> list[Revision]:
    """Return the revisions that undo and redo can reach within UNDO_STEPS, and the newest of each aspect ratio."""
    revisions, lineage = library.revisions(), library.ancestry()
    wanted = [*lineage[-UNDO_STEPS - 1 :], *revisions[-UNDO_STEPS - 1 :], *_aspect_heads(library)]
    return list({revision.number: revision for revision in wanted}.values())


def _reachable_plans(library: Library) -> list[Revision]:
    """Return the director's plans of the revisions that undo and redo can reach."""
    all_revisions = library.revisions()
    plans = [root_plan(all_revisions, revision.number) for revision in _reachable_revisions(library)]
    return list({plan.number: plan for plan in plans if plan}.values())


def _aspect_heads(library: Library) -> list[Revision]:
    """Return the head and the newest revision of each aspect ratio."""
    newest = {_aspect_of(revision.screen): revision for revision in library.revisions()}
    head = library.head()
    return [*newest.values(), *([head] if head else [])]


def _aspect_of(screen: VideoFormat | None) -> str:
    return screen.aspect_name if screen else ""


def _rebuild_transcript(library: Library) -> bool:
    """Lay the corrections in force over the pages as read; return False where that is not possible any more.

    Raises:
        KomadoriError: It fails though all files are there, so that it is not known what these corrections need.
    """
    context = read_only_context(library)
    if not _has_all_readings(context):
        return False
    run_stages(context, until="cast")
    understand.recall(context)
    return True


def _has_all_readings(context: RunContext) -> bool:
    """Return whether the images of all pages, and what a person or a backend read on them, are in the library."""
    library, pages = context.library, context.library.pages()
    correction = library.correction()
    by_hand = correction.pages if correction else {}
    stored = [page.artifact for page in pages]
    stored += [by_hand[artifact] for artifact in stored if artifact in by_hand]
    return all(map(library.artifacts.has, stored)) and all(
        page.artifact in by_hand or read.as_read(context, page) for page in pages
    )


def _look_up_revisions(library: Library, revisions: Sequence[Revision], seen: set[str], failed: frozenset[str]) -> None:
    """Look up everything that films these revisions on the present transcript, without what was looked up before."""
    transcript, images = library.transcript(), {page.index: page.artifact for page in library.pages()}
    if transcript is None:
        return
    understood = comprehension.comprehension_of(library, transcript=transcript)
    for revision in revisions:
        context = read_only_context(library, format_mismatch(library, revision))
        plans = shots_on_pages(library, transcript, library.shots(revision.number))
        marked = [
            (_signature(context, plan, transcript, images, appearance_prompt(understood, plan)), plan) for plan in plans
        ]
        fresh = [plan for mark, plan in marked if mark not in seen]
        if fresh:
            _look_up_shots(context, fresh, failed)
        seen |= {mark for mark, _ in marked}
        # a dissolve depends on two shots that follow each other
        pairs = {f"{one}{other}": (before, after) for (one, before), (other, after) in pairwise(marked)}
        for mark, pair in pairs.items():
            if mark not in seen and pair[1].transition == "dissolve":
                in_force = [item.resolved for item in attempts_in_force(context, pair, failed)]
                context.library.find_many(job.key for job in film_pieces.dissolve_jobs(context, in_force).values())
        seen |= pairs.keys()


def _look_up_cards(library: Library, failed: frozenset[str]) -> None:
    """Look up the cards of the head and of the newest revision of every other aspect ratio.

    Undo finds the same ones: they depend on the book, the picture and the models, and rarely on the shots.
    """
    transcript = library.transcript()
    if transcript is None:
        return
    info = library.info()
    for revision in _aspect_heads(library):
        context = read_only_context(library, format_mismatch(library, revision))
        plans = shots_on_pages(library, transcript, library.shots(revision.number))
        in_force = [item.resolved for item in attempts_in_force(context, plans, failed) if item.take]
        library.find_many(card.job.key for card in cards.plan_cards(context, info, in_force)[0])


def _look_up_shots(context: RunContext, plans: Sequence[ShotPlan], failed: frozenset[str]) -> None:
    """Look up everything that films these shots, at each attempt up to the one in force, and their candidates."""
    in_force = [item.resolved for item in attempts_in_force(context, plans, failed)]
    candidates = [shot for group in with_candidates(context, shots_to_film(context, {}, plans)) for shot in group[1:]]
    for number in range(max((one.shot.attempt for one in in_force), default=0)):
        later = {one.shot.id: number for one in in_force if one.shot.attempt > number}
        earlier = [plan for plan in plans if plan.id in later]
        candidates += shots_to_film(context, {"attempts": later}, earlier)
    shots = [*in_force, *composite.resolve_shots(context, candidates)]
    fidelity.resolve_fidelity(context, shots)
    encoded = {
        job.encode_job.key
        for shot in shots
        for step in shot.steps.values()
        for job in step.jobs or ()
        if job.encode_job
    }
    context.library.find_many(encoded)


def _signature(
    context: RunContext, plan: ShotPlan, transcript: Transcript, images: Mapping[int, str], appearance: str
) -> str:
    """Return a short fingerprint of all that decides which results film a shot, as far as it differs here.

    Args:
        context: The context in which the shot is looked up.
        plan: The shot.
        transcript: The transcript of the book.
        images: The artifacts of the pages, by index.
        appearance: What the language model understood of the characters and the place of the shot.
    """
    page = next(page for page in transcript.pages if page.index == plan.page)
    bare = plan.model_copy(update={"ordinal": 0})
    # references that somebody chose may be panels of any page
    book = (transcript.pages, sorted(images.items())) if plan.render_options.references is not None else ()
    return content_key(
        "garbage", "", 1, plan=bare, page=page, image=images[plan.page], cast=transcript.cast,
        screen=context.settings.screen, appearance=appearance, book=book,
    )  # fmt: skip
