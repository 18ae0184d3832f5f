"""List the shots to film in this round, each with its panels, its lettering and its plan for the current attempt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agents import comprehension
from agents.comprehension.shot_context import appearance_prompt
from agents.editing.shot_protection import protected_shots
from agents.fallback_ladder import PAINTING, attempts_for, reseed, uses_models
from agents.planning.tool_options import ERASED
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
    ShotSound,
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

    `attempt` 0 is the plan itself; later ones are those of `agents.fallback_ladder`. Where a backend is generative they
    try other seeds, and then fewer models or none (`still`). The last one (`fallback`) films the plain page with the
    default backends and a camera at rest.
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
    """What the language model understood of the characters and the place of the shot."""
    transcript: Transcript | None = field(default=None, compare=False, repr=False)
    """The transcript of the whole book, read once for all shots."""
    images: Mapping[int, PageImage] = field(default_factory=dict, compare=False, repr=False)
    """The pages of the book, by index."""

    @property
    def page_transcript(self) -> PageTranscript:
        """The transcript of its page."""
        assert self.transcript is not None, "shots_to_film gives every shot the transcript"
        return next(page for page in self.transcript.pages if page.index == self.plan.page)

    @property
    def outpaint_prompt(self) -> str:
        """The prompt for outpainting: the scene, the characters and place, and the negative prompt."""
        options = self.plan.render_options.outpaint
        return join_prompt(
            "; ".join(filter(None, (options.prompt or self.plan.prompt, self.appearance_prompt))),
            options.negative_prompt,
        )

    @property
    def animate_prompt(self) -> str:
        """The prompt for animation: the motion, the characters and place, and the negative prompt."""
        return join_prompt(
            "; ".join(filter(None, (self.plan.prompt, self.appearance_prompt))),
            self.plan.render_options.animate.negative_prompt,
        )

    @property
    def has_lettering(self) -> bool:
        """Whether its balloons and letters stay: they are neither emptied nor painted over."""
        return not set(ERASED) & set(self.plan.render_options.clean)

    @property
    def reduction(self) -> str:
        """How it is filmed where that is less than planned, in words; "" where it is filmed as planned."""
        if self.fallback or not self.still:
            return "plain page" if self.fallback else ""
        defaults = Backends()
        is_painted = any(getattr(self.backends, role) != getattr(defaults, role) for role in PAINTING)
        return "not moved" if is_painted else "no model"

    @property
    def id(self) -> str:
        """The plan's id."""
        return self.plan.id

    def balloons_of(self, panel: Panel) -> tuple[Balloon, ...]:
        """Return the lettering in `panel`, and balloons that reach into it from a panel that is not shown.

        Lines of the shot that are lettered in none of its panels go with the first panel.
        """
        is_first, shown = panel is self.panels[0], set(self.plan.panels)
        from_elsewhere = [b for b in self.balloons if b.panel not in shown]
        overlapping = {
            b.id for b in from_elsewhere if (is_first and b.id in self.plan.balloons) or overlaps_panel(b, panel)
        }
        return tuple(b for b in self.balloons if b.panel == panel.id or b.id in overlapping)


def shots_to_film(context: RunContext, state: State, plans: Sequence[ShotPlan] | None = None) -> Iterator[ShotToFilm]:
    """Yield every shot of the head, or of `plans`, that is not lost, in film order, as this round films it.

    Raises:
        ProjectError: The book was never read, or was read again after the shots were planned.
    """
    transcript = context.library.require_transcript()
    pages = {page.index: page for page in transcript.pages}
    images = {page.index: page for page in context.library.pages()}
    panel_ids = {panel.id for page in transcript.pages for panel in page.panels}
    understood = comprehension.comprehension_of(context.library, context.settings, transcript)
    for plan in context.library.shots() if plans is None else plans:
        if plan.page not in images or not panel_ids.issuperset(plan.panels):
            raise ProjectError(
                f"shot {plan.id} was planned before the pages were read anew", "run: main.py animate SOURCE"
            )
        if plan.id not in state.get("not_filmed", {}):
            attempt = state.get("attempts", {}).get(plan.id, 0)
            shot = _shot_at_attempt(context, plan, images[plan.page], pages[plan.page], attempt)
            yield replace(
                shot, appearance_prompt=appearance_prompt(understood, plan), transcript=transcript, images=images
            )


def with_candidates(context: RunContext, shots: Iterable[ShotToFilm]) -> Iterator[tuple[ShotToFilm, ...]]:
    """Yield each shot with its candidates after it, of which review chooses one.

    Candidates are the same shot with the seeds that follow. A shot has no candidates where no model draws, a person
    has changed the shot, or the choice was made already.
    """
    if context.settings.best_of < 2:
        yield from ((shot,) for shot in shots)
        return
    shot_list, protected = list(shots), protected_shots(context.library)
    keys = {
        shot.id: choice_key(context, shot)
        for shot in shot_list
        if shot.id not in protected and _is_open_to_candidates(context, shot)
    }
    choices_made = context.library.find_many(keys.values())
    for shot in shot_list:
        is_open = shot.id in keys and keys[shot.id] not in choices_made
        yield (shot, *(_further_candidates(context, shot) if is_open else ()))


def choice_key(context: RunContext, shot: ShotToFilm) -> str:
    """Return the content key of a choice among seeds: all of a shot but its seed and its texts."""
    bare = shot.plan.model_copy(update={"seed": 0, "ordinal": 0, "reason": "", "director": "", "sound": ShotSound()})
    return content_key(
        "choice", "seeds", 1, plan=bare, page=shot.page.artifact, panels=shot.panels,
        backends=shot.backends.model_dump(exclude={"upscale"}),  # it draws the same from every seed
        options=context.settings.options, best_of=context.settings.best_of,
    )  # fmt: skip


def _is_open_to_candidates(context: RunContext, shot: ShotToFilm) -> bool:
    """Return whether the seed decides how a shot looks, and nobody has settled it."""
    return not shot.attempt and not shot.plan.locked and uses_models(context, shot.backends)


def _further_candidates(context: RunContext, shot: ShotToFilm) -> Iterator[ShotToFilm]:
    """Yield the further candidates of a shot."""
    for further in range(1, context.settings.best_of):
        yield replace(shot, plan=shot.plan.model_copy(update={"seed": shot.plan.seed + further}))


def _shot_at_attempt(
    context: RunContext, plan: ShotPlan, image: PageImage, page: PageTranscript, attempt: int
) -> ShotToFilm:
    """Return a shot as one of its attempts films it."""
    by_id = {panel.id: panel for panel in page.panels}
    panels = tuple(by_id[name] for name in plan.panels)
    others = tuple(panel for panel in page.panels if panel.id not in plan.panels)
    shown = set(plan.panels)
    own = [b for b in page.balloons if b.panel in shown or b.id in plan.balloons]
    leaning = [
        b for b in page.balloons if b not in own and b.outline and any(overlaps_panel(b, panel) for panel in panels)
    ]
    balloons = (*own, *(without_tail(b) for b in leaning))
    ladder = attempts_for(context, plan)
    step = ladder[min(attempt, len(ladder) - 1)]
    if step.plain_page:
        plain = tuple(panel.model_copy(update={"polygon": ()}) for panel in panels)
        return ShotToFilm(
            _with_camera_at_rest(plan, context), image, plain, (), balloons, step.backends, attempt, fallback=True
        )
    plan = reseed(context, plan, step.reseeds)
    return ShotToFilm(plan, image, panels, others, balloons, step.backends, attempt, still=step.without_motion)


def _with_camera_at_rest(plan: ShotPlan, context: RunContext) -> ShotPlan:
    """Return the plan with the camera at rest on all that it would have seen, and without any generation."""
    seen = _expand_to_aspect(union_of([key.box for key in plan.camera]), context.settings.screen.aspect)
    return plan.model_copy(
        update={
            "camera": (CameraKey(t=0, box=seen), CameraKey(t=1, box=seen)),
            "reveals": (),
            "render_options": RenderOptions(clean=(), outpaint=OutpaintPlan(), animate=AnimatePlan()),
        }
    )


def union_of(boxes: list[Box]) -> Box:
    """Return the smallest box around `boxes`."""
    return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))


def _expand_to_aspect(box: Box, aspect: float) -> Box:
    """Return the smallest box of `aspect` (width / height) around `box`, with the same center."""
    width, height = max(box.width, box.height * aspect), max(box.height, box.width / aspect)
    x, y = box.center
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
