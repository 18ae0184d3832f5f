"""What a model is still to be asked in, what that will cost out, in tokens, dollars and words; asks nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from agents.asking.servers import configured
from agents.chat import Chat
from agents.costs import needs
from agents.costs.budget import Usage
from agents.directors import directs, is_critic_enabled
from agents.directors.briefing import sights
from agents.rungs import generates
from agents.shots import Shot
from agents.understanding import reader
from agents.workshop import Workshop
from storage.errors import BudgetError
from storage.library import Library
from storage.settings import Settings
from storage.shapes import Transcript


@dataclass(frozen=True)
class Bill:
    """Questions to a model, about how many tokens they take, and dollars; None where the price is not known."""

    questions: int = 0
    usage: Usage = field(default_factory=Usage)
    dollars: float | None = 0.0
    who: str = ""

    def __add__(self, other: Bill) -> Bill:
        dollars = None if None in (self.dollars, other.dollars) else (self.dollars or 0.0) + (other.dollars or 0.0)
        return Bill(self.questions + other.questions, self.usage + other.usage, dollars, self.who or other.who)

    def words(self) -> str:
        """The same as a person hears it; "no money" where nobody is asked."""
        if not self.questions:
            return "no money"
        asked = f"{self.questions} question{'s' * (self.questions > 1)} to {self.who}"
        if self.dollars is None:
            return f"{asked}, about {self.usage.tokens} tokens of unknown price"
        return f"about {self.dollars:.2f} dollars ({asked})" if self.dollars else f"no money ({asked})"


def planning(settings: Settings, before: Transcript | None, after: Transcript | None) -> Bill:
    """What it costs to understand and to plan anew what is seen differently now: nothing where the rules direct."""
    if before is None or after is None or not directs(settings):
        return Bill()
    known = {page.model_dump_json() for page in before.pages}
    fresh = [page for page in after.pages if page.panels and page.model_dump_json() not in known]
    seen = [reader.shown(sight) for page in before.pages for sight in sights(page)]
    unknown = [page for page in fresh if any(reader.shown(sight) not in seen for sight in sights(page))]
    return _bill(settings, len(unknown), "understand") + _bill(settings, len(fresh), "storyboard")


def judging(shop: Workshop, shots: Iterable[Shot]) -> Bill:
    """What it costs to have these shots looked at by the critic, once they are filmed."""
    if not is_critic_enabled(shop.settings):
        return Bill()
    seen = sum(shop.settings.critic == "every" or generates(shop, shot.backends) for shot in shots)
    return _bill(shop.settings, seen, "review")


def refuse_beyond(library: Library, settings: Settings, bill: Bill) -> None:
    """Raise BudgetError where that may cost more than is left of what the film may cost."""
    server = configured(settings.model) if bill.questions else None
    if server is None:
        return
    dollars, tokens = Chat(server, library, settings).budget.left
    what = f"it needs {bill.words()}"
    cure = "allow more, or direct by rules: main.py animate SOURCE --max-cost DOLLARS (or --director rules)"
    if (bill.dollars or 0.0) > dollars:
        raise BudgetError(f"{what}, and {dollars:.2f} of {settings.max_cost:.2f} dollars are left", cure)
    if bill.usage.tokens > tokens:
        raise BudgetError(f"{what}, and {tokens} of {settings.max_tokens} tokens are left", cure)


def _bill(settings: Settings, questions: int, stage: str) -> Bill:
    server, row = configured(settings.model), needs.of(stage)
    if server is None or not questions:
        return Bill()
    usage, price = Usage(row.reads(server.model) * questions, row.written * questions), server.price
    dollars = None if price is None else price.cost(usage.read, usage.written)
    return Bill(questions, usage, dollars, server.who)
