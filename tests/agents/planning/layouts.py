"""Generate random books from a seed: pages cut into panels, with balloons in reading order. Draws nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from storage.domain import Balloon, Box, Order, PageTranscript, Panel, Transcript

GUTTER = 12.0
WORDS = "あの日からずっと空を見ていた鳥は歌をわすれないと君が言ったから今日もまた窓をあける"


def page_of(
    boxes: list[Box],
    lines: Sequence[tuple[Box, int | None, str]] = (),
    *,
    index: int = 0,
    size: tuple[int, int] = (830, 1170),
) -> PageTranscript:
    """A page with panels in the given order and lines as (box, number of its panel or None, text)."""
    panels = tuple(Panel(id=f"p{index}-{n}", order=n, box=box) for n, box in enumerate(boxes))
    texts = tuple(
        Balloon(
            id=f"t{index}-{n}",
            order=n,
            box=box,
            panel=None if home is None else f"p{index}-{home}",
            text=text,
            language="ja",
        )
        for n, (box, home, text) in enumerate(lines)
    )
    return PageTranscript(
        index=index, image=f"{index:03d}.png", width=size[0], height=size[1], panels=panels, balloons=texts
    )


def book(*pages: PageTranscript, order: Order = "rtl") -> Transcript:
    """Return a book of these pages."""
    return Transcript(order=order, backend="corrected", pages=pages)


def random_book(seed: int, order: Order, pages: int = 4) -> Transcript:
    """Return a book of randomly cut pages; some panels bleed, hold an inset, or let a balloon extend beyond them."""
    luck = random.Random(seed)
    return book(*(random_page(luck, index, order) for index in range(pages)), order=order)


def random_page(luck: random.Random, index: int, order: Order) -> PageTranscript:
    """Return one page: now and then a spread, and a long strip where the order is vertical."""
    if order == "vertical":
        return _strip(luck, index)
    width, height = (1660, 1170) if luck.random() < 0.15 else (830, 1170)
    if luck.random() < 0.1:
        boxes = [Box(0, 0, width, height)]
    else:
        boxes = list(_cut(luck, Box(40, 40, width - 40, height - 40), order, 0, down=True))
    if luck.random() < 0.4:
        boxes = _with_inset(luck, boxes)
    return page_of(boxes, _said(luck, boxes, order), index=index, size=(width, height))


def _strip(luck: random.Random, index: int) -> PageTranscript:
    boxes, top = [], 0.0
    for _ in range(luck.randint(2, 6)):
        high = luck.choice([300.0, 520.0, 900.0, 2600.0])
        left = luck.choice([0.0, 0.0, 90.0])
        boxes.append(Box(left, top, 800 - left, top + high))
        top += high + luck.choice([20.0, 160.0])
    return page_of(boxes, _said(luck, boxes, "vertical"), index=index, size=(800, int(top)))


def _cut(luck: random.Random, box: Box, order: Order, depth: int, *, down: bool) -> Iterator[Box]:
    length = box.height if down else box.width
    parts = luck.choice([1, 2, 2, 3] if depth else [2, 3, 3, 4])
    if parts == 1 or length / parts < 110 or depth > 2:
        yield box
        return
    shares = [luck.uniform(0.6, 1.6) for _ in range(parts)]
    room = length - GUTTER * (parts - 1)
    at, pieces = 0.0, []
    for share in shares:
        size = room * share / sum(shares)
        if down:
            pieces.append(Box(box.x0, box.y0 + at, box.x1, box.y0 + at + size))
        else:
            pieces.append(Box(box.x0 + at, box.y0, box.x0 + at + size, box.y1))
        at += size + GUTTER
    if not down and order == "rtl":
        pieces.reverse()
    for piece in pieces:
        yield from _cut(luck, piece, order, depth + 1, down=not down)


def _with_inset(luck: random.Random, boxes: list[Box]) -> list[Box]:
    host = max(range(len(boxes)), key=lambda n: boxes[n].area)
    b = boxes[host]
    w, h = b.width * luck.uniform(0.2, 0.45), b.height * luck.uniform(0.2, 0.45)
    x, y = luck.choice([b.x0 + 5, b.x1 - w - 5]), luck.choice([b.y0 + 5, b.y1 - h - 5])
    return [*boxes[: host + 1], Box(x, y, x + w, y + h), *boxes[host + 1 :]]


def _said(luck: random.Random, boxes: list[Box], order: Order) -> list[tuple[Box, int | None, str]]:
    said: list[tuple[Box, int | None, str]] = []
    for number, box in enumerate(boxes):
        count = luck.choice([0, 1, 1, 2, 3, 5])
        for place in range(count):
            text = "".join(luck.choice(WORDS) for _ in range(luck.randint(2, 24)))
            w, h = min(box.width * 0.8, 24.0 * (1 + len(text) // 7)), min(box.height * 0.8, 22.0 * min(7, len(text)))
            across = (place + luck.random()) / count
            across = 1 - across if order == "rtl" else across
            x = box.x0 + across * (box.width - w) + (luck.uniform(-25, 25) if luck.random() < 0.2 else 0)
            y = box.y0 + luck.random() * (box.height - h)
            said.append((Box(x, y, x + w, y + h), number, text))
    if boxes and luck.random() < 0.3:
        b = luck.choice(boxes)
        said.append((Box(b.x0 - 30, b.y1 - 20, b.x0 + 20, b.y1 + 60), None, "そとのこえ"))
    return said
