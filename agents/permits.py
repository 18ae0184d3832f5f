"""Settings with the plans or edits made for them in; nothing out, or why a backend that they name may not work.

Its model has a licence that nobody accepted, its weights are not on this machine, or a package is missing.
"""

from __future__ import annotations

from collections.abc import Iterable

from agents.edits import Plan, Reading, SetBackend
from agents.edits.board import Board
from agents.edits.which import shown
from storage.profiles import licences
from storage.settings import Settings
from storage.shapes import ShotPlan
from tools import backends


def refuse_settings(settings: Settings) -> None:
    """Look at the backends of the film itself. Raises SettingsError for a licence, BackendError for the rest."""
    for capability, name in settings.backends.model_dump().items():
        _refuse(settings, capability, name)


def refuse_plans(settings: Settings, plans: Iterable[ShotPlan]) -> None:
    """The same for the backends that single shots name."""
    for plan in plans:
        wishes = {"outpaint": plan.treatment.outpaint.backend, "animate": plan.treatment.animate.backend}
        for capability, name in wishes.items():
            _refuse(settings, capability, name, f"shot {shown(plan.id)}: ")


def refuse_changes(settings: Settings | None, before: Board, after: Board) -> None:
    """The same for the shots that are treated differently now."""
    known = {shot.id: shot.treatment for shot in before.shots}
    refuse_plans(settings or Settings(), (one for one in after.shots if one.treatment != known.get(one.id)))


def refuse_edits(settings: Settings, edits: Iterable[Plan | Reading]) -> None:
    """The same for the backends that edits name."""
    for edit in edits:
        if isinstance(edit, SetBackend):
            _refuse(settings, edit.capability, edit.name, f"{edit.which}: ")


def _refuse(settings: Settings, capability: str, name: str | None, where: str = "") -> None:
    if name:
        options = settings.options_of(capability, name)
        licences.refuse(name, options, settings.accepted, where)
        getattr(backends.load(capability, name, **options), "identity", "")  # which names the weights that are missing
