"""Tell whether a storyboard that waits for approval is still current, so that a paused film can go on."""

from __future__ import annotations

from collections.abc import Mapping

from agents.characters import identify
from agents.estimates import pending_questions
from agents.run_context import RunContext
from agents.sound import speech
from agents.stages import ingest
from agents.state import State
from storage.keys import content_key

VERSION = 1
_BESIDE_THE_PLAN = {"cards", "color", "vividness", "sounds", "music", "loudness", "sound", "voice", "voice_fallback"}
"""Settings that are no part of the storyboard; who speaks is part of it by the lines that are said."""


def approval_basis(context: RunContext) -> dict[str, str]:
    """Fingerprint everything that a storyboard waiting for approval was made from.

    Args:
        context: The film as this run makes it: its library, its settings, and a transcript by hand.

    Returns:
        Two content keys, as plain strings that a checkpoint can hold: `project` for the project and its settings,
        `corrections` for the transcript by hand.
    """
    library = context.library
    head, correction = library.head(), library.correction()
    named_characters = {
        name: [character.name, *character.images] for name, character in identify.named_characters(context).items()
    }
    settings = context.settings.model_dump(exclude=_BESIDE_THE_PLAN)
    transcript = library.transcript()
    project = content_key(
        "approval", "project", VERSION, settings=settings, head=head.number if head else 0,
        correction=correction.number if correction else 0, pages=library.pages(), transcript=transcript,
        cast=named_characters, speech=speech.speech_keys(context.settings, library, transcript) if transcript else [],
    )  # fmt: skip
    return {"project": project, "corrections": _corrections_key(context)}


def is_unchanged(context: RunContext, basis: Mapping[str, str]) -> bool:
    """Return whether a run that begins now would plan the same storyboard as the one that `basis` was taken from.

    The book is compared too, where it is given. A plan that a model could not finish counts as changed, because the
    model is asked again for the rest.
    """
    basis_now = approval_basis(context)
    return (
        basis_now["project"] == basis.get("project")
        and (context.corrections is None or basis_now["corrections"] == basis.get("corrections"))
        and ingest.is_current(context)
        and not pending_questions.count_rule_planned_pages(context.library, context.settings)
    )


def carry_over_approval(context: RunContext, start: State, last: State) -> State:
    """Return `start` without the request for approval where the last run stopped after the same was approved."""
    approved = last.get("approved")
    if start.get("approve") and approved and "film" not in last and is_unchanged(context, approved):
        return {**start, "approve": False, "approved": approved}
    return start


def _corrections_key(context: RunContext) -> str:
    """Return the content key of the transcript by hand."""
    return content_key("approval", "transcript", VERSION, transcript=context.corrections)
