"""Run the LLM planner for a project, and report what it did and which pages it left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from agents import comprehension, preflight
from agents.llm.client import ChatClient
from agents.llm.failures import BatchFailures
from agents.llm.model_facts import recall_facts
from agents.llm.prompts import prompt_hash
from agents.llm.servers import Server, configured_server, why_unserved
from agents.planning import LookMeasures
from agents.planning.llm_planner import LlmPlanner, See
from agents.planning.prompt import PROMPT, TEXT_ONLY_PROMPT
from agents.planning.story_context import StoryContext
from agents.planning.tool_options import ToolOptions
from agents.run_context import RunContext
from storage.domain import PageTranscript, ShotPlan, Transcript
from storage.errors import ChatError
from storage.keys import content_key
from storage.settings import Settings
from tools import png
from tools.plates import Image

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

NO_SERVER = "set OPENAI_BASE_URL (a local server) or OPENAI_API_KEY, or use --director rules"


def plan_keys(settings: Settings, asked: Mapping[str, object], *, text_only: bool = False) -> tuple[str, str]:
    """Return the content keys of a plan by the model: of a whole one, and of one that the rules had to complete.

    The second key also holds the settings that may let the model continue: a higher limit, or that it must direct.

    Args:
        settings: The film's settings.
        asked: Everything else that the plan is made of.
        text_only: Whether the model plans without seeing the pages.
    """
    plan = {"model": settings.model, "prompt": prompt_hash(TEXT_ONLY_PROMPT if text_only else PROMPT), **asked}
    if text_only:
        plan["vision"] = False
    bounds = [settings.director, settings.max_cost, settings.max_tokens]
    whole = content_key("storyboard", "llm", LlmPlanner.version, **plan)
    return whole, content_key("storyboard", "llm", LlmPlanner.version, **plan, bounds=bounds)


def plan_with_llm(
    context: RunContext, transcript: Transcript, looks: Mapping[str, LookMeasures]
) -> tuple[tuple[ShotPlan, ...], str, bool]:
    """Plan the shots with the project's model.

    Returns:
        The shots, a message for the revision, and whether the model directs every page.

    Raises:
        ChatError: The model must direct and cannot be asked.
    """
    settings = context.settings
    server, strict = configured_server(settings.model), settings.director == "llm"
    missing = "" if server else why_unserved(settings.model)
    if missing and strict:
        raise ChatError(missing, NO_SERVER)
    server = server or Server(settings.model)
    chat = ChatClient(server, context.library, settings)
    before = chat.budget.spent
    if chat.budget.price is None and not missing:
        context.note(
            "storyboard", f"the price of {server.model} is not known: {settings.max_tokens} tokens are the bound"
        )
    known = StoryContext(comprehension.comprehension_of(context.library, settings, transcript))
    means, sheet = tool_options_for(context), settings.style
    see, tell = page_viewer(context.library), context.page_progress("directing")
    director = LlmPlanner(chat, see, strict=strict, stopped=missing, sheet=sheet, means=means, known=known, tell=tell)
    shots = director.plan(transcript, settings.screen, looks)
    if chat.budget.spent != before:
        context.note("storyboard", f"{server.described}: {chat.budget.summary()}")
    return _report_outcome(context, shots, director.outcome)


def vision_note(library: Library, settings: Settings) -> str:
    """Return what a person should know about a director that sees no pictures; "" where it sees them."""
    server = configured_server(settings.model)
    facts = recall_facts(library, server)
    if server is None or not facts.is_text_only:
        return ""
    return (
        f"{server.described} sees no pictures ({facts.reason}): it is asked in words, about the lettering and the "
        "layout. If that has changed: main.py doctor PROJECT"
    )


def unplanned_pages(library: Library, settings: Settings, transcript: Transcript) -> list[int]:
    """Return the indices of the pages for which the model has no plan yet. Asks nothing."""
    chat = ChatClient(configured_server(settings.model) or Server(settings.model), library, settings)
    return LlmPlanner(chat, page_viewer(library), sheet=settings.style).unplanned_pages(transcript, settings.screen)


def page_viewer(library: Library) -> See:
    """Return a function that reads the picture of a page as it was ingested."""
    images = {page.index: page.artifact for page in library.pages()}

    def see(page: PageTranscript) -> Image:
        return png.read_png(library.artifacts.open(images[page.index]))

    return see


def tool_options_for(context: RunContext) -> ToolOptions:
    """Return which of the film's backends are generative, and which others a shot may use."""
    chosen = context.settings.backends
    named = {"clean": chosen.clean, "outpaint": chosen.outpaint, "animate": chosen.animate}
    erases, paints, animates = (context.generates(role, name) for role, name in named.items())
    painters = _generative_backends(context, "outpaint") if paints else ()
    animators = _generative_backends(context, "animate") if animates else ()
    return ToolOptions(erases, paints, animates, painters, animators, hears=context.settings.sound)


def _generative_backends(context: RunContext, role: Literal["outpaint", "animate"]) -> tuple[str, ...]:
    """Return the allowed generative backends of a role."""
    return tuple(name for name in preflight.allowed_backends(context.settings, role) if context.generates(role, name))


def director_credits(shots: Sequence[ShotPlan]) -> str:
    """Format who directed: "rules", "llm", or "llm (20 shots) and rules (4 shots)"."""
    counts = Counter(shot.director for shot in shots)
    if len(counts) < 2:
        return "".join(counts)
    return " and ".join(f"{name} ({count} shots)" for name, count in sorted(counts.items()))


def _report_outcome(
    context: RunContext, shots: tuple[ShotPlan, ...], outcome: BatchFailures
) -> tuple[tuple[ShotPlan, ...], str, bool]:
    """Report the outcome, and return the shots with their message and whether the model directs every page."""
    words = outcome.summary()
    for line in words:
        context.note("storyboard", line)
    if words:
        cure = f" ({outcome.error.hint})" if outcome.error else ""
        context.note(
            "storyboard", f"the same command asks about {'them' if len(outcome.failed_pages) > 1 else 'it'} again{cure}"
        )
    return shots, "; ".join([f"planned by llm, {context.settings.model}", *words]), not words
