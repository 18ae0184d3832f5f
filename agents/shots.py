"""List the shots to film in this round, each with its panels, its lettering and its plan for the current attempt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agents import comprehension
from agents.comprehension.shot_context import appearance_prompt
from agents.editing.protected import protected_shots
from agents.fallback_ladder import attempts_for, reseed, uses_models
from agents.run_context import RunContext
from agents.state import State
from storage.domain import (  # fmt: skip
    AnimatePlan,
    Balloon,
    Box,
    CameraKey,
    OutpaintPlan,
    PageImage,
    PageTranscript,
    Panel,
    RenderOptions,
    ShotPlan,
    Transcript,
)
from storage.errors import ProjectError
from storage.keys import content_key
from storage.settings import Backends
from tools.cutouts.overlapping_balloons import overlaps_panel, without_tail
from tools.negative_prompt import join_prompt


@dataclass(frozen=True)
class ShotToFilm:
    """A shot as it is to be filmed in this round.

    `attempt` 0 is the plan itself; later ones are those of `agents.fallback_ladder`. Where a backend generates they
    try other seeds, and then less of models or none (`still`); the last one (`fallback`) films the plain page with
    the default backends and a camera at rest.
    """

    plan: ShotPlan
    page: PageImage
    panels: tuple[Panel, ...]
    others: tuple[Panel, ...]
    balloons: tuple[Balloon, ...]
    backends: Backends
    attempt: int = 0
    still: bool = False
    fallback: bool = False
    appearance_prompt: str = ""
    """What a model understood of who is in it and where it is."""
    transcript: Transcript | None = field(default=None, compare=False, repr=False)
    """The book that it is of, read once for all shots; and its pages, by index."""
    images: Mapping[int, PageImage] = field(default_factory=dict, compare=False, repr=False)

    @property
    def outpaint_prompt(self) -> str:
        """The words for whoever continues the picture: what is there, who is there and where, what must not be seen."""
        wish = self.plan.render_options.outpaint
        return join_prompt(
            "; ".join(filter(None, (wish.prompt or self.plan.prompt, self.appearance_prompt))), wish.negative_prompt
        )

    @property
    def animate_prompt(self) -> str:
        """The words for whoever makes it move: what moves, who is there and where, what must not be seen."""
        return join_prompt(
            "; ".join(filter(None, (self.plan.prompt, self.appearance_prompt))),
            self.plan.render_options.animate.negative_prompt,
        )

    @property
    def left(self) -> str:
        """What it is filmed with in the place of what was planned, in words; "" where it is filmed as planned."""
        if self.fallback or not self.still:
            return "plain page" if self.fallback else ""
        plain = Backends()
        painted = (self.backends.clean, self.backends.outpaint) != (plain.clean, plain.outpaint)
        return "not moved" if painted else "no model"

    @property
    def id(self) -> str:
        """The plan's id."""
        return self.plan.id

    def balloons_of(self, panel: Panel) -> tuple[Balloon, ...]:
        """Lettering in `panel`, and balloons that lean into it from a panel that is not shown.

        What is said in the shot but lettered in none of its panels goes with the first.
        """
        first, here = panel is self.panels[0], set(self.plan.panels)
        strange = [b for b in self.balloons if b.panel not in here]
        mine = {b.id for b in strange if (first and b.id in self.plan.balloons) or overlaps_panel(b, panel)}
        return tuple(b for b in self.balloons if b.panel == panel.id or b.id in mine)


def shots_to_film(ctx: RunContext, state: State, plans: Sequence[ShotPlan] | None = None) -> Iterator[ShotToFilm]:
    """Yield every shot of the head, or of `plans`, that is not lost, in film order, as this round films it."""
    transcript = ctx.library.transcript()
    if transcript is None:
        raise ProjectError("nothing has been read yet", "run: main.py animate SOURCE")
    read = {page.index: page for page in transcript.pages}
    images = {page.index: page for page in ctx.library.pages()}
    panels = {panel.id for page in transcript.pages for panel in page.panels}
    understood = comprehension.comprehension_of(ctx.library, ctx.settings, transcript)
    for plan in ctx.library.shots() if plans is None else plans:
        if plan.page not in images or not panels.issuperset(plan.panels):
            raise ProjectError(
                f"shot {plan.id} was planned before the pages were read anew", "run: main.py animate SOURCE"
            )
        if plan.id not in state.get("lost", {}):
            attempt = state.get("attempts", {}).get(plan.id, 0)
            shot = _shot(ctx, plan, images[plan.page], read[plan.page], attempt)
            yield replace(
                shot, appearance_prompt=appearance_prompt(understood, plan), transcript=transcript, images=images
            )


def with_candidates(ctx: RunContext, shots: Iterable[ShotToFilm]) -> Iterator[tuple[ShotToFilm, ...]]:
    """Yield each shot with its rivals after it: the same with the seeds that follow, of which review chooses.

    There are none where no model draws, a person has had a hand in the shot, or the choice is made.
    """
    if ctx.settings.best_of < 2:
        yield from ((shot,) for shot in shots)
        return
    listed, mine = list(shots), protected_shots(ctx.library)
    keys = {shot.id: choice_key(ctx, shot) for shot in listed if shot.id not in mine and _may_have_rivals(ctx, shot)}
    chosen = ctx.library.find_many(keys.values())
    for shot in listed:
        open_choice = shot.id in keys and keys[shot.id] not in chosen
        yield (shot, *(_rivals(ctx, shot) if open_choice else ()))


def choice_key(ctx: RunContext, shot: ShotToFilm) -> str:
    """What a choice among seeds depends on: all of a shot but its seed and its words."""
    bare = shot.plan.model_copy(update={"seed": 0, "ordinal": 0, "reason": "", "director": ""})
    return content_key(
        "choice", "seeds", 1, plan=bare, page=shot.page.artifact, panels=shot.panels, backends=shot.backends,
        options=ctx.settings.options, best_of=ctx.settings.best_of,
    )  # fmt: skip


def _may_have_rivals(ctx: RunContext, shot: ShotToFilm) -> bool:
    """Whether chance decides how a shot comes out, and nobody has settled it."""
    return not shot.attempt and not shot.plan.locked and uses_models(ctx, shot.backends)


def _rivals(ctx: RunContext, shot: ShotToFilm) -> Iterator[ShotToFilm]:
    for further in range(1, ctx.settings.best_of):
        yield replace(shot, plan=shot.plan.model_copy(update={"seed": shot.plan.seed + further}))


def _shot(ctx: RunContext, plan: ShotPlan, image: PageImage, page: PageTranscript, attempt: int) -> ShotToFilm:
    by_id = {panel.id: panel for panel in page.panels}
    panels = tuple(by_id[name] for name in plan.panels)
    others = tuple(panel for panel in page.panels if panel.id not in plan.panels)
    shown = set(plan.panels)
    own = [b for b in page.balloons if b.panel in shown or b.id in plan.balloons]
    guests = [
        b for b in page.balloons if b not in own and b.outline and any(overlaps_panel(b, panel) for panel in panels)
    ]
    balloons = (*own, *(without_tail(b) for b in guests))
    steps = attempts_for(ctx, plan)
    rung = steps[min(attempt, len(steps) - 1)]
    if rung.plain_page:
        plain = tuple(panel.model_copy(update={"polygon": ()}) for panel in panels)
        return ShotToFilm(_at_rest(plan, ctx), image, plain, (), balloons, rung.backends, attempt, fallback=True)
    plan = reseed(ctx, plan, rung.reseeds)
    return ShotToFilm(plan, image, panels, others, balloons, rung.backends, attempt, still=rung.without_motion)


def _at_rest(plan: ShotPlan, ctx: RunContext) -> ShotPlan:
    """The shot with the camera at rest on all it would have seen, and nothing asked of a generator."""
    seen = _fitted(union_of([key.box for key in plan.camera]), ctx.settings.screen.aspect)
    return plan.model_copy(
        update={
            "camera": (CameraKey(t=0, box=seen), CameraKey(t=1, box=seen)),
            "reveals": (),
            "render_options": RenderOptions(clean=(), outpaint=OutpaintPlan(), animate=AnimatePlan()),
        }
    )


def union_of(boxes: list[Box]) -> Box:
    """The smallest box around `boxes`."""
    return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))


def _fitted(box: Box, aspect: float) -> Box:
    width, height = max(box.width, box.height * aspect), max(box.height, box.width / aspect)
    x, y = box.center
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
