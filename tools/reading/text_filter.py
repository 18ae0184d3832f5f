"""Tell lettering from parts of the drawing that the recogniser mistook for writing."""

from __future__ import annotations

from collections.abc import Sequence

from tools.reading.lettering import Block
from tools.reading.writing_system import SPACED, count_letters, count_scripts, is_wordlike

LARGE_TYPE = 1.6
"""Two or three signs in type larger than this many times the page's usual size are drawing, not text."""
LARGE_SIGN = 1.25
"""The same limit for a single sign: its box is no higher than a line's, and mostly narrower."""
MIN_SIGN_CONFIDENCE = 0.85
"""A single sign that is read with less confidence is mostly not writing."""


def usual_type_size(blocks: Sequence[Block]) -> float:
    """Return the type size of most of a page's letters in page pixels, 0 for a page without lettering."""
    sizes = sorted((block.glyph, max(1, count_letters(_joined_text(block)))) for block in blocks)
    half, seen = sum(count for _, count in sizes) / 2, 0
    for glyph, count in sizes:
        seen += count
        if seen >= half:
            return glyph
    return 0.0


def has_content(block: Block) -> bool:
    """Return whether a block has content: letters, or marks that stand for speech (..., !?)."""
    text = _joined_text(block).strip()
    if count_letters(text):
        return True
    return block.confidence >= 0.6 and any(character in "…・.!?！？‥⋯" for character in text)


def is_noise(block: Block, language: str, *, enclosed: bool, usual: float = 0.0) -> bool:
    """Return whether a block is drawing mistaken for writing.

    In East Asian lettering that is a few Latin letters or one doubtful sign; elsewhere it is a few signs that are not a
    word. A row of one repeated letter is a screen of dots. Otherwise lettering in a balloon is text, even "OK" and "A".
    One doubtful sign and a few signs that are no word must also be in type no larger than usual, because a face and a
    clock have a round outline too.

    Args:
        block: The lettering.
        language: The language of the page.
        enclosed: Whether the block stands in a balloon.
        usual: The usual type size of the page in pixels, 0 if unknown.
    """
    text = _joined_text(block)
    counted = count_scripts([text])
    signs = [sign for sign in text if sign.isalnum() and sign.isascii()]
    if len(signs) >= 6 and max(signs.count(sign) for sign in set(signs)) > 0.7 * len(text):
        return True
    is_spaced = language in SPACED and language != "ko"
    few = 0 < count_letters(text) <= (3 if is_spaced else 4)
    foreign = counted["kana"] + counted["han"] == 0 and (is_spaced or not counted["hangul"])
    is_large = 0 < LARGE_TYPE * usual < block.glyph
    if is_spaced:
        if count_letters(text) == 1:
            return not enclosed or _is_doubtful_sign(block) or 0 < LARGE_SIGN * usual < block.glyph
        return few and foreign and (not enclosed or is_large) and not is_wordlike(text)
    if language not in ("ja", "zh", "ko"):
        return False
    if few and foreign:
        return not enclosed or is_large
    return _is_doubtful_sign(block) and (not enclosed or 0 < LARGE_SIGN * usual < block.glyph)


def _is_doubtful_sign(block: Block) -> bool:
    """Return whether a block is a single sign that is read with little confidence."""
    return count_letters(_joined_text(block)) == 1 and block.confidence < MIN_SIGN_CONFIDENCE


def _joined_text(block: Block) -> str:
    """Return the text of all lines of a block, joined."""
    return "".join(line.text for line in block.lines)
