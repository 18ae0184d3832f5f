"""Build the changes of what is heard in shots, from the parse trees of these changes."""

from __future__ import annotations

from collections.abc import Callable

from lark import Token, Tree

from agents.language.changes import child_trees, degree, is_terminal, number, terminals
from agents.language.clauses import Clause
from agents.language.tokens import unquote_mark

_BUSES = {"VOICE": "voice", "EFFECT": "effects", "SOUNDEFFECT": "effects", "AMBIENCE": "ambience", "MUSIC": "music"}
_LOUDER = ("LOUDER", "UP", "CLOSER")
_QUIETER = ("QUIETER", "DOWN", "WIDER", "LOWER")


def with_bus(clause: Clause, tree: Tree[Token]) -> Clause:
    """Return a change of a level with the bus that a tree of the rule `bus` names; the clause where it is all sound."""
    (token,) = tree.scan_values(lambda value: isinstance(value, Token))
    bus = _BUSES.get(token.type)
    return clause if bus is None else clause.with_field("bus", bus)


def with_cues(clause: Clause, tree: Tree[Token]) -> Clause:
    """Return a sound with what stands below a tree about its moment, its length and its level."""
    for child in child_trees(tree):
        if child.data in _CUES:
            name, read = _CUES[str(child.data)]
            clause = clause.with_field(name, read(child))
    return clause


def _of_bus(tree: Tree[Token], clause: Clause) -> Clause:
    found = next((child for child in child_trees(tree) if child.data in ("bus", "sound_bus")), None)
    return clause if found is None else with_bus(clause, found)


def _direction(tree: Tree[Token]) -> str:
    return "louder" if list(terminals(tree, *_LOUDER)) else "quieter"


def _made_louder(tree: Tree[Token]) -> Clause:
    return _of_bus(tree, Clause.of("louder", by=degree(tree) + _direction(tree)))


def _louder_by(tree: Tree[Token]) -> Clause:
    return _of_bus(tree, Clause.of("louder", by=f"{_direction(tree)} by {number(tree)}"))


def _signed(tree: Tree[Token]) -> str:
    return ("-" if list(terminals(tree, "DASH")) else "") + number(tree)


def _level(tree: Tree[Token]) -> Clause:
    return _of_bus(tree, Clause.of("level", gain=_signed(tree)))


def _source(tree: Tree[Token], kind: str) -> dict[str, str]:
    """Return what is heard below a tree: the field of a file, or the field `kind`."""
    for child in child_trees(tree):
        if child.data in ("heard", "file"):
            (token,) = child.scan_values(lambda value: isinstance(value, Token))
            return {"file": unquote_mark(str(token))} if child.data == "file" else {kind: str(token)}
    return {}


def _sound(tree: Tree[Token]) -> Clause:
    return with_cues(Clause.of("sound", **_source(tree, "kind")), tree)


_CUES: dict[str, tuple[str, Callable[[Tree[Token]], str]]] = {
    "cue_at": ("at", number), "cue_with": ("balloon", number), "cue_for": ("seconds", number),
    "cue_gain": ("gain", _signed),
}  # fmt: skip


def _no_sounds(tree: Tree[Token]) -> Clause:
    return Clause.of("no sounds", **_source(tree, "kind"))


def _ambience(tree: Tree[Token]) -> Clause:
    return Clause.of("place", **(_source(tree, "kind") or {"kind": "none"}))


def _music(tree: Tree[Token]) -> Clause:
    is_auto = bool(list(tree.scan_values(is_terminal("AUTO"))))
    return Clause.of("music", **(_source(tree, "mood") or {"mood": "auto" if is_auto else "none"}))


SOUND_CHANGES: dict[str, Callable[[Tree[Token]], Clause]] = {
    "made_louder": _made_louder,
    "louder_by": _louder_by,
    "level": _level,
    "mute": lambda tree: _of_bus(tree, Clause.of("mute")),
    "unmute": lambda tree: _of_bus(tree, Clause.of("unmute")),
    "sound": _sound,
    "no_sounds": _no_sounds,
    "ambience": _ambience,
    "music": _music,
}
"""What the changes mean that are about what is heard."""
