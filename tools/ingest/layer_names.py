"""Tell what a layer of an artist's file holds, from its name or the names of its groups, in English and Japanese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

LayerRole = Literal["ground", "figure", "balloon", "lettering", "frame"]

NAMES: dict[LayerRole, tuple[str, ...]] = {
    "frame": ("frame", "frames", "border", "borders", "gutter", "コマ枠", "枠線", "枠"),
    "balloon": ("balloon", "balloons", "bubble", "bubbles", "フキダシ", "吹き出し", "吹出し", "ふきだし"),
    "lettering": (
        "text", "texts", "letter", "letters", "lettering", "dialog", "dialogue", "words", "sfx", "sound", "sounds",
        "文字", "セリフ", "台詞", "せりふ", "テキスト", "写植", "効果音", "オノマトペ", "ナレーション",
    ),
    "figure": (
        "character", "characters", "chara", "char", "chars", "figure", "figures", "person", "people", "fg",
        "foreground", "人物", "キャラ", "前景", "手前",
    ),
    "ground": (
        "background", "backgrounds", "bg", "back", "ground", "scenery", "landscape", "sky", "haikei",
        "背景", "遠景", "中景", "風景",
    ),
}  # fmt: skip
"""Words in the names of layers, by what such a layer holds; the first role with a word in a name wins. Latin words
stand alone ("bg 2"), Japanese ones anywhere ("背景線画").
"""
_MISREAD = ("utf-8", "shift_jis", "gb18030")
"""Encodings of names that files without Unicode names may have; they are read as Mac Roman at first."""


def role_of_name(name: str) -> LayerRole | None:
    """Return what a layer with this name holds; None for a name that says nothing, such as "Layer 3"."""
    return next((role for said in _readings(name) if (role := _role_of(said)) is not None), None)


def role_of_names(names: Sequence[str]) -> LayerRole | None:
    """Return what a layer holds by its own name, or else by the nearest group with a telling one; innermost first."""
    return next((role for name in names if (role := role_of_name(name)) is not None), None)


def roles_by_order(named: Sequence[LayerRole | None]) -> list[LayerRole]:
    """Return the roles of layers from the lowest to the highest: those without a role have that of the one below.

    The lowest ones without a role are ground.
    """
    roles: list[LayerRole] = []
    for role in named:
        roles.append(role or (roles[-1] if roles else "ground"))
    return roles


def _role_of(name: str) -> LayerRole | None:
    folded = unicodedata.normalize("NFKC", name).casefold()
    words = set(re.findall(r"[a-z]+", folded))
    for role, known in NAMES.items():
        if any(word in words if word.isascii() else word in folded for word in known):
            return role
    return None


def _readings(name: str) -> list[str]:
    """Return a name as it stands, and as it reads in encodings that it may have been misread from."""
    readings = [name]
    for encoding in _MISREAD:
        try:
            readings.append(name.encode("mac_roman").decode(encoding))
        except UnicodeError:
            continue
    return readings
