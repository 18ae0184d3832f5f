"""Schema of the critic's answer, the changes that it may make to a shot, and their translation into edits.

This module does not call a model.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

from pydantic import Field

from agents import preflight
from agents.editing import Plan, SetBackend, SetClean, SetGround, SetInk, SetPainted, SetPrompt, SetSeed
from agents.editing.selectors import ShotSelector
from agents.fallback_ladder import uses_models
from agents.llm.structured_output import Answer
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from storage.domain import Decision

SAME = "same"
"""The answer that leaves something as it is."""
MAX_PROMPT_CHARACTERS, MAX_REASON_CHARACTERS = 400, 300
"""Characters that are read of a prompt and of a reason that the critic writes."""
MAX_TOKENS = 900
"""Most tokens of an answer: of a prompt and a reason of that length in any script, and a few words."""
CLEAN: dict[str, tuple[Literal["frame", "slivers"], ...]] = {
    "frame and slivers": ("frame", "slivers"), "frame": ("frame",), "slivers": ("slivers",), "nothing": (),
}  # fmt: skip
"""The critic's words -> the parts that are cleaned off."""
Role = Literal["outpaint", "animate"]
ROLES: tuple[Role, ...] = ("outpaint", "animate")


class Judgement(Answer):
    """The critic's answer about a shot; everything from `prompt` on belongs to a retake."""

    take: int = Field(default=1, description="the number of the best take")
    decision: Decision
    reason: str = Field(default="", description="one sentence")
    prompt: str = Field(default="", description="what the drawing model is asked for; empty leaves it as it is")
    another_seed: bool = Field(default=False, description="let chance decide anew")
    outpaint: str = Field(default=SAME, description="who continues the picture")
    animate: str = Field(default=SAME, description="who moves the picture")
    ink: Literal["same", "on", "off"] = "same"
    ground: Literal["same", "auto", "tone", "blur", "paper", "page"] = "same"
    clean: Literal["same", "frame and slivers", "frame", "slivers", "nothing"] = "same"


@dataclass(frozen=True)
class AllowedChanges:
    """What the critic may change of a shot."""

    is_generated: bool = False
    """A model generates part of it; only then do a prompt, a seed and another backend mean anything."""
    outpaint: tuple[str, ...] = ()
    """The backends that it may choose."""
    animate: tuple[str, ...] = ()
    ink: bool = False
    ground: bool = False
    refusal: str = ""
    """Why nothing may be changed; "" where something may."""

    def describe(self) -> str:
        """Return the allowed changes as text for the critic's prompt."""
        if self.refusal:
            return f"This shot cannot be filmed again: {self.refusal}. Answer `approve` or `ask`, and leave the rest."
        lines = []
        if self.is_generated:
            lines += [
                "- `prompt`: what the drawing model is asked for, at most two sentences; empty leaves it as it is",
                "- `another_seed`: true to let chance decide anew",
            ]
        for role in ROLES:
            if names := getattr(self, role):
                lines.append(f"- `{role}`: same, {', '.join(names)}")
        if self.ink:
            lines.append("- `ink` (the artist's lines lie over what the model moves): same, on, off")
        if self.ground:
            grounds = ", ".join(get_args(Judgement.model_fields["ground"].annotation))
            lines.append(f"- `ground` (what stands beyond the panel): {grounds}")
        lines.append(f"- `clean` (what is cleaned off the panel): same, {', '.join(CLEAN)}")
        return "For a retake you may change, and nothing else:\n" + "\n".join(lines)


def allowed_changes(
    context: RunContext, shot: ShotToFilm, *, protected_shots: Collection[str], retakes: int
) -> AllowedChanges:
    """Return what the critic may change of a shot.

    Args:
        context: The run's context.
        shot: The shot.
        protected_shots: Ids of the shots that a person has changed.
        retakes: How many retakes of it the critic had already.
    """
    if shot.plan.locked:
        return AllowedChanges(refusal="it is locked")
    if shot.id in protected_shots:
        return AllowedChanges(refusal="a person has changed it")
    if retakes >= context.settings.max_retakes:
        times = {0: "no retake is allowed", 1: "it was filmed again once"}
        return AllowedChanges(refusal=times.get(retakes, f"it was filmed again {retakes} times"))
    chosen = shot.backends
    drawn = uses_models(context, chosen)
    return AllowedChanges(
        is_generated=drawn,
        outpaint=preflight.allowed_backends(context.settings, "outpaint") if drawn else (),
        animate=preflight.allowed_backends(context.settings, "animate") if drawn else (),
        ink=context.generates("animate", chosen.animate),
        ground=not context.generates("outpaint", chosen.outpaint),
    )


def edits_of_judgement(
    context: RunContext, shot: ShotToFilm, judgement: Judgement, allowed: AllowedChanges, new_seed: int
) -> list[Plan]:
    """Return the edits of a retake; only allowed changes count, and only those that change something.

    A shot with generated parts for which nothing else is changed gets a new seed.

    Args:
        context: The run's context.
        shot: The shot.
        judgement: The critic's answer.
        allowed: The changes that it may make.
        new_seed: A seed that was not tried yet.
    """
    if allowed.refusal:
        return []
    selector = ShotSelector.of(shot.id)
    edits = [
        *_backend_edits(context, shot, judgement, allowed, selector),
        *_option_edits(shot, judgement, allowed, selector),
    ]
    if allowed.is_generated:
        prompt = one_line(judgement.prompt, MAX_PROMPT_CHARACTERS)
        painted = shot.plan.render_options.outpaint.prompt
        # the painter alone is asked, for its own
        if painted and not context.generates("animate", shot.backends.animate):
            if prompt and prompt != painted:
                edits.insert(0, SetPainted(which=selector, prompt=prompt))
        elif prompt and prompt != shot.plan.prompt:
            edits.insert(0, SetPrompt(which=selector, prompt=prompt))
        if judgement.another_seed or not edits:
            edits.append(SetSeed(which=selector, seed=new_seed))
    return edits


def one_line(text: str, most: int) -> str:
    """Return text by a model as one line of printable characters, at most `most` of them."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _backend_edits(
    context: RunContext, shot: ShotToFilm, judgement: Judgement, allowed: AllowedChanges, selector: ShotSelector
) -> list[Plan]:
    """Return the edits that choose other backends."""
    edits: list[Plan] = []
    for role in ROLES:
        wanted, own = getattr(judgement, role), getattr(context.settings.backends, role)
        if wanted in getattr(allowed, role) and wanted != getattr(shot.backends, role):
            edits.append(SetBackend(which=selector, capability=role, name=None if wanted == own else wanted))
    return edits


def _option_edits(
    shot: ShotToFilm, judgement: Judgement, allowed: AllowedChanges, selector: ShotSelector
) -> list[Plan]:
    """Return the edits of ground, ink and cleaning."""
    edits: list[Plan] = []
    plan = shot.plan.render_options
    if allowed.ground and judgement.ground != "same" and judgement.ground != plan.outpaint.fill:  # noqa: PLR1714  mypy narrows
        edits.append(SetGround(which=selector, fill=judgement.ground))
    if allowed.ink and judgement.ink != "same" and plan.keep_line_art != (judgement.ink == "on"):
        edits.append(SetInk(which=selector, on=judgement.ink == "on"))
    if judgement.clean != "same":
        parts = (*CLEAN[judgement.clean], *(("lettering",) if "lettering" in plan.clean else ()))
        if set(parts) != set(plan.clean):
            edits.append(SetClean(which=selector, parts=parts))
    return edits
