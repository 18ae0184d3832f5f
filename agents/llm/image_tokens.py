"""Estimate how many tokens an image takes, from a table of models as of the date `AS_OF`."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

AS_OF = "2026-06"


class ImageTokenRule(NamedTuple):
    """How a model family counts the tokens of an image.

    An image costs `base` tokens plus `each` for every square of `side` pixels, of which at most `most` are counted
    (0: no limit). Where `shortest` is not 0, the image is first scaled down until its shorter side has that many
    pixels.
    """

    base: float
    each: float
    side: int = 512
    shortest: int = 0
    most: int = 0


USUAL = ImageTokenRule(1700, 0.5, 16)
"""Rule for an unknown model, rather too high. Measured counts correct it, see `agents.llm.client`."""
TABLE = {
    "gpt-4o": ImageTokenRule(85, 170, 512, 768),
    "gpt-4o-mini": ImageTokenRule(2833, 5667, 512, 768),
    "gpt-4.1": ImageTokenRule(85, 170, 512, 768),
    "gpt-4.1-mini": ImageTokenRule(0, 1.62, 32, most=1536),
    "gpt-4.1-nano": ImageTokenRule(0, 2.46, 32, most=1536),
    "gpt-5": ImageTokenRule(70, 140, 512, 768),
    "gpt-5-mini": ImageTokenRule(0, 1.62, 32, most=1536),
    "gpt-5-nano": ImageTokenRule(0, 2.46, 32, most=1536),
    "o3": ImageTokenRule(75, 150, 512, 768),
    "o4-mini": ImageTokenRule(0, 1.72, 32, most=1536),
    "gemma3": ImageTokenRule(280, 0),
    "gemma-3": ImageTokenRule(280, 0),
    "llama3.2": ImageTokenRule(0, 1610, 560, most=4),
    "llama-3.2": ImageTokenRule(0, 1610, 560, most=4),
    "pixtral": ImageTokenRule(100, 1, 16),
}
"""Rules by name of a model or its family. The longest entry that a model's name begins with counts."""


def image_tokens(model: str, width: int, height: int) -> int:
    """Return about how many tokens a model counts for an image of `width` x `height` pixels."""
    name = model.rpartition("/")[2].lower()
    known = [family for family in TABLE if name.startswith(family) and name[len(family) :][:1] in ("", *"-:_@")]
    rule = TABLE[max(known, key=len)] if known else USUAL
    scale = min(1.0, rule.shortest / min(width, height)) if rule.shortest else 1.0
    squares = ceil(width * scale / rule.side) * ceil(height * scale / rule.side)
    return round(rule.base + rule.each * (min(squares, rule.most) if rule.most else squares))
