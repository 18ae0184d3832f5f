"""Quote what a model is still to be asked, and a paid voice still to say, in tokens, dollars and words. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isinf

from agents.comprehension import reader
from agents.estimates import question_costs
from agents.estimates.voice_costs import VoiceCost, voice_cost
from agents.fallback_ladder import uses_models
from agents.llm.budget import Usage, total_spent
from agents.llm.client import ChatClient
from agents.llm.model_facts import recall_facts
from agents.llm.servers import configured_server
from agents.planning import is_critic_enabled, is_llm_director
from agents.planning.prompt import page_views
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.sound import speech
from agents.sound.speech_facts import NOBODY
from storage.domain import Transcript
from storage.errors import BudgetError
from storage.library import Library
from storage.settings import Settings


@dataclass(frozen=True)
class Quote:
    """The cost of questions to a model, and of lines that a paid voice says."""

    questions: int = 0
    usage: Usage = field(default_factory=Usage)
    dollars: float | None = 0.0
    """What the questions cost; None where the price is not known."""
    who: str = ""
    voice: VoiceCost = field(default_factory=VoiceCost)
    """The lines that a paid voice says; none where the voice is free."""

    def __add__(self, other: Quote) -> Quote:
        return Quote(
            self.questions + other.questions, self.usage + other.usage, _sum_dollars(self.dollars, other.dollars),
            self.who or other.who, self.voice if self.voice.lines else other.voice,
        )  # fmt: skip

    @property
    def is_empty(self) -> bool:
        """Whether nobody is asked, and nothing is said."""
        return not self.questions and not self.voice.lines

    def summary(self) -> str:
        """Return the quote in words; "no money" where nobody is asked."""
        if self.is_empty:
            return "no money"
        asked = [f"{_count(self.questions, 'question')} to {self.who}"] if self.questions else []
        asked += [f"{_count(self.voice.lines, 'line')} by {self.voice.backend}"] if self.voice.lines else []
        dollars = _sum_dollars(self.dollars, self.voice.dollars)
        if dollars is None:
            tokens = f"about {self.usage.total} tokens " if self.questions else ""
            return f"{', '.join(asked)}, {tokens}of unknown price"
        return f"about {dollars:.2f} dollars ({', '.join(asked)})" if dollars else f"no money ({', '.join(asked)})"


def quote_planning(settings: Settings, before: Transcript | None, after: Transcript | None) -> Quote:
    """Return the cost of understanding and planning the pages that changed: nothing where the rules plan."""
    if before is None or after is None or not is_llm_director(settings):
        return Quote()
    known = {page.without_voices().model_dump_json() for page in before.pages}
    fresh = [page for page in after.pages if page.panels and page.without_voices().model_dump_json() not in known]
    seen = [reader.answer_basis(sight) for page in before.pages for sight in page_views(page)]
    unknown = [page for page in fresh if any(reader.answer_basis(sight) not in seen for sight in page_views(page))]
    return _quote(settings, len(unknown), "understand") + _quote(settings, len(fresh), "storyboard")


def quote_voice(settings: Settings, library: Library, before: Transcript, after: Transcript) -> Quote:
    """Return the cost of the lines that a change makes a paid voice say again: nothing where it is free.

    Lines that it could not say before, for want of money or a server, are not counted.
    """
    cost = voice_cost(settings, library, after, pages=len(after.pages), before=before)
    return Quote() if cost.dollars == 0 else Quote(voice=cost)


def quote_critic(context: RunContext, shots: Iterable[ShotToFilm]) -> Quote:
    """Return the cost of showing these shots to the critic once they are filmed: nothing where it sees no pictures."""
    settings = context.settings
    if not is_critic_enabled(settings):
        return Quote()
    if recall_facts(context.library, configured_server(settings.model)).is_text_only:
        return Quote()
    seen = sum(settings.critic == "every" or uses_models(context, shot.backends) for shot in shots)
    return _quote(settings, seen, "review")


def refuse_over_budget(library: Library, settings: Settings, bill: Quote) -> None:
    """Check that a quote fits into what is left of the film's budget.

    Lines do not count where another voice says what is not paid for.

    Raises:
        BudgetError: It may cost more.
        PriceUnknown: What the voice costs is not known, and the cost of the film is bounded.
    """
    what, most = f"it needs {bill.summary()}", settings.max_cost
    voice = VoiceCost() if settings.voice_fallback not in ("", NOBODY) else bill.voice
    if voice.dollars is None and not isinf(most):
        raise speech.unknown_price(voice.backend, most)
    left = most - total_spent(library.events(kinds={"asked"}))[1]
    cure = "allow more, or direct by rules: main.py animate SOURCE --max-cost DOLLARS (or --director rules)"
    if (bill.dollars or 0.0) + (voice.dollars or 0.0) > left:
        raise BudgetError(f"{what}, and {left:.2f} of {most:.2f} dollars are left", cure)
    server = configured_server(settings.model) if bill.questions else None
    tokens = ChatClient(server, library, settings).budget.left[1] if server else bill.usage.total
    if bill.usage.total > tokens:
        raise BudgetError(f"{what}, and {tokens} of {settings.max_tokens} tokens are left", cure)


def _sum_dollars(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number > 1)}"


def _quote(settings: Settings, questions: int, stage: str) -> Quote:
    server, row = configured_server(settings.model), question_costs.cost_of_stage(stage)
    if server is None or not questions:
        return Quote()
    usage, price = Usage(row.input_tokens(server.model) * questions, row.output_tokens * questions), server.price
    dollars = None if price is None else price.cost(usage.read, usage.written)
    return Quote(questions, usage, dollars, server.described)
