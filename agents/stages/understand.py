"""The transcript and its pages in, what the project's model understands of them out: laid over the gaps of the reading.

With the rules directing it does nothing. What was understood stands under the transcript as it is then; the pages that
could not be understood stay as they were read, and are named.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from agents import direction, directors, understanding
from agents.asking.outcome import Outcome
from agents.asking.servers import Server, configured, unserved
from agents.chat import Chat
from agents.costs.budget import spent
from agents.prompting import hash_of
from agents.revising import carry
from agents.state import State
from agents.understanding import overlay
from agents.understanding.asking import PROMPT
from agents.understanding.reader import Given, Reader
from agents.workshop import Workshop
from storage.errors import ChatError
from storage.keys import content_key
from storage.library import Library
from storage.settings import Settings
from storage.shapes import Made, Transcript
from storage.understanding import PageSense, Understanding


def run(shop: Workshop, state: State) -> State:
    """Understand the book, page by page, and fill the gaps of its transcript."""
    transcript = _to_understand(shop)
    if transcript is not None:
        read = _read(shop, transcript)
        _say(shop, _keep(shop, transcript, read), read)
    return {}


def recall(shop: Workshop) -> None:
    """Lay over what was answered about these pages before. Asks nothing."""
    transcript = _to_understand(shop)
    if transcript is not None:
        read = _read(shop, transcript, silent="nothing was to be asked")
        if read.pages:
            _keep(shop, transcript, read)


def _to_understand(shop: Workshop) -> Transcript | None:
    """What was read; None where nothing was yet, or no model directs."""
    return shop.library.transcript() if directors.directs(shop.settings) else None


def _keep(shop: Workshop, transcript: Transcript, read: _Read) -> Understanding:
    told = overlay.filled(overlay.named(transcript, read.pages), read.pages)
    if told != transcript:
        shop.library.set_transcript(told)
    people = overlay.people(told, read.pages)
    found = Understanding(model=shop.settings.model, pages=read.pages, people=people, left=read.outcome.left)
    understanding.keep(shop.library, shop.settings, told, found)
    return found


@dataclass(frozen=True)
class _Read:
    pages: tuple[PageSense, ...]
    outcome: Outcome
    asked: int
    bill: str


def _read(shop: Workshop, transcript: Transcript, silent: str = "") -> _Read:
    """Ask what is not known yet, unless `silent` says why not.

    Raises ChatError where the model must direct and cannot be asked.
    """
    library, settings = shop.library, shop.settings
    server, strict = configured(settings.model), settings.director == "llm" and not silent
    images = {page.index: page.artifact for page in library.pages()}
    correction = library.correction()
    corrected = frozenset(index for index, image in images.items() if correction and image in correction.pages)
    key = _left_key(settings, transcript)
    left = _left(library, key)
    if shop.source is not None:  # who films the book again has these asked again, but for those that people changed
        left = {index: left[index] for index in left.keys() & carry.touched(library)}
    given = Given(images, corrected, correction.merged if correction else {}, left)
    missing = "" if server else unserved(settings.model)
    chat = Chat(server or Server(settings.model), library, _half(library, settings))
    see, tell = direction.seeing(library), shop.telling("understanding")
    reader = Reader(chat, see, given, strict=strict, stopped=silent or missing, tell=tell)
    pages = reader.read(transcript)
    left = reader.outcome.left
    if left and missing and strict:
        raise ChatError(missing, direction.NO_SERVER)
    if left and not missing and not silent:
        reasons = json.dumps({str(index): why for index, why in left.items()}, ensure_ascii=False)
        kept = library.artifacts.keep(reasons.encode("utf-8", "replace"), "application/json")
        library.add_made(key, "understand", Made(artifacts={"left": kept}))
    bill = f"{chat.server.who}: {chat.budget.words()}" if reader.asked else ""
    return _Read(pages, reader.outcome, reader.asked, bill)


def _left_key(settings: Settings, transcript: Transcript) -> str:
    """What says which pages were given up stands under this, with all that may let the model go on."""
    bounds = [settings.director, settings.max_cost, settings.max_tokens]
    read = understanding.fingerprint(transcript)
    asked = {"transcript": read, "bounds": bounds, "prompt": hash_of(PROMPT)}
    return content_key("understand", settings.model, understanding.VERSION, **asked)


def _left(library: Library, key: str) -> dict[int, str]:
    made = library.find_made(key)
    if made is None:
        return {}
    found = json.loads(library.artifacts.open(made.artifacts["left"]).read_text(encoding="utf-8"))
    return {int(index): str(why) for index, why in found.items()}


def _half(library: Library, settings: Settings) -> Settings:
    """Bounds that leave half of what a film may cost for planning it: to know a story and not film it helps nobody."""
    asked = library.events(kinds={"asked"})
    usage, paid = spent(asked)
    mine, mine_paid = spent(event for event in asked if event.stage == "understand")
    most_paid = min(settings.max_cost, paid + max(0.0, settings.max_cost / 2 - mine_paid))
    most_tokens = min(settings.max_tokens, usage.tokens + max(0, settings.max_tokens // 2 - mine.tokens))
    return settings.model_copy(update={"max_cost": most_paid, "max_tokens": most_tokens})


def _say(shop: Workshop, found: Understanding, read: _Read) -> None:
    count = len(found.pages)
    if count:
        said = [f"{count} page{'s' * (count > 1)} understood by {found.model}"]
        speakers = sum(len(page.speakers) for page in found.pages)
        said += [f"{speakers} speaker{'s' * (speakers > 1)} filled in"] if speakers else []
        doubts = len(found.proposals)
        said += [f"{doubts} text{'s' * (doubts > 1)} doubted (see: main.py fix PROJECT list)"] if doubts else []
        shop.note("understand", "; ".join(said))
    for line in read.outcome.words("left as read"):
        shop.note("understand", line)
    if read.bill:
        shop.note("understand", read.bill)
