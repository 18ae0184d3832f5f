"""Build the question to the critic about each shot: contact sheets of its takes, the facts, and what it may change.

This module does not call a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.conversation import shot_table
from agents.editing import selectors, shot_protection
from agents.executors import Job
from agents.llm.prompts import DataRow, Prompt, fill_prompt, quote_rows
from agents.review import critic_schema, retakes
from agents.review.best_of import CandidateSet
from agents.review.critic_schema import AllowedChanges
from agents.run_context import RunContext
from storage.artifacts import Artifacts
from storage.domain import Artifact, CameraKey, Ease, Made, Polygon, VideoFormat
from storage.keys import content_key
from tools import png
from tools.geometry import box_polygon
from tools.previews import take_comparison

VERSION = 2
"""The version of the contact sheets: part of their content key."""
MAX_LINES, MAX_LINE_CHARACTERS = 12, 200
"""How many balloons the critic is shown, and how many characters of each."""
SHOWN_MEASURES = ("original", "continued", "inpainted", "generated", "drift", "flicker", "frozen", "black")
"""The measures that the critic is shown."""


@dataclass(frozen=True)
class CriticQuestion:
    """The question about one shot."""

    shot: str
    allowed: AllowedChanges
    """What the critic may change of it."""
    prompt: Prompt
    pictures: tuple[str, ...]
    """The hash of one image for each take."""


def critic_questions(context: RunContext, cases: Sequence[CandidateSet]) -> list[CriticQuestion]:
    """Build the question about each shot; shots whose images could not be made are left out."""
    jobs = {case.shot.id: contact_sheet_job(context, case) for case in cases}
    made = context.make("contact_sheet", jobs.values()).made
    owned, sent = shot_protection.protected_shots(context.library), retakes.active_retakes(context.library)
    questions: list[CriticQuestion] = []
    for case in cases:
        shot = case.shot
        laid = made.get(jobs[shot.id].key)
        allowed = critic_schema.allowed_changes(
            context, shot, protected_shots=owned, retakes=len(sent.get(shot.id, ()))
        )
        if laid is not None:
            pictures = tuple(laid.artifacts[str(number)].sha256 for number in range(1, len(case.takes) + 1))
            questions.append(CriticQuestion(shot.id, allowed, _prompt(context, case, allowed), pictures))
    return questions


def make(
    artifacts: Artifacts,
    *,
    page: str,
    panels: list[Polygon],
    camera: list[CameraKey],
    ease: Ease,
    segments: list[str],
    screen: VideoFormat,
) -> Made:
    """Make the images that the critic sees of a shot: one for each take, with its number."""
    width, drawn = take_comparison.cell_width(screen), png.read_cached(artifacts.open(page))
    made: dict[str, Artifact] = {}
    for number, segment in enumerate(segments, start=1):
        take = take_comparison.three_moments(artifacts.open(segment), width=width)
        laid = take_comparison.compare_take(drawn, panels, camera, ease, take, number)
        made[str(number)] = artifacts.keep(png.encode_png(laid), "image/png")
    return Made(artifacts=made)


def contact_sheet_job(context: RunContext, case: CandidateSet) -> Job:
    """Return the job that makes the images of a shot."""
    shot = case.shot
    arguments: dict[str, object] = {
        "page": shot.page.artifact,
        "panels": [panel.polygon or box_polygon(panel.box) for panel in shot.panels],
        "camera": list(shot.plan.camera),
        "ease": shot.plan.ease,
        "segments": [tried.take.artifact for tried in case.takes],
        "screen": context.settings.screen,
    }
    key = content_key("contact_sheet", "sheet", VERSION, **arguments)
    return Job(key, "contact_sheet", shot.id, make, arguments, group=shot.page.artifact)


def _prompt(context: RunContext, case: CandidateSet, allowed: AllowedChanges) -> Prompt:
    """Return the prompt about a shot: its plan, measures, lettering, earlier verdicts and the allowed changes."""
    shot = case.shot
    plan, chosen = shot.plan, shot.backends
    earlier = [
        {"decision": verdict.decision, "reason": verdict.reason}
        for take in context.library.takes(plan.id)
        for verdict in context.library.verdicts(take.id)
        if verdict.author == "critic"
    ]
    about: DataRow = {
        "shot": selectors.short_name(plan.id), "page": plan.page + 1, "seconds": round(plan.seconds, 1),
        "camera": shot_table.describe_moves(plan), "why": plan.reason[:MAX_LINE_CHARACTERS], "prompt": plan.prompt,
        "told besides": shot.appearance_prompt,
        "clean": " ".join(plan.render_options.clean), "ground": plan.render_options.outpaint.fill,
        "cleaned by": chosen.clean, "continued by": chosen.outpaint, "moved by": chosen.animate,
    }  # fmt: skip
    lettering = [
        {"kind": balloon.kind, "text": balloon.text[:MAX_LINE_CHARACTERS]} for balloon in shot.balloons[:MAX_LINES]
    ]
    measured = [
        {
            "take": number,
            "seed": one.take.seed,
            **{m: round(v, 3) for m, v in one.numbers.items() if m in SHOWN_MEASURES},
        }
        for number, one in enumerate(case.takes, start=1)
    ]
    return fill_prompt(
        "review",
        shot=quote_rows([about]),
        takes=quote_rows(measured),
        lettering=quote_rows(lettering),
        earlier=quote_rows(earlier),
        may=allowed.describe(),
    )
