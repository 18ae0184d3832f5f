"""Ask the project's language model about the story, and fill the gaps of the transcript with its answers.

With the rule-based planner it does nothing. The answers are kept under a fingerprint of the transcript that they were
merged into. Pages that could not be understood stay as they were read, and are named.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents import comprehension, planning
from agents.comprehension import merge
from agents.comprehension.prompt import PROMPT
from agents.comprehension.reader import BookFacts, ComprehensionReader
from agents.editing import rebase
from agents.llm.budget import total_spent
from agents.llm.client import ChatClient
from agents.llm.failures import BatchFailures
from agents.llm.prompts import prompt_hash
from agents.llm.servers import Server, configured_server, why_unserved
from agents.planning import llm_planning
from agents.run_context import RunContext
from agents.state import State
from storage.comprehension import Comprehension, PageComprehension
from storage.domain import Made, Transcript
from storage.errors import ChatError
from storage.keys import content_key
from storage.settings import Settings

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library


def run(context: RunContext, state: State) -> State:
    """Ask about the book, page by page, and fill the gaps of its transcript."""
    transcript = _transcript_to_understand(context)
    if transcript is not None:
        answers = _ask_pages(context, transcript)
        _report(context, _merge_answers(context, transcript, answers), answers)
    return {}


def recall(context: RunContext) -> None:
    """Merge earlier answers about these pages into the transcript. Calls no model."""
    transcript = _transcript_to_understand(context)
    if transcript is not None:
        answers = _ask_pages(context, transcript, silent="nothing was to be asked")
        if answers.pages:
            _merge_answers(context, transcript, answers)


def _transcript_to_understand(context: RunContext) -> Transcript | None:
    """Return the transcript; None where nothing was read yet, or no model directs."""
    return context.library.transcript() if planning.is_llm_director(context.settings) else None


def _merge_answers(context: RunContext, transcript: Transcript, answers: _Answers) -> Comprehension:
    """Merge answers into the transcript, and keep both."""
    merged = merge.fill_gaps(merge.apply_lettered_names(transcript, answers.pages), answers.pages)
    if merged != transcript:
        context.library.set_transcript(merged)
    people = merge.describe_cast(merged, answers.pages)
    found = Comprehension(
        model=context.settings.model, pages=answers.pages, people=people, left=answers.outcome.failed_pages
    )
    comprehension.keep_comprehension(context.library, context.settings, merged, found)
    return found


@dataclass(frozen=True)
class _Answers:
    """The answers about a book, and how asking went."""

    pages: tuple[PageComprehension, ...]
    outcome: BatchFailures
    asked: int
    bill: str


def _ask_pages(context: RunContext, transcript: Transcript, silent: str = "") -> _Answers:
    """Ask about the pages without an answer, unless `silent` says why not.

    Raises:
        ChatError: The model must direct and cannot be asked.
    """
    library, settings = context.library, context.settings
    server, is_required = configured_server(settings.model), settings.director == "llm" and not silent
    images = {page.index: page.artifact for page in library.pages()}
    correction = library.correction()
    corrected = frozenset(index for index, image in images.items() if correction and image in correction.pages)
    key = _given_up_key(settings, transcript)
    given_up = _given_up_pages(library, key)
    if (
        context.source is not None
    ):  # filming the book again asks about these pages again, except those that people changed
        given_up = {index: given_up[index] for index in given_up.keys() & rebase.edited_pages(library)}
    known_book = BookFacts(images, corrected, correction.merged if correction else {}, given_up)
    why_not = "" if server else why_unserved(settings.model)
    chat = ChatClient(server or Server(settings.model), library, _half_budget(library, settings))
    view_page, report_page = llm_planning.page_viewer(library), context.page_progress("understanding")
    reader = ComprehensionReader(
        chat, view_page, known_book, strict=is_required, stopped=silent or why_not, tell=report_page
    )
    pages = reader.read(transcript)
    given_up = reader.outcome.failed_pages
    if given_up and why_not and is_required:
        raise ChatError(why_not, llm_planning.NO_SERVER)
    if given_up and not why_not and not silent:
        reasons = json.dumps({str(index): why for index, why in given_up.items()}, ensure_ascii=False)
        artifact = library.artifacts.keep(reasons.encode("utf-8", "replace"), "application/json")
        library.add_made(key, "understand", Made(artifacts={"left": artifact}))
    bill = f"{chat.server.described}: {chat.budget.summary()}" if reader.asked else ""
    return _Answers(pages, reader.outcome, reader.asked, bill)


def _given_up_key(settings: Settings, transcript: Transcript) -> str:
    """Return the content key of the list of pages that were given up.

    It contains all settings that may make asking again worthwhile.
    """
    bounds = [settings.director, settings.max_cost, settings.max_tokens]
    fingerprint = comprehension.fingerprint(transcript)
    parts = {"transcript": fingerprint, "bounds": bounds, "prompt": prompt_hash(PROMPT)}
    return content_key("understand", settings.model, comprehension.VERSION, **parts)


def _given_up_pages(library: Library, key: str) -> dict[int, str]:
    """Return why pages were given up, by their index."""
    made = library.find_made(key)
    if made is None:
        return {}
    found = json.loads(library.artifacts.open(made.artifacts["left"]).read_text(encoding="utf-8"))
    return {int(index): str(why) for index, why in found.items()}


def _half_budget(library: Library, settings: Settings) -> Settings:
    """Return settings that limit this stage to half of the film's budget, so that the rest pays for planning."""
    events = library.events(kinds={"asked"})
    usage, paid = total_spent(events)
    own_usage, own_paid = total_spent(event for event in events if event.stage == "understand")
    most_paid = min(settings.max_cost, paid + max(0.0, settings.max_cost / 2 - own_paid))
    most_tokens = min(settings.max_tokens, usage.total + max(0, settings.max_tokens // 2 - own_usage.total))
    return settings.model_copy(update={"max_cost": most_paid, "max_tokens": most_tokens})


def _report(context: RunContext, comprehension: Comprehension, answers: _Answers) -> None:
    """Report how many pages were understood, what was left, and what it cost."""
    count = len(comprehension.pages)
    if count:
        parts = [f"{count} page{'s' * (count > 1)} understood by {comprehension.model}"]
        speakers = sum(len(page.speakers) for page in comprehension.pages)
        parts += [f"{speakers} speaker{'s' * (speakers > 1)} filled in"] if speakers else []
        proposals = len(comprehension.proposals)
        parts += (
            [f"{proposals} text{'s' * (proposals > 1)} doubted (see: main.py fix PROJECT list)"] if proposals else []
        )
        context.note("understand", "; ".join(parts))
    if answers.asked and (note := llm_planning.vision_note(context.library, context.settings)):
        context.note("understand", note)
    for line in answers.outcome.summary("left as read"):
        context.note("understand", line)
    if answers.bill:
        context.note("understand", answers.bill)
