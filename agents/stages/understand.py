"""Ask the project's language model about the story, and fill the gaps of the transcript with its answers.

With the rule-based planner it does nothing. The answers are kept under a fingerprint of the transcript that they were
merged into. Pages that could not be understood stay as they were read, and are named.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from agents import comprehension, planning
from agents.comprehension import merge
from agents.comprehension.prompt import PROMPT
from agents.comprehension.reader import ComprehensionReader, KnownBook
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
from storage.library import Library
from storage.settings import Settings


def run(ctx: RunContext, state: State) -> State:
    """Understand the book, page by page, and fill the gaps of its transcript."""
    transcript = _to_understand(ctx)
    if transcript is not None:
        read = _read(ctx, transcript)
        _say(ctx, _keep(ctx, transcript, read), read)
    return {}


def recall(ctx: RunContext) -> None:
    """Lay over what was answered about these pages before. Asks nothing."""
    transcript = _to_understand(ctx)
    if transcript is not None:
        read = _read(ctx, transcript, silent="nothing was to be asked")
        if read.pages:
            _keep(ctx, transcript, read)


def _to_understand(ctx: RunContext) -> Transcript | None:
    """What was read; None where nothing was yet, or no model directs."""
    return ctx.library.transcript() if planning.is_llm_director(ctx.settings) else None


def _keep(ctx: RunContext, transcript: Transcript, read: _Read) -> Comprehension:
    told = merge.fill_gaps(merge.apply_lettered_names(transcript, read.pages), read.pages)
    if told != transcript:
        ctx.library.set_transcript(told)
    people = merge.described_cast(told, read.pages)
    found = Comprehension(model=ctx.settings.model, pages=read.pages, people=people, left=read.outcome.failed_pages)
    comprehension.keep_comprehension(ctx.library, ctx.settings, told, found)
    return found


@dataclass(frozen=True)
class _Read:
    pages: tuple[PageComprehension, ...]
    outcome: BatchFailures
    asked: int
    bill: str


def _read(ctx: RunContext, transcript: Transcript, silent: str = "") -> _Read:
    """Ask what is not known yet, unless `silent` says why not.

    Raises ChatError where the model must direct and cannot be asked.
    """
    library, settings = ctx.library, ctx.settings
    server, strict = configured_server(settings.model), settings.director == "llm" and not silent
    images = {page.index: page.artifact for page in library.pages()}
    correction = library.correction()
    corrected = frozenset(index for index, image in images.items() if correction and image in correction.pages)
    key = _left_key(settings, transcript)
    left = _left(library, key)
    if ctx.source is not None:  # who films the book again has these asked again, but for those that people changed
        left = {index: left[index] for index in left.keys() & rebase.edited_pages(library)}
    given = KnownBook(images, corrected, correction.merged if correction else {}, left)
    missing = "" if server else why_unserved(settings.model)
    chat = ChatClient(server or Server(settings.model), library, _half(library, settings))
    see, tell = llm_planning.page_viewer(library), ctx.page_progress("understanding")
    reader = ComprehensionReader(chat, see, given, strict=strict, stopped=silent or missing, tell=tell)
    pages = reader.read(transcript)
    left = reader.outcome.failed_pages
    if left and missing and strict:
        raise ChatError(missing, llm_planning.NO_SERVER)
    if left and not missing and not silent:
        reasons = json.dumps({str(index): why for index, why in left.items()}, ensure_ascii=False)
        kept = library.artifacts.keep(reasons.encode("utf-8", "replace"), "application/json")
        library.add_made(key, "understand", Made(artifacts={"left": kept}))
    bill = f"{chat.server.described}: {chat.budget.summary()}" if reader.asked else ""
    return _Read(pages, reader.outcome, reader.asked, bill)


def _left_key(settings: Settings, transcript: Transcript) -> str:
    """What says which pages were given up stands under this, with all that may let the model go on."""
    bounds = [settings.director, settings.max_cost, settings.max_tokens]
    read = comprehension.fingerprint(transcript)
    asked = {"transcript": read, "bounds": bounds, "prompt": prompt_hash(PROMPT)}
    return content_key("understand", settings.model, comprehension.VERSION, **asked)


def _left(library: Library, key: str) -> dict[int, str]:
    made = library.find_made(key)
    if made is None:
        return {}
    found = json.loads(library.artifacts.open(made.artifacts["left"]).read_text(encoding="utf-8"))
    return {int(index): str(why) for index, why in found.items()}


def _half(library: Library, settings: Settings) -> Settings:
    """Bounds that leave half of what a film may cost for planning it: to know a story and not film it helps nobody."""
    asked = library.events(kinds={"asked"})
    usage, paid = total_spent(asked)
    mine, mine_paid = total_spent(event for event in asked if event.stage == "understand")
    most_paid = min(settings.max_cost, paid + max(0.0, settings.max_cost / 2 - mine_paid))
    most_tokens = min(settings.max_tokens, usage.total + max(0, settings.max_tokens // 2 - mine.total))
    return settings.model_copy(update={"max_cost": most_paid, "max_tokens": most_tokens})


def _say(ctx: RunContext, found: Comprehension, read: _Read) -> None:
    count = len(found.pages)
    if count:
        said = [f"{count} page{'s' * (count > 1)} understood by {found.model}"]
        speakers = sum(len(page.speakers) for page in found.pages)
        said += [f"{speakers} speaker{'s' * (speakers > 1)} filled in"] if speakers else []
        doubts = len(found.proposals)
        said += [f"{doubts} text{'s' * (doubts > 1)} doubted (see: main.py fix PROJECT list)"] if doubts else []
        ctx.note("understand", "; ".join(said))
    for line in read.outcome.summary("left as read"):
        ctx.note("understand", line)
    if read.bill:
        ctx.note("understand", read.bill)
