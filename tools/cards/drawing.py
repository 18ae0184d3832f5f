"""Draw the frames of a title card over the cover, of a chapter card and of the credits, with their fades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture
from PIL import ImageDraw

from storage.domain import Box, VideoFormat
from tools.cards import ChapterCard, CreditLine, EndCard, TitleCard
from tools.cards.typesetting import SetLine, TextStyle, blank_mask, set_text, to_mask
from tools.pixels import as_image, prepare_scale
from tools.plates import FrameFunction, Image, Mask
from tools.video.camera_path import ease_progress

TITLE_SECONDS, CHAPTER_SECONDS, END_SECONDS = 3.0, 1.75, 3.0
PUSH = 0.06
"""How much the camera moves in on the cover."""
LIGHT_UNDER_WORDS, LIGHT_ALONE = 0.34, 0.85
"""How bright the cover is under a title, and where it stands alone."""
INK = (244, 240, 232)
"""The colour of the letters, a warm white."""
_ANCHOR = 0.42
"""Where the middle of the view lies on a cover that is taller than the screen, as a share of what is cut off."""
_SMALLEST_SCALE = 0.4
_NARROW = 1.35
"""How much larger letters are on a narrow screen than its width alone would make them: phones are held closer."""


class TitleFilm:
    """A title card: out of black a slow push in on the dimmed cover, then the words, then black.

    Args:
        card: The words; where there is no title, the cover is shown without any.
        cover: The cover, (h, w, 3) RGB uint8.
        screen: The video format.
    """

    def __init__(self, card: TitleCard, cover: Image, screen: VideoFormat) -> None:
        self._ground, self._words = _TitleGround(card, cover, screen), draw_title(card, screen)

    def frame(self, t: float) -> Image:
        """Return the frame at t (0..1), (h, w, 3) RGB uint8."""
        light = fade(t, TITLE_SECONDS, opening=0.7, closing=0.5)
        opacity = ease_progress((t * TITLE_SECONDS - 0.5) / 0.7, "in-out")
        return dim(lay_words(self._ground.view(t), self._words, opacity), light)

    def poster(self) -> Image:
        """Return the card at full light, (h, w, 3) RGB uint8, as the film's poster."""
        return lay_words(self._ground.view(0.0), self._words, 1.0)


def chapter_frames(card: ChapterCard, screen: VideoFormat) -> FrameFunction:
    """Return the frames of a chapter card: words that come out of black and go back to it."""
    picture = _on_black(draw_chapter(card, screen))

    def frame(t: float) -> Image:
        return dim(picture, fade(t, CHAPTER_SECONDS, opening=0.4, closing=0.4))

    return frame


def end_frames(card: EndCard, screen: VideoFormat) -> FrameFunction:
    """Return the frames of the credits: they come slowly out of black and go slowly back to it."""
    picture = _on_black(draw_credits(card, screen))

    def frame(t: float) -> Image:
        return dim(picture, fade(t, END_SECONDS, opening=0.8, closing=0.8))

    return frame


def fade(t: float, seconds: float, *, opening: float, closing: float) -> float:
    """Return the light at time t (0..1) of a card that comes out of black and goes back to it, 0..1."""
    return min(ease_progress(t * seconds / opening, "in-out"), ease_progress((1.0 - t) * seconds / closing, "in-out"))


def lay_words(picture: Image, words: Mask, opacity: float) -> Image:
    """Return a picture with words over it, at an opacity of 0..1."""
    rows = np.flatnonzero(words.any(axis=1))
    if not rows.size or opacity <= 0:
        return picture
    lettered, band = picture.copy(), slice(rows[0], rows[-1] + 1)
    share = (words[band].astype(np.float32) * (opacity / 255.0))[..., np.newaxis]
    lettered[band] = as_image(picture[band].astype(np.float32) * (1.0 - share) + np.array(INK, np.float32) * share)
    return lettered


def dim(picture: Image, light: float) -> Image:
    """Return a picture at a light of 0 (black) to 1."""
    return picture if light >= 1 else as_image(cv2.convertScaleAbs(picture, alpha=light))


def _on_black(words: Mask) -> Image:
    return lay_words(np.zeros((*words.shape, 3), np.uint8), words, 1.0)


class _TitleGround:
    """The cover behind a title, prepared for a camera that moves in on it.

    It fills the screen, blurred and dimmed, so that its own lettering does not compete with the title. Without a title
    it is shown whole.
    """

    def __init__(self, card: TitleCard, cover: Image, screen: VideoFormat) -> None:
        width, height = screen.width, screen.height
        if not card.title:
            cover = _pad(cover, screen)
        page_height, page_width = cover.shape[:2]
        scale = max(width / page_width, height / page_height)
        wide, tall = width / scale, height / scale
        x0, y0 = (page_width - wide) / 2, (page_height - tall) * _ANCHOR
        region, page = Box(x0, y0, x0 + wide, y0 + tall), Box(0, 0, page_width, page_height)
        prepared = prepare_scale(cover, page, region, scale * (1 + PUSH))
        pixels = prepared.pixels
        if card.title:
            pixels = as_image(cv2.GaussianBlur(pixels, (0, 0), sigmaX=min(width, height) * 0.008))
        light = _shade(*pixels.shape[1::-1]) * LIGHT_UNDER_WORDS if card.title else LIGHT_ALONE
        self._picture = replace(prepared, pixels=as_image(pixels.astype(np.float32) * light))
        self._region, self._size = region, (width, height)

    def view(self, t: float) -> Image:
        """Return the cover as the camera sees it at time t (0..1)."""
        zoom, region = 1 + PUSH * t, self._region
        dx, dy = region.width * (1 - 1 / zoom) / 2, region.height * (1 - 1 / zoom) / 2
        return self._picture.sample(Box(region.x0 + dx, region.y0 + dy, region.x1 - dx, region.y1 - dy), self._size)


def _pad(cover: Image, screen: VideoFormat) -> Image:
    """Return a cover with black at its sides, or above and below it, so that it has the aspect of the screen."""
    height, width = cover.shape[:2]
    across = max(0, round((height * screen.aspect - width) / 2))
    down = max(0, round((width / screen.aspect - height) / 2))
    return as_image(cv2.copyMakeBorder(cover, down, down, across, across, cv2.BORDER_CONSTANT, value=(0, 0, 0)))


def _shade(width: int, height: int) -> NDArray[np.float32]:
    """Return how bright each place is, 1 in the middle and darker towards the corners, (h, w, 1)."""
    x = np.linspace(-1, 1, width, dtype=np.float32)[np.newaxis, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, np.newaxis]
    return np.asarray((1.0 - 0.28 * (x * x + y * y))[..., np.newaxis], np.float32)


def _unit(screen: VideoFormat) -> float:
    """Return the length in pixels that letters are measured by: the shorter side, and more on a tall narrow screen."""
    return min(screen.height, screen.width * _NARROW)


def draw_title(card: TitleCard, screen: VideoFormat) -> Mask:
    """Return the words of a title card as a mask, (h, w) uint8: title, rule, subtitle and byline."""
    width, height = screen.width, screen.height
    picture = blank_mask(width, height)
    if not card.title:
        return to_mask(picture)
    unit, room = _unit(screen), width * 0.82
    size, most_lines = (0.125, 2) if width >= height else (0.1, 4)
    title = set_text(card.title, TextStyle(round(unit * size)), room, most_lines=most_lines)
    subtitle = set_text(card.subtitle, TextStyle(round(unit * 0.046), tone=225), room)
    byline = set_text(card.byline, TextStyle(round(unit * 0.027), "sans", 190, 0.06), room)
    gap = round(unit * 0.055)
    blocks = [block for block in (title, subtitle, byline) if block]
    tall = sum(sum(line.height for line in block) for block in blocks) + gap * (len(blocks) - 1)
    y = height * 0.5 - tall / 2
    for at, block in enumerate(blocks):
        y = _draw_centred(picture, block, width / 2, y)
        if at == 0 and len(blocks) > 1:
            half, middle = unit * 0.045, round(y + gap / 2)
            thickness = max(1, round(unit * 0.0018))
            rule = (width / 2 - half, middle, width / 2 + half, middle + thickness - 1)
            ImageDraw.Draw(picture).rectangle(rule, fill=150)
        y += gap
    return to_mask(picture)


def draw_chapter(card: ChapterCard, screen: VideoFormat) -> Mask:
    """Return the words of a chapter card as a mask, (h, w) uint8."""
    picture = blank_mask(screen.width, screen.height)
    unit = _unit(screen)
    lines = set_text(card.title, TextStyle(round(unit * 0.062), tone=235, tracking=0.02), screen.width * 0.78)
    _draw_centred(picture, lines, screen.width / 2, screen.height / 2 - sum(line.height for line in lines) / 2)
    return to_mask(picture)


def draw_credits(card: EndCard, screen: VideoFormat) -> Mask:
    """Return the credits as a mask, (h, w) uint8, as large as they fit; where nothing helps, the last notes are cut."""
    picture = blank_mask(screen.width, screen.height)
    notes, scale = list(card.notes), 1.0
    while True:
        rows = _credit_rows(card, notes, screen, scale)
        tall = sum(row.height for row in rows)
        if tall <= screen.height * 0.86 or (scale <= _SMALLEST_SCALE and not notes):
            break
        if scale > _SMALLEST_SCALE:
            scale *= 0.93
        else:
            notes.pop()
    y = (screen.height - tall) / 2
    for row in rows:
        for line, x in row.placed:
            line.draw(picture, x, y + row.height / 2)
        y += row.height
    return to_mask(picture)


class _Row:
    """A row of lines side by side, or a gap."""

    def __init__(self, height: float, *placed: tuple[SetLine, float]) -> None:
        self.height, self.placed = height, placed


def _credit_rows(card: EndCard, notes: Sequence[str], screen: VideoFormat, scale: float) -> list[_Row]:
    """Return the rows of the credits: roles beside names, or above them where the screen is narrow."""
    unit = _unit(screen) * scale
    small = TextStyle(max(1, round(unit * 0.021)), "sans", 150, 0.02)
    rows: list[_Row] = []
    for credit in card.credits:
        rows += _credit_row(credit, screen, unit, beside=screen.width > screen.height)
    for text in notes:
        gap = unit * 0.07 if text is notes[0] and card.credits else 0.0
        rows += [_Row(gap)] if gap else []
        rows += [_centred_row(line, screen) for line in set_text(text, small, screen.width * 0.84)]
    if card.maker:
        rows += [_Row(unit * 0.07)] if rows else []
        look = TextStyle(max(1, round(unit * 0.03)), tone=220, tracking=0.04)
        rows += [_centred_row(line, screen) for line in set_text(card.maker, look, screen.width * 0.84)]
    return rows


def _credit_row(credit: CreditLine, screen: VideoFormat, unit: float, *, beside: bool) -> list[_Row]:
    role_look = TextStyle(max(1, round(unit * 0.024)), "sans", 150, 0.04)
    name_look = TextStyle(max(1, round(unit * 0.038)), tone=240)
    if not beside:
        lines = [*set_text(credit.role, role_look, screen.width * 0.84, most_lines=1),
                 *set_text(credit.names, name_look, screen.width * 0.84)]  # fmt: skip
        return [*(_centred_row(line, screen) for line in lines), _Row(unit * 0.026)]
    middle, gap = screen.width * 0.44, unit * 0.022
    roles = set_text(credit.role, role_look, screen.width * 0.36, most_lines=1)
    names = set_text(credit.names, name_look, screen.width * 0.46)
    rows = [_Row(line.height, (line, middle + gap)) for line in names]
    if rows and roles:
        rows[0] = _Row(rows[0].height, *rows[0].placed, (roles[0], middle - gap - roles[0].width))
    return [*rows, _Row(unit * 0.014)]


def _centred_row(line: SetLine, screen: VideoFormat) -> _Row:
    return _Row(line.height, (line, (screen.width - line.width) / 2))


def _draw_centred(canvas: Picture.Image, lines: Sequence[SetLine], x: float, y: float) -> float:
    """Draw lines below each other around `x`, from `y` on, and return where they end."""
    for line in lines:
        line.draw(canvas, x - line.width / 2, y + line.height / 2)
        y += line.height
    return y
