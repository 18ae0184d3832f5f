"""Convert Magi's answer for a page, together with our own lettering, into a page transcript.

Magi finds panels, texts, characters and tails, and says who speaks each text. It reads only English, so the text
itself comes from our own reader. Its boxes may reach over the edge of the page, its lists may differ in length and a
text may have several speakers, so everything is checked here. The model is not loaded here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from storage.domain import Appearance, Balloon, Box, Kind, PageTranscript, Panel, Point
from storage.errors import BackendError
from tools.geometry import gap, iou, overlap_area, overlap_box, union_box
from tools.plates import Image
from tools.reading.balloons import WhiteShapes, find_white_shapes, to_balloon
from tools.reading.lettering import Block, group_lines
from tools.reading.ocr import TextLine
from tools.reading.writing_system import count_letters, language_of

Answer = Mapping[str, object]
"""The model's answer for one page: lists, arrays or tensors by name."""
SAME_PANEL_IOU = 0.9
"""Two panels with this intersection over union are one panel, detected twice."""
MIN_CONFIDENCE = 0.6
"""Lettering that Magi did not find is kept from this confidence on.

A single letter is never kept; it is mostly a round thing in the drawing.
"""


@dataclass(frozen=True)
class MagiText:
    """One text that Magi found on a page."""

    box: Box
    essential: bool
    """Whether the text matters to the story."""
    tail: Point | None
    """The end of its balloon's tail, None if no tail was found."""
    speakers: tuple[int, ...]
    """Numbers of the characters who may speak it."""


@dataclass(frozen=True)
class MagiPage:
    """Magi's answer for a page, checked: every box lies on the page and every number refers to an existing item."""

    panels: tuple[Box, ...]
    texts: tuple[MagiText, ...]
    characters: dict[int, Box]
    """Boxes of the characters by number."""
    identities: dict[int, str]
    """Name of each character's identity on this page ("k0", "k1", ...), by number."""


def transcribe_magi(page: Image, answer: Answer, lines: Sequence[TextLine], *, language: str = "") -> PageTranscript:
    """Combine Magi's answer for a page with recognised lettering into a transcript.

    Args:
        page: The image of the page, (h, w, 3) RGB uint8.
        answer: Magi's answer.
        lines: The lettering of the page.
        language: The language of the book, "" if unknown.

    Returns:
        The transcript with provisional ids. Characters and speakers have names of this page alone ("k0", "k1", ...).

    Raises:
        BackendError: The answer makes no sense.
    """
    height, width = page.shape[:2]
    magi_page = parse_magi(answer, (height, width))
    return PageTranscript(
        index=0,
        image="",
        width=width,
        height=height,
        panels=tuple(Panel(id=f"p-{n}", order=n, box=box) for n, box in enumerate(magi_page.panels)),
        balloons=_make_balloons(page, magi_page, lines, language),
        characters=tuple(
            Appearance(id=f"c-{n}", box=box, character=magi_page.identities.get(n))
            for n, box in magi_page.characters.items()
        ),
    )


def parse_magi(answer: Answer, size: tuple[int, int]) -> MagiPage:
    """Check and convert Magi's answer; `size` is the page's (h, w).

    Raises:
        BackendError: A list is missing, or is not a list.
    """
    try:
        lists = {name: _to_list(answer[name]) for name in ("panels", "texts", "characters", "tails")}
        pairs = {name: _to_pairs(answer[f"text_{name}_associations"]) for name in ("character", "tail")}
        labels, essential = _to_list(answer["character_cluster_labels"]), _to_list(answer["is_essential_text"])
        boxes = {name: _clip_boxes(values, size) for name, values in lists.items()}
    except (KeyError, TypeError, ValueError, IndexError) as reason:
        raise BackendError(
            f"Magi's answer makes no sense ({type(reason).__name__}: {reason})",
            "another revision of it may answer as expected",
        ) from reason
    characters = boxes["characters"]
    texts = tuple(
        MagiText(
            box=box,
            essential=bool(essential[n]) if n < len(essential) else True,
            tail=_end(box, [boxes["tails"][t] for text, t in pairs["tail"] if text == n and t in boxes["tails"]]),
            speakers=tuple(c for text, c in pairs["character"] if text == n and c in characters),
        )
        for n, box in boxes["texts"].items()
    )
    identities = {n: f"k{int(labels[n])}" for n in characters if n < len(labels)}
    return MagiPage(_distinct_boxes(boxes["panels"].values()), texts, characters, identities)


def nearest_speaker(text: MagiText, characters: Mapping[int, Box]) -> int | None:
    """Return the number of the character who speaks a text, None if there is no candidate.

    Of several candidates this is the one nearest to the end of the tail, or to the text if no tail was found.
    """
    if not text.speakers:
        return None
    place = Box(*text.tail, *text.tail) if text.tail else text.box
    return min(text.speakers, key=lambda n: (gap(place, characters[n]), _distance(place.center, characters[n].center)))


def _to_list(values: Any) -> list[Any]:
    """Convert a tensor, an array or a list to a list."""
    return list(values.tolist() if hasattr(values, "tolist") else values)


def _to_pairs(values: object) -> list[tuple[int, int]]:
    """Convert an array of index pairs to a list of tuples."""
    return [(int(pair[0]), int(pair[1])) for pair in _to_list(values)]


def _clip_boxes(values: Sequence[object], size: tuple[int, int]) -> dict[int, Box]:
    """Return the boxes by number, clipped to the page; boxes outside the page or without area are left out."""
    page = Box(0.0, 0.0, float(size[1]), float(size[0]))
    kept = {n: overlap_box(Box(*(float(edge) for edge in _to_list(value)[:4])), page) for n, value in enumerate(values)}
    return {n: box for n, box in kept.items() if box is not None and min(box.width, box.height) >= 1}


def _distinct_boxes(boxes: Iterable[Box]) -> tuple[Box, ...]:
    """Return the boxes without duplicates."""
    kept: list[Box] = []
    for box in boxes:
        if all(iou(box, other) < SAME_PANEL_IOU for other in kept):
            kept.append(box)
    return tuple(kept)


def _distance(a: Point, b: Point) -> float:
    """Return the distance between two points."""
    return float(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5)


def _end(text: Box, tails: Sequence[Box]) -> Point | None:
    """Where a tail ends: going from the text's middle through the middle of the tail's box, where one leaves it."""
    if not tails:
        return None
    tail = tails[0]
    (x0, y0), (x1, y1) = text.center, tail.center
    dx, dy = x1 - x0, y1 - y0
    reach = min(
        tail.width / 2 / abs(dx) if dx else float("inf"),
        tail.height / 2 / abs(dy) if dy else float("inf"),
    )
    return (x1 + dx * reach, y1 + dy * reach) if reach != float("inf") else (x1, y1)


def _make_balloons(page: Image, magi_page: MagiPage, lines: Sequence[TextLine], hint: str) -> tuple[Balloon, ...]:
    """Return every text with the lettering in it, then the lettering that lies in no text."""
    texts_around = {id(line): _find_text_around(line.box, magi_page.texts) for line in lines}
    shapes = find_white_shapes(page, lines)

    def are_separate(a: TextLine, b: TextLine) -> bool:
        one, two = texts_around[id(a)], texts_around[id(b)]
        return one != two or (one is None and shapes.are_in_different_balloons(a, b))

    blocks = group_lines(lines, are_separate)
    owner = {n: texts_around[id(block.lines[0])] for n, block in enumerate(blocks)}
    page_language = language_of([line.text for block in blocks for line in block.lines], hint)
    typical = median([block.glyph for block in blocks]) if blocks else 1.0
    balloons: list[Balloon] = []
    for n, text in enumerate(magi_page.texts):
        own_blocks = [block for at, block in enumerate(blocks) if owner[at] == n]
        balloons.append(
            _make_balloon(text, own_blocks, magi_page, shapes, (len(balloons), typical, page_language), page.shape[:2])
        )
    for at, block in enumerate(blocks):
        if owner[at] is None and _is_certain_lettering(block):
            number = len(balloons)
            size = (page.shape[0], page.shape[1])
            balloons.append(
                to_balloon(block, shapes, number=number, typical=typical, language=page_language, size=size)
            )
    return tuple(balloons)


def _find_text_around(line: Box, texts: Sequence[MagiText]) -> int | None:
    """Return the number of the text that holds most of a line, None if no text holds half of it."""
    shares = {n: overlap_area(line, text.box) for n, text in enumerate(texts)}
    best = max(shares, key=lambda n: shares[n], default=None)
    return best if best is not None and 2 * shares[best] >= line.area else None


def _make_balloon(
    text: MagiText,
    blocks: list[Block],
    magi_page: MagiPage,
    shapes: WhiteShapes,
    page_wide: tuple[int, float, str],
    size: Sequence[int],
) -> Balloon:
    """Convert one of Magi's texts to a balloon with the lettering of the blocks in it."""
    number, typical, page_language = page_wide
    speaker = nearest_speaker(text, magi_page.characters)
    name = magi_page.identities.get(speaker) if speaker is not None else None
    if not blocks:
        kind: Kind = "speech" if text.essential else "sound"
        return Balloon(
            id=f"t-{number}", order=number, box=text.box, kind=kind, confidence=0.0, speaker=name, tail=text.tail
        )
    block = _merge_blocks(blocks)
    shape = (int(size[0]), int(size[1]))
    balloon = to_balloon(block, shapes, number=number, typical=typical, language=page_language, size=shape)
    box = overlap_box(union_box([text.box, block.box]), Box(0.0, 0.0, float(shape[1]), float(shape[0])))
    kind = _classify(balloon, text.essential)
    return balloon.model_copy(update={"box": box or text.box, "kind": kind, "speaker": name, "tail": text.tail})


def _is_certain_lettering(block: Block) -> bool:
    """Return whether a block is certainly lettering: more than one letter, read with enough confidence."""
    return count_letters("".join(line.text for line in block.lines)) > 1 and block.confidence >= MIN_CONFIDENCE


def _merge_blocks(blocks: list[Block]) -> Block:
    """Merge the blocks of one text in reading order: columns from the right, rows from the top."""
    weights = [sum(len(line.text) for line in block.lines) for block in blocks]
    vertical = sum(w if b.vertical else -w for w, b in zip(weights, blocks, strict=True)) > 0
    ordered = sorted(blocks, key=lambda b: (-b.box.x1, b.box.y0) if vertical else (b.box.y0, b.box.x0))
    return Block(
        lines=tuple(line for block in ordered for line in block.lines),
        vertical=vertical,
        glyph=float(median(block.glyph for block in ordered for _ in block.lines)),
    )


def _classify(balloon: Balloon, essential: bool) -> Kind:
    """Classify a balloon: essential text is speech or a caption, other text is a sound or writing in the drawing."""
    if essential:
        return "caption" if balloon.kind == "caption" else "speech"
    return "other" if balloon.outline else "sound"
