"""Build the changes of shots that have values of their own, from the parse trees of these changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lark import Token, Tree

from agents.language.clauses import Clause
from agents.language.tokens import unquote_mark

_PLACES = {"WHOLE": "whole", "CENTER": "center", "LEFT": "left", "RIGHT": "right", "TOP": "top", "BOTTOM": "bottom",
           "UP": "top", "DOWN": "bottom", "UPPER": "upper", "LOWER": "lower"}  # fmt: skip
_AMOUNTS = ("amount", "one_second", "half_second", "and_half")


def child_trees(tree: Tree[Token]) -> Iterator[Tree[Token]]:
    """Yield the trees that stand directly below a tree."""
    return (child for child in tree.children if isinstance(child, Tree))


def terminals(tree: Tree[Token], *kinds: str) -> Iterator[Token]:
    """Yield the terminals of some kinds that stand directly below a tree."""
    return (child for child in tree.children if isinstance(child, Token) and child.type in kinds)


def is_terminal(*kinds: str) -> Callable[[object], bool]:
    """Return a test for terminals of some kinds."""
    return lambda value: isinstance(value, Token) and value.type in kinds


def degree(tree: Tree[Token]) -> str:
    """Return "much ", "slightly " or "" for the degree of a change."""
    return "much " if list(terminals(tree, "MUCH")) else "slightly " if list(terminals(tree, "BIT")) else ""


def number(tree: Tree[Token]) -> str:
    """Return the number below a tree."""
    return str(next(terminals(tree, "NUMBER", "DECIMAL")))


def span_text(tree: Tree[Token]) -> str:
    """Return a shot, or the first and the last of a range, such as "3-6"."""
    return "-".join(str(token) for token in terminals(tree, "NUMBER", "SHOTID"))


def page_spans(tree: Tree[Token]) -> list[str]:
    """Return the pages, or the ranges of pages, below a tree."""
    return ["-".join(str(token) for token in terminals(span, "NUMBER")) for span in child_trees(tree)]


def shot_number(tree: Tree[Token]) -> str:
    """Return the number of the one shot below a tree."""
    return str(next(terminals(tree, "NUMBER", "SHOTID")))


def place_words(tree: Tree[Token]) -> str:
    """Return the place that a tree names, such as "upper left"."""
    words = [_PLACES[token.type] for token in tree.children if isinstance(token, Token)]
    if len(words) == 2:
        words[0] = {"top": "upper", "bottom": "lower"}.get(words[0], words[0])
    return " ".join(words)


def amount_seconds(tree: Tree[Token]) -> str:
    """Return the seconds of the amount below a tree."""
    amount = next(child for child in child_trees(tree) if child.data in _AMOUNTS)
    kind = str(amount.data)
    if kind == "one_second":
        return "1"
    return "0.5" if kind == "half_second" else number(amount) + (".5" if kind == "and_half" else "")


def _lengthened(tree: Tree[Token]) -> Clause:
    sign = "" if list(terminals(tree, "LONGER", "SLOWER")) else "-"
    return Clause.of("longer", by=sign + amount_seconds(tree))


def _lengthened_by(tree: Tree[Token]) -> Clause:
    return Clause.of("longer", by=("" if list(terminals(tree, "LONGER")) else "-") + number(tree))


def _times_shorter(tree: Tree[Token]) -> Clause:
    times = float(number(tree))
    return Clause.of("pace", factor=f"{1 / times:.4g}" if times else "0")


def capability(tree: Tree[Token]) -> str:
    """Return the capability that a tree names: outpaint or animate."""
    return str(next(tree.scan_values(is_terminal("OUTPAINT", "ANIMATE"))).type.lower())


def _share(tree: Tree[Token]) -> Clause:
    token = next(terminals(tree, "NUMBER", "DECIMAL", "PERCENT", "DEFAULT"))
    return Clause.of("generated", share="default" if token.type == "DEFAULT" else str(token))


def _without(tree: Tree[Token]) -> Clause:
    words = unquote_mark(str(next(terminals(tree, "TEXT", "QUOTED"))))
    return Clause.of("without", capability=capability(tree), words=words)


def _seed(tree: Tree[Token]) -> Clause:
    return Clause.of("seed", seed=next((str(token) for token in terminals(tree, "NUMBER")), "next"))


def _clean(tree: Tree[Token]) -> Clause:
    parts = tree.scan_values(is_terminal("FRAME", "SLIVERS", "LETTERING", "NOTHING"))
    return Clause.of("clean", parts=" ".join(token.type.lower() for token in parts))


def _ground(tree: Tree[Token]) -> Clause:
    fills = is_terminal("AUTO", "TONE", "BLUR", "PAPER", "PAGE")
    return Clause.of("ground", fill=next(tree.scan_values(fills)).type.lower())


def _text_of(do: str) -> Callable[[Tree[Token]], Clause]:
    return lambda tree: Clause.of(do, prompt=unquote_mark(str(next(terminals(tree, "TEXT", "QUOTED")))))


def _color_mode(tree: Tree[Token]) -> Clause:
    words = {"ON": "on", "NOTHING": "none", "DEFAULT": "default"}
    return Clause.of("color", mode=words[next(terminals(tree, *words)).type])


def numbered(do: str, name: str) -> Callable[[Tree[Token]], Clause]:
    """Return a builder of a clause with one number as a field."""
    return lambda tree: Clause(do, ((name, str(next(terminals(tree, "NUMBER")))),))


def _real_of(do: str, name: str) -> Callable[[Tree[Token]], Clause]:
    return lambda tree: Clause(do, ((name, number(tree)),))


def _mouth(tree: Tree[Token]) -> Clause:
    for thing in child_trees(tree):
        words = thing.scan_values(lambda value: isinstance(value, Token))
        return Clause.of("mouth", character=unquote_mark(" ".join(str(word) for word in words)))
    return Clause.of("mouth")


CHANGES: dict[str, Callable[[Tree[Token]], Clause]] = {
    "pace_number": _real_of("pace", "factor"),
    "times_longer": _real_of("pace", "factor"),
    "times_shorter": _times_shorter,
    "twice_longer": lambda tree: Clause.of("pace", factor="2"),
    "twice_shorter": lambda tree: Clause.of("pace", factor="0.5"),
    "seconds": _real_of("seconds", "seconds"),
    "longer": lambda tree: Clause.of("longer", by=amount_seconds(tree)),
    "lengthened": _lengthened,
    "lengthened_by": _lengthened_by,
    "more_seconds": _real_of("longer", "by"),
    "zoom_number": _real_of("zoom", "by"),
    "on_balloon": numbered("frame", "balloon"),
    "on_panel": numbered("frame", "panel"),
    "split_at": _real_of("split", "at"),
    "clean": _clean,
    "ground": _ground,
    "color": _text_of("color"),
    "color_mode": _color_mode,
    "prompt": _text_of("prompt"),
    "painted": _text_of("painted"),
    "without": _without,
    "seed": _seed,
    "generated": _share,
    "mouth": _mouth,
    "drop_line": numbered("drop line", "balloon"),
    "read_line": numbered("read line", "balloon"),
    "take": numbered("take", "take"),
}
"""What the changes mean that have values of their own."""
