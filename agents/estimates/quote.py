"""Quote the cost of the questions that a model still has to answer, in tokens, dollars and words. Calls no model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from agents.comprehension import reader
from agents.estimates import question_costs
from agents.fallback_ladder import uses_models
from agents.llm.budget import Usage
from agents.llm.client import ChatClient
from agents.llm.model_facts import recall_facts
from agents.llm.servers import configured_server
from agents.planning import is_critic_enabled, is_llm_director
from agents.planning.prompt import page_views
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from storage.domain import Transcript
from storage.errors import BudgetError
from storage.library import Library
from storage.settings import Settings


@dataclass(frozen=True)
class Quote:
    """The cost of questions to a model."""

    questions: int = 0
    usage: Usage = field(default_factory=Usage)
    dollars: float | None = 0.0
    """None where the price is not known."""
    who: str = ""

    def __add__(self, other: Quote) -> Quote:
        dollars = None if None in (self.dollars, other.dollars) else (self.dollars or 0.0) + (other.dollars or 0.0)
        return Quote(self.questions + other.questions, self.usage + other.usage, dollars, self.who or other.who)

    def summary(self) -> str:
        """Return the quote in words; "no money" where nobody is asked."""
        if not self.questions:
            return "no money"
        asked = f"{self.questions} question{'s' * (self.questions > 1)} to {self.who}"
        if self.dollars is None:
            return f"{asked}, about {self.usage.total} tokens of unknown price"
        return f"about {self.dollars:.2f} dollars ({asked})" if self.dollars else f"no money ({asked})"


def quote_planning(settings: Settings, before: Transcript | None, after: Transcript | None) -> Quote:
    """Return the cost of understanding and planning the pages that changed: nothing where the rules plan."""
    if before is None or after is None or not is_llm_director(settings):
        return Quote()
    known = {page.without_voices().model_dump_json() for page in before.pages}
    fresh = [page for page in after.pages if page.panels and page.without_voices().model_dump_json() not in known]
    seen = [reader.answer_basis(sight) for page in before.pages for sight in page_views(page)]
    unknown = [page for page in fresh if any(reader.answer_basis(sight) not in seen for sight in page_views(page))]
    return _quote(settings, len(unknown), "understand") + _quote(settings, len(fresh), "storyboard")


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

    Raises:
        BudgetError: It may cost more.
    """
    server = configured_server(settings.model) if bill.questions else None
    if server is None:
        return
    dollars, tokens = ChatClient(server, library, settings).budget.left
    what = f"it needs {bill.summary()}"
    cure = "allow more, or direct by rules: main.py animate SOURCE --max-cost DOLLARS (or --director rules)"
    if (bill.dollars or 0.0) > dollars:
        raise BudgetError(f"{what}, and {dollars:.2f} of {settings.max_cost:.2f} dollars are left", cure)
    if bill.usage.total > tokens:
        raise BudgetError(f"{what}, and {tokens} of {settings.max_tokens} tokens are left", cure)


def _quote(settings: Settings, questions: int, stage: str) -> Quote:
    server, row = configured_server(settings.model), question_costs.cost_of_stage(stage)
    if server is None or not questions:
        return Quote()
    usage, price = Usage(row.input_tokens(server.model) * questions, row.output_tokens * questions), server.price
    dollars = None if price is None else price.cost(usage.read, usage.written)
    return Quote(questions, usage, dollars, server.described)
