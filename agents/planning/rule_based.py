"""Plan a storyboard by rules of film grammar: which move each panel gets, and how the shots follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agents.planning import LookMeasures, camera_moves, framing, split_screen, timing
from agents.planning.camera_moves import CameraMove, MoveContext
from agents.planning.panels import PanelSubject, PlanningStyle, gather_subjects
from agents.planning.shot_drafts import (
    ShotDraft,
    draft_bare_panel,
    draft_panel,
    draft_split_screen,
    draft_stray_line,
    number_shots,
    split_long,
)
from agents.planning.split_screen import SplitScreen
from storage.domain import Box, Order, PageTranscript, ShotPlan, Transcript, VideoFormat
from tools import geometry

MOTION_COST = 1.2
"""Cost of a camera move under a style with no motion; it falls to 0 at full motion."""

EMPTY_COST = 7.5
"""Cost of a screen without picture."""
MIN_SHARED_LIT = 0.62
"""Least share of a split screen's views that shows what was read by then, on average."""
STILL_KINDS = ("hold", "push", "pull", "closer", "part")
"""Kinds of camera moves that stay with what they show."""
PART_COST = 0.5
"""Cost of each cut within a panel."""
SILENT_PART_COST = 0.8
"""Cost of each part of a panel without words: cut off from the rest, it says little."""
READ_BEFORE_WEIGHT = 0.6
"""How much the page around a panel, as far as it was read, counts as picture, compared with the panel itself."""


class RuleBasedPlanner:
    """A director that needs no model: for each panel, the camera move with the lowest cost by film grammar.

    Implements `agents.planning.Director`.
    """

    version = 7

    def __init__(self, style: PlanningStyle | None = None) -> None:
        """Set the planning style.

        Args:
            style: Pace, motion and framing limits; None means the defaults.
        """
        self.style = style or PlanningStyle()

    def plan(
        self, transcript: Transcript, screen: VideoFormat, looks: Mapping[str, LookMeasures]
    ) -> tuple[ShotPlan, ...]:
        """Plan the shots of a book; see `Director.plan`.

        Args:
            transcript: The panels and balloons of the book, in page pixels.
            screen: Width and height in pixels, and frames per second of the film.
            looks: How panels look, by panel id; any of them may be missing.

        Returns:
            The numbered shots in film order.
        """
        drafts: list[ShotDraft] = []
        for page in transcript.pages:
            kinds: list[str] = []  # habits end with the page: what is corrected on one must not re-film all after it
            for draft in self.page(page, transcript.order, screen, looks, kinds):
                kinds.append(draft.kind)
                drafts += split_long(draft)
        return number_shots(drafts, screen, self.style)

    def page(
        self,
        page: PageTranscript,
        order: Order,
        screen: VideoFormat,
        looks: Mapping[str, LookMeasures],
        kinds: Sequence[str],
    ) -> Iterator[ShotDraft]:
        """Plan the shots of one page.

        Args:
            page: The page's panels and balloons.
            order: Reading order.
            screen: Width and height in pixels, and frames per second of the film.
            looks: How panels look, by panel id; any of them may be missing.
            kinds: Kinds of the moves before. The caller appends the kind of each shot as it is yielded.

        Yields:
            The shots without numbers, in reading order.
        """
        subjects, strays = gather_subjects(page, order, looks, screen.aspect, self.style)
        contexts = [MoveContext(s, screen, self.style, is_in_fast_run(subjects, i)) for i, s in enumerate(subjects)]
        index = 0
        while index < len(contexts):
            yield from (draft_stray_line(stray, page, screen, self.style) for stray in strays if stray.after == index)
            opens = subjects[0] if index == 0 else None
            if index and subjects[index].is_bare:
                yield draft_bare_panel(contexts[index], subjects[index - 1])
                index += 1
                continue
            split = _plan_shared_shot(contexts[index : index + 3], kinds, {stray.after - index for stray in strays})
            if split:
                yield draft_split_screen(split, page, opens)
                index += len(split.subjects)
            else:
                last = index == len(contexts) - 1
                yield from draft_panel(
                    best_move(contexts[index], kinds, first=index == 0, last=last), contexts[index], opens
                )
                index += 1
        yield from (
            draft_stray_line(stray, page, screen, self.style) for stray in strays if stray.after >= len(contexts)
        )


def is_in_fast_run(subjects: Sequence[PanelSubject], index: int) -> bool:
    """Return whether a panel is one of at least three consecutive small panels."""
    if not subjects[index].is_small:
        return False
    first = last = index
    while first > 0 and subjects[first - 1].is_small:
        first -= 1
    while last + 1 < len(subjects) and subjects[last + 1].is_small:
        last += 1
    return last - first >= 2


def _plan_shared_shot(contexts: Sequence[MoveContext], kinds: Sequence[str], breaks: set[int]) -> SplitScreen | None:
    """Plan one split-screen shot of the first two or three panels where possible; `breaks` are forced cuts."""
    if (kinds and kinds[-1] == "glide") or not contexts[0].style.motion:
        return None
    for count in (3, 2):
        if len(contexts) >= count and not any(0 < at < count for at in breaks):
            found = split_screen.plan_split_screen(contexts[:count])
            if found and found.lit_share >= MIN_SHARED_LIT:
                return found
    return None


def best_move(context: MoveContext, kinds: Sequence[str], *, first: bool, last: bool) -> CameraMove:
    """Return the move with the lowest cost, or the still one where the style has no motion.

    Args:
        context: The panel, the screen and the style.
        kinds: Kinds of the moves before on the same page.
        first: Whether the panel is the first of its page.
        last: Whether the panel is the last of its page.
    """
    if not context.style.motion:
        return next(camera_moves.possible_moves(context))
    return min(
        camera_moves.possible_moves(context), key=lambda move: move_cost(move, context, kinds, first=first, last=last)
    )


def move_cost(
    move: CameraMove, context: MoveContext, kinds: Sequence[str], *, first: bool = False, last: bool = False
) -> float:
    """Return the cost of a camera move for a panel; lower is better and the unit is arbitrary.

    The weighted sum counts empty screen, waiting beyond the reading time, illegible letters, stops, long stills,
    restlessness, cropping and repetition, less what motivates the move.

    Args:
        move: The move.
        context: The panel, the screen and the style.
        kinds: Kinds of the moves before on the same page.
        first: Whether the panel is the first of its page.
        last: Whether the panel is the last of its page.
    """
    subject = context.subject
    boxes = [box for part in move.parts for box in part.boxes]
    empty = 1 - sum(_picture_share(box, subject) for box in boxes) / len(boxes)
    waiting = max(0.0, move.seconds - context.least)
    unclear = 0
    for part in move.parts:
        scale = max(framing.film_scale(box, context.screen) for box in part.boxes)
        unclear += sum(not need.legible(scale) for need in part.needs)
    still = max((part.path.seconds for part in move.parts if part.kind in STILL_KINDS), default=0.0)
    stops = sum(a != b for part in move.parts for a, b in zip(part.boxes, part.boxes[1:], strict=False))
    return (
        EMPTY_COST * empty
        + 0.85 * waiting
        + 0.8 * unclear
        + 0.12 * stops
        + _cutting_cost(move)
        + 0.25 * max(0.0, still - 5.5)
        + MOTION_COST * (1 - context.style.motion) * (stops > 0)
        + _cropping_cost(move, subject)
        + _repetition_cost(move, kinds)
        - _motivation(move, context, first=first, last=last)
    )


def _picture_share(view: Box, subject: PanelSubject) -> float:
    """Return how much of a view is picture, 0..1: the panel itself, and less so what was read before around it."""
    own = framing.filled_share(view, [framing.panel_polygon(subject.panel)])
    return own + READ_BEFORE_WEIGHT * max(0.0, subject.lit_share(view) - own)


def _cropping_cost(move: CameraMove, subject: PanelSubject) -> float:
    """Return the cost of the part of a panel that is never shown, heavy beyond what a filled screen crops."""
    passed = geometry.union_box(box for part in move.parts for box in part.boxes)  # every path runs straight
    lost = 1 - framing.share_seen(passed, subject.box)
    return 2 * lost + (8.0 if lost > camera_moves.MAX_CROPPED + 0.01 else 0.0)


def _cutting_cost(move: CameraMove) -> float:
    """Return the cost of showing a panel part by part."""
    if move.kind != "part":
        return 0.0
    silent = sum(not part.needs for part in move.parts)
    return PART_COST * (len(move.parts) - 1) + SILENT_PART_COST * silent


def _repetition_cost(move: CameraMove, kinds: Sequence[str]) -> float:
    """Return the cost of a move of the same kind as the one before; a hold costs least."""
    recent = list(kinds[-2:])
    if not recent or recent[-1] != move.kind:
        return 0.0
    repetition = {"hold": 0.25, "pan": 0.4, "tilt": 0.4}.get(move.kind, 0.6)
    return repetition * (1 + 1.5 * (len(recent) == 2 and recent[0] == move.kind))


def _motivation(move: CameraMove, context: MoveContext, *, first: bool, last: bool) -> float:
    """Return how much the panel calls for a move: closer for a face, wider for a place, still for haste or talk."""
    subject, kind = context.subject, move.kind
    if move.kind != "part" and len(move.parts) == 2 and not move.parts[0].needs:  # whole first, then travelled
        few = len(subject.needs) <= 2 or subject.page.index == 0
        return 4.2 if timing.is_splash(subject) and few else 0.75
    strong = move.parts[-1].boxes[0].width / move.parts[-1].boxes[-1].width > 1 + camera_moves.PUSH + 0.01
    if kind == "hold":
        return 0.15 + 0.5 * context.fast + 0.1 * min(2, len(subject.needs)) + 0.15 * subject.holds_another
    if kind in ("push", "pull"):
        motive = _push_in_motive(subject) if kind == "push" else _pull_out_motive(subject, first=first, last=last)
        return (
            motive
            - 0.5 * context.fast
            - (0.3 if strong and _push_in_motive(subject) < 0.35 else 0.0)
            - (0.6 if strong and kind == "pull" else 0.0)
        )
    if kind in ("pan", "tilt"):
        return 0.25 - 0.5 * subject.holds_another - 0.4 * context.fast
    return 1.0 if kind == "scroll" else 0.0


def _push_in_motive(subject: PanelSubject) -> float:
    """Return how much a panel calls for a push-in: for a single face, or for one short line."""
    closeness_of_look = subject.look.closeness if subject.look else 0.4
    one = 0.18 if len(subject.needs) == 1 and subject.letters <= 14 else 0.0
    return 0.5 * closeness_of_look + one - 0.25 * (len(subject.needs) >= 3)


def _pull_out_motive(subject: PanelSubject, *, first: bool, last: bool) -> float:
    """Return how much a panel calls for a pull-out: for a place that opens a page, a crowd or a farewell."""
    closeness_of_look = subject.look.closeness if subject.look else 0.4
    detail = subject.look.detail if subject.look else 0.4
    wide = min(1.0, subject.size / 0.3)
    return 0.3 * first * wide + 0.2 * last + 0.3 * detail * wide - 0.4 * max(0.0, closeness_of_look - 0.4) - 0.1
