"""Tell whether a storyboard that waits for approval is still current, so that a paused film can go on."""

from __future__ import annotations

from collections.abc import Mapping

from agents.characters import identify
from agents.estimates import pending
from agents.run_context import RunContext
from agents.stages import ingest
from agents.state import State
from storage.keys import content_key

VERSION = 1


def approval_basis(context: RunContext) -> dict[str, str]:
    """Fingerprint what a storyboard that waits for approval was made from.

    Args:
        context: The film as this run makes it: its library, its settings, and a transcript by hand.

    Returns:
        Plain strings, which a checkpoint can hold: one of the project and its settings, one of the transcript by hand.
    """
    library = context.library
    head, correction = library.head(), library.correction()
    friends = {name: [one.name, *one.images] for name, one in identify.named_characters(context).items()}
    project = content_key(
        "approval", "project", VERSION, settings=context.settings, head=head.number if head else 0,
        correction=correction.number if correction else 0, pages=library.pages(), transcript=library.transcript(),
        cast=friends,
    )  # fmt: skip
    return {"project": project, "corrections": _by_hand(context)}


def is_unchanged(context: RunContext, basis: Mapping[str, str]) -> bool:
    """Whether a run that began now would come to the very storyboard that `basis` was taken of.

    The book is looked at too, where it is given. A plan that a model could not finish is never taken as it is: the
    model is asked again for the rest.
    """
    now = approval_basis(context)
    return (
        now["project"] == basis.get("project")
        and (context.corrections is None or now["corrections"] == basis.get("corrections"))
        and ingest.is_current(context)
        and not pending.count_rule_planned_pages(context.library, context.settings)
    )


def carry_over_approval(context: RunContext, start: State, last: State) -> State:
    """Begin a run anew without asking again where the last one was broken off after somebody agreed to the same."""
    approved = last.get("approved")
    if start.get("approve") and approved and "film" not in last and is_unchanged(context, approved):
        return {**start, "approve": False, "approved": approved}
    return start


def _by_hand(context: RunContext) -> str:
    return content_key("approval", "transcript", VERSION, transcript=context.corrections)
