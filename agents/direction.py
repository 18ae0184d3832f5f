"""A workshop and a transcript in, the shots as the project's model directs them out, and what is to be said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from agents import permits, understanding
from agents.asking.outcome import Outcome
from agents.asking.servers import Server, configured, unserved
from agents.chat import Chat
from agents.directors import Look
from agents.directors.knowledge import Knowledge
from agents.directors.llm import Llm, See
from agents.directors.means import Means
from agents.prompting import hash_of
from agents.rungs import ROLES
from agents.workshop import Workshop
from storage.errors import ChatError
from storage.keys import content_key
from storage.library import Library
from storage.settings import Settings
from storage.shapes import PageTranscript, ShotPlan, Transcript
from tools import png
from tools.plates import Image

NO_SERVER = "set OPENAI_BASE_URL (a local server) or OPENAI_API_KEY, or use --director rules"


def keys(settings: Settings, asked: Mapping[str, object]) -> Iterator[str]:
    """The content keys of a plan by the model: of a whole one, and of one that the rules had to complete.

    The second holds what may let the model go on: a higher bound, or the word that it must direct.
    """
    plan = {"model": settings.model, "prompt": hash_of("storyboard"), **asked}
    bounds = [settings.director, settings.max_cost, settings.max_tokens]
    yield content_key("storyboard", "llm", Llm.version, **plan)
    yield content_key("storyboard", "llm", Llm.version, **plan, bounds=bounds)


def planned(
    shop: Workshop, transcript: Transcript, looks: Mapping[str, Look]
) -> tuple[tuple[ShotPlan, ...], str, bool]:
    """Plan the shots. Returns them, a message for the revision, and whether the model directs every page.

    Raises ChatError where the model must direct and cannot be asked.
    """
    settings = shop.settings
    server, strict = configured(settings.model), settings.director == "llm"
    missing = "" if server else unserved(settings.model)
    if missing and strict:
        raise ChatError(missing, NO_SERVER)
    server = server or Server(settings.model)
    chat = Chat(server, shop.library, settings)
    before = chat.budget.spent
    if chat.budget.price is None and not missing:
        shop.note("storyboard", f"the price of {server.model} is not known: {settings.max_tokens} tokens are the bound")
    known = Knowledge(understanding.of(shop.library, settings, transcript))
    means, sheet = means_of(shop), settings.style
    see, tell = seeing(shop.library), shop.telling("directing")
    director = Llm(chat, see, strict=strict, stopped=missing, sheet=sheet, means=means, known=known, tell=tell)
    shots = director.plan(transcript, settings.screen, looks)
    if chat.budget.spent != before:
        shop.note("storyboard", f"{server.who}: {chat.budget.words()}")
    return _told(shop, shots, director.outcome)


def unplanned(library: Library, settings: Settings, transcript: Transcript) -> list[int]:
    """The pages, by index, that the model has no plan for yet. Asks nothing."""
    chat = Chat(configured(settings.model) or Server(settings.model), library, settings)
    return Llm(chat, seeing(library), sheet=settings.style).waiting(transcript, settings.screen)


def seeing(library: Library) -> See:
    """What shows the pages of a book as they were ingested."""
    images = {page.index: page.artifact for page in library.pages()}

    def see(page: PageTranscript) -> Image:
        return png.read(library.artifacts.open(images[page.index]))

    return see


def means_of(shop: Workshop) -> Means:
    """Which of the film's backends draw, and by which others it may have a shot drawn."""
    erases, paints, animates = (shop.generates(role, getattr(shop.settings.backends, role)) for role in ROLES)
    painters = _drawing(shop, "outpaint") if paints else ()
    return Means(erases, paints, animates, painters, _drawing(shop, "animate") if animates else ())


def _drawing(shop: Workshop, role: Literal["outpaint", "animate"]) -> tuple[str, ...]:
    return tuple(name for name in permits.allowed(shop.settings, role) if shop.generates(role, name))


def credits(shots: Sequence[ShotPlan]) -> str:
    """Who directed, in words: "rules", "llm", or "llm (20 shots) and rules (4 shots)"."""
    counts = Counter(shot.director for shot in shots)
    if len(counts) < 2:
        return "".join(counts)
    return " and ".join(f"{name} ({count} shots)" for name, count in sorted(counts.items()))


def _told(shop: Workshop, shots: tuple[ShotPlan, ...], outcome: Outcome) -> tuple[tuple[ShotPlan, ...], str, bool]:
    words = outcome.words()
    for line in words:
        shop.note("storyboard", line)
    if words:
        cure = f" ({outcome.error.hint})" if outcome.error else ""
        shop.note("storyboard", f"the same command asks about {'them' if len(outcome.left) > 1 else 'it'} again{cure}")
    return shots, "; ".join([f"planned by llm, {shop.settings.model}", *words]), not words
