"""Build what a sentence asks for from one parse tree of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from lark import Token, Tree

from agents.language.changes import (
    CHANGES,
    amount_seconds,
    capability,
    child_trees,
    degree,
    is_terminal,
    number,
    numbered,
    page_spans,
    place_words,
    shot_number,
    span_text,
    terminals,
)
from agents.language.clauses import IT, NTH, Clause, Meaning
from agents.language.sounds import SOUND_CHANGES, with_bus, with_cues
from agents.language.tokens import unquote_mark

_PACES = {"SLOWER": "slower", "LONGER": "slower", "FASTER": "faster", "SHORTER": "faster"}
_ZOOMS = {"CLOSER": "closer", "WIDER": "wider"}
_VERB_PAIRS = {
    ("slower", "down"): Clause.of("pace", factor="slower"),
    ("faster", "up"): Clause.of("pace", factor="faster"),
    **dict.fromkeys([("begins", "out"), ("drop", "out"), ("begins", "away")], Clause.of("drop")),
    **dict.fromkeys([("begins", "back"), ("restore", "back")], Clause.of("restore")),
    **dict.fromkeys([("begins", "together"), ("merge shots", "together")], Clause.of("merge shots")),
}  # fmt: skip
"""Verbs of two words with the shots between them."""
_SIMPLE: dict[str, Clause] = {
    **{name: Clause.of(name) for name in ("drop", "restore", "lock", "unlock", "split")},
    "merge": Clause.of("merge shots"), "swap": Clause.of("swap shots"),
    **{name: Clause.of("move", kind=name.replace("_", " ")) for name in (
        "hold", "push_in", "pull_out", "pan_left", "pan_right", "tilt_up", "tilt_down")},
    "cut": Clause.of("transition", kind="cut"), "dissolve": Clause.of("transition", kind="dissolve"),
    "lettering_timed": Clause.of("lettering", mode="timed"), "lettering_drawn": Clause.of("lettering", mode="drawn"),
    "lettering_pop": Clause.of("lettering", mode="pop"),
    "lines_on": Clause.of("lines", on="on"), "lines_off": Clause.of("lines", on="off"),
    "no_effects": Clause.of("no effects"),
    "no_color": Clause.of("color", mode="none"), "no_redraw": Clause.of("redraw"), "no_poses": Clause.of("no poses"),
    "no_mouth": Clause.of("mouth", on="off"),
    "half": Clause.of("pace", factor="0.5"),
    "pace_slow": Clause.of("pace", factor="slow"), "pace_fast": Clause.of("pace", factor="fast"),
    "slower_verb": Clause.of("pace", factor="slower"), "faster_verb": Clause.of("pace", factor="faster"),
    **{name: Clause.of(f"@{name}") for name in ("begins", "out", "away", "back", "down", "up", "together")},
}  # fmt: skip
"""Rules of the grammar that always mean the same; those with an @ mean nothing without a second verb."""
_UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")


class MeaningBuilder:
    """Builds the meaning of the parse trees of one sentence."""

    def __init__(self, text: str) -> None:
        self._text = text

    def build(self, tree: Tree[Token]) -> Meaning:
        """Return what a tree asks for; empty if its parts do not belong together."""
        return tuple(self._request(tree))

    def _request(self, tree: Tree[Token]) -> Iterator[Clause]:
        kind = str(tree.data)
        if kind in ("edits", "stepped"):
            for child in child_trees(tree):
                yield from (self._step(child),) if child.data in ("undo", "redo") else self._clauses(child)
        elif kind == "asked":
            yield self._question(next(child_trees(tree)))
        elif kind == "choice":
            yield Clause.of("choose", number=str(next(terminals(tree, "NUMBER", "ORDINAL"))))
        else:
            yield Clause.of(kind.replace("_", " "))

    def _clauses(self, tree: Tree[Token]) -> Iterator[Clause]:
        found = [clause for child in child_trees(tree) for clause in self._clause(child)]
        if len(found) > 1 and any(_is_of_one(clause) for clause in found):
            raise NoMeaningError
        yield from found

    def _clause(self, tree: Tree[Token]) -> Iterator[Clause]:
        kind = str(tree.data)
        if kind in ("shots_first", "verb_first"):
            parts = list(child_trees(tree))
            at = 0 if kind == "shots_first" else 1
            changes = [self._change(part) for place, part in enumerate(parts) if place != at]
            yield from self._on_shots(parts[at], changes)
        elif kind == "without_shots":
            yield self._change(next(child_trees(tree))).with_field("which", IT)
        elif kind == "verb_split":
            first, shots, last = child_trees(tree)
            pair = self._verb_name(first), self._verb_name(last)
            yield from self._on_shots(shots, [_VERB_PAIRS.get(pair, Clause.of("@"))])
        else:
            yield from getattr(self, f"_{kind}")(tree)

    def _verb_name(self, tree: Tree[Token]) -> str:
        clause = self._change(tree)
        return clause.get("factor") or clause.do.removeprefix("@")

    def _on_shots(self, shots: Tree[Token], changes: Sequence[Clause]) -> Iterator[Clause]:
        if any(change.do.startswith("@") for change in changes):
            raise NoMeaningError
        for which in self.selectors(shots):
            if which.startswith("page") and any(change.do == "drop line" for change in changes):
                _require_drop(self._text)  # "delete balloon 5" of a page is a correction of the reading
            yield from (Clause(change.do, (("which", which), *change.fields)) for change in changes)

    def selectors(self, tree: Tree[Token]) -> list[str]:
        """Return the selectors that a tree of shots stands for."""
        kind = str(tree.data)
        if kind == "numbered":
            spans = [span_text(child) for child in child_trees(tree)]
            single = len(spans) == 1 and "-" not in spans[0]
            return [f"shot{'' if single else 's'} {', '.join(spans)}"]
        if kind == "page_shots":
            return [f"page {span}" for span in page_spans(next(child_trees(tree)))]
        if kind == "group":
            return [self._group(tree)]
        if kind == "nth":
            return [NTH + str(next(terminals(tree, "ORDINAL")))]
        return [IT if kind == "it" else "film"]

    def _group(self, tree: Tree[Token]) -> str:
        kinds = {str(child.data) for child in child_trees(tree)}
        words = ["all"]
        words += [
            name for mark, name in (("close_up", "close-ups"), ("wide", "wides"), ("silent", "silent")) if mark in kinds
        ]
        words += ["shots"] if not kinds & {"close_up", "wide"} else []
        for child in child_trees(tree):
            if child.data == "of_pages":
                words += ["of", f"page {page_spans(next(child_trees(child)))[0]}"]
            elif child.data == "of_name":
                words += ["of", self._quoted_name(next(child_trees(child)))]
        return " ".join(words)

    def _quoted_name(self, tree: Tree[Token]) -> str:
        name = self._raw(tree)
        return name if name[0] in '"“„「' or re.fullmatch(r"[\w.-]+", name) else f'"{name}"'

    def _raw(self, tree: Tree[Token]) -> str:
        tokens = list(tree.scan_values(lambda value: isinstance(value, Token)))
        return self._text[tokens[0].start_pos : tokens[-1].end_pos].strip()

    def _change(self, tree: Tree[Token]) -> Clause:
        kind = str(tree.data)
        if kind in _SIMPLE and not (kind == "split" and list(terminals(tree, "NUMBER"))):
            clause = _SIMPLE[kind]
            if kind.startswith("pace_") and list(terminals(tree, "VERY")):
                return Clause.of("pace", factor=f"very {clause.get('factor')}")
            return clause
        if build := CHANGES.get(kind) or SOUND_CHANGES.get(kind):
            return build(tree)
        return getattr(self, f"_{kind}")(tree)  # type: ignore[no-any-return]

    def _pace(self, tree: Tree[Token]) -> Clause:
        return Clause.of("pace", factor=degree(tree) + next(_PACES[token.type] for token in terminals(tree, *_PACES)))

    def _zoom(self, tree: Tree[Token]) -> Clause:
        return Clause.of("zoom", by=degree(tree) + next(_ZOOMS[token.type] for token in terminals(tree, *_ZOOMS)))

    def _frame(self, tree: Tree[Token]) -> Clause:
        return Clause.of("frame", place=place_words(next(child_trees(tree))))

    def _on_box(self, tree: Tree[Token]) -> Clause:
        return Clause.of("frame", box=self._raw(next(child_trees(tree))))

    def _on_thing(self, tree: Tree[Token]) -> Clause:
        return self._look(next(child_trees(tree)))

    def _look(self, tree: Tree[Token]) -> Clause:
        raw = self._raw(tree)
        is_name = len(list(tree.scan_values(lambda value: isinstance(value, Token)))) == 1
        return Clause.of("frame", character=unquote_mark(raw)) if is_name else Clause.of("look", thing=raw)

    def _backend(self, tree: Tree[Token]) -> Clause:
        *_, name = child_trees(tree)
        word = next(name.scan_values(lambda value: isinstance(value, Token)))
        standard = word.type.lower() if word.type in ("STILL", "DEFAULT") else str(word)
        return Clause.of("backend", capability=capability(tree), name=standard)

    def _effect(self, tree: Tree[Token]) -> Clause:
        parts = {str(child.data): child for child in child_trees(tree)}
        clause = Clause.of("effect", kind=self._raw(parts["effect_kind"]))
        if "strength" in parts:
            clause = clause.with_field("strength", self._raw(parts["strength"]))
        return self._placed(clause, parts)

    def _redraw(self, tree: Tree[Token]) -> Clause:
        clause = Clause.of("redraw", prompt=unquote_mark(str(next(terminals(tree, "TEXT", "QUOTED")))))
        parts = {str(child.data): child for child in child_trees(tree)}
        if "thing" in parts and list(terminals(parts["thing"], "QUOTED")):
            return clause.with_field("thing", unquote_mark(self._raw(parts["thing"])))
        return self._placed(clause, parts)

    def _pose(self, tree: Tree[Token]) -> Clause:
        quoted = next(terminals(tree, "QUOTED"), None)
        numbers = [str(number) for number in terminals(tree, "NUMBER", "DECIMAL")]
        if quoted is None:
            clause = Clause.of("pose", panel=numbers.pop(0))
        else:
            clause = Clause.of("pose", prompt=unquote_mark(str(quoted)))
        return clause.with_field("at", numbers[0]) if numbers else clause

    def _placed(self, clause: Clause, parts: Mapping[str, Tree[Token]]) -> Clause:
        """Return the clause of a change at a place, which is one of the parts of its sentence, if any."""
        if "box" in parts:
            clause = clause.with_field("box", self._raw(parts["box"]))
        if "place" in parts:
            clause = clause.with_field("place", place_words(parts["place"]))
        return clause.with_field("character", unquote_mark(self._raw(parts["thing"]))) if "thing" in parts else clause

    def _impact(self, tree: Tree[Token]) -> Clause:
        clause = Clause.of("effect", kind="impact")
        for strength in child_trees(tree):
            clause = clause.with_field("strength", self._raw(strength))
        moment = next(terminals(tree, "NUMBER", "DECIMAL"), None)
        return clause if moment is None else clause.with_field("at", str(moment))

    def _refs(self, tree: Tree[Token]) -> Clause:
        who = str(tree.children[-1])
        if _UNSPACED.search(self._text):
            who = re.sub(r"[と、和이]+\s*", ", ", re.sub(r"(?:に|にして|にする)[。.]?$", "", who))
        return Clause.of("refs", who=who)

    def _moved(self, tree: Tree[Token]) -> Iterator[Clause]:
        shots, side, other = child_trees(tree)
        return self._move_shot(shots, side, other)

    def _moved_last(self, tree: Tree[Token]) -> Iterator[Clause]:
        shots, other, side = child_trees(tree)
        return self._move_shot(shots, side, other)

    def _move_shot(self, shots: Tree[Token], side: Tree[Token], other: Tree[Token]) -> Iterator[Clause]:
        where = str(side.children[0].type).lower()  # type: ignore[union-attr]
        return self._on_shots(shots, [Clause.of("move shot", side=where, other=f"shot {shot_number(other)}")])

    def _swapped(self, tree: Tree[Token]) -> Iterator[Clause]:
        yield Clause.of("swap shots", which=f"shots {', '.join(shot_number(child) for child in child_trees(tree))}")

    def _merged(self, tree: Tree[Token]) -> Iterator[Clause]:
        yield Clause.of("merge shots", which=f"shots {', '.join(shot_number(child) for child in child_trees(tree))}")

    def _thing_first(self, tree: Tree[Token]) -> Iterator[Clause]:
        thing, shots = child_trees(tree)
        return self._on_shots(shots, [self._look(thing)])

    def _place_first(self, tree: Tree[Token]) -> Iterator[Clause]:
        place, shots = child_trees(tree)
        return self._on_shots(shots, [Clause.of("frame", place=place_words(place))])

    def _part_first(self, tree: Tree[Token]) -> Iterator[Clause]:
        (part,) = terminals(tree, "BALLOON", "PANEL")
        number = str(next(terminals(tree, "NUMBER")))
        return self._on_shots(next(child_trees(tree)), [Clause("frame", ((part.type.lower(), number),))])

    def _split_first(self, tree: Tree[Token]) -> Iterator[Clause]:
        return self._on_shots(next(child_trees(tree)), [Clause.of("split", at=number(tree))])

    def _add_more_seconds(self, tree: Tree[Token]) -> Iterator[Clause]:
        return self._on_shots(next(child_trees(tree)), [Clause.of("longer", by=number(tree))])

    def _add_seconds(self, tree: Tree[Token]) -> Iterator[Clause]:
        return self._on_shots(list(child_trees(tree))[-1], [Clause.of("longer", by=amount_seconds(tree))])

    def _add_seconds_last(self, tree: Tree[Token]) -> Iterator[Clause]:
        return self._on_shots(next(child_trees(tree)), [Clause.of("longer", by=amount_seconds(tree))])

    def _take_seconds(self, tree: Tree[Token]) -> Iterator[Clause]:
        return self._on_shots(list(child_trees(tree))[-1], [Clause.of("longer", by=f"-{amount_seconds(tree)}")])

    def _lengthen_first(self, tree: Tree[Token]) -> Iterator[Clause]:
        sign = "" if list(terminals(tree, "LONGER")) else "-"
        return self._on_shots(next(child_trees(tree)), [Clause.of("longer", by=sign + amount_seconds(tree))])

    def _effect_first(self, tree: Tree[Token]) -> Iterator[Clause]:
        return self._on_shots(list(child_trees(tree))[-1], [self._effect(tree)])

    def _no_effects_first(self, tree: Tree[Token]) -> Iterator[Clause]:
        return self._on_shots(next(child_trees(tree)), [Clause.of("no effects")])

    def _heard_first(self, tree: Tree[Token]) -> Iterator[Clause]:
        change, shots = child_trees(tree)
        return self._on_shots(shots, [self._change(change)])

    def _bus_first(self, tree: Tree[Token]) -> Iterator[Clause]:
        bus, shots, change = child_trees(tree)
        return self._on_shots(shots, [with_bus(self._change(change), bus)])

    def _heard_last(self, tree: Tree[Token]) -> Iterator[Clause]:
        shots, change = child_trees(tree)
        return self._on_shots(shots, [self._change(change)])

    def _sound_first(self, tree: Tree[Token]) -> Iterator[Clause]:
        sound, shots, *_ = child_trees(tree)
        return self._on_shots(shots, [with_cues(self._change(sound), tree)])

    def _music_first(self, tree: Tree[Token]) -> Iterator[Clause]:
        return self._on_shots(next(child_trees(tree)), [SOUND_CHANGES["music"](tree)])

    def _turned_first(self, tree: Tree[Token]) -> Iterator[Clause]:
        _, shots = child_trees(tree)
        return self._on_shots(shots, [SOUND_CHANGES["made_louder"](tree)])

    def _style(self, tree: Tree[Token]) -> Iterator[Clause]:
        yield Clause.of("style", style=next(tree.scan_values(is_terminal("CALM", "BRISK", "STILL"))).type.lower())

    def _aspect(self, tree: Tree[Token]) -> Iterator[Clause]:
        yield Clause.of("aspect", aspect=str(next(terminals(tree, "RATIO"))))

    def _take_of(self, tree: Tree[Token]) -> Iterator[Clause]:
        yield Clause.of(
            "take", which=f"shot {shot_number(next(child_trees(tree)))}", take=str(next(terminals(tree, "NUMBER")))
        )

    def _drop_line_of(self, tree: Tree[Token]) -> Iterator[Clause]:
        return self._on_shots(next(child_trees(tree)), [numbered("drop line", "balloon")(tree)])

    def _read_line_of(self, tree: Tree[Token]) -> Iterator[Clause]:
        return self._on_shots(next(child_trees(tree)), [numbered("read line", "balloon")(tree)])

    def _fix(self, do: str, tree: Tree[Token], *names: str) -> Iterator[Clause]:
        page = str(next(next(child_trees(tree)).scan_values(is_terminal("NUMBER"))))
        numbers = [str(token) for token in terminals(tree, "NUMBER")]
        values = [" ".join(numbers)] if names == ("panels",) else numbers
        yield Clause(do, (("page", page), *zip(names, values, strict=True)))

    def _swap_panels(self, tree: Tree[Token]) -> Iterator[Clause]:
        return self._fix("swap panels", tree, "first", "second")

    def _merge_panels(self, tree: Tree[Token]) -> Iterator[Clause]:
        return self._fix("merge panels", tree, "panels")

    def _delete_panel(self, tree: Tree[Token]) -> Iterator[Clause]:
        return self._fix("delete panel", tree, "panel")

    def _delete_balloon(self, tree: Tree[Token]) -> Iterator[Clause]:
        _refuse_drop(tree)
        return self._fix("delete balloon", tree, "balloon")

    def _move_panel(self, tree: Tree[Token]) -> Iterator[Clause]:
        return self._fix("move panel", tree, "panel", "to")

    def _balloon_text(self, tree: Tree[Token]) -> Iterator[Clause]:
        for clause in self._fix("text", tree, "balloon"):
            yield clause.with_field("text", unquote_mark(str(next(terminals(tree, "QUOTED")))))

    def _step(self, tree: Tree[Token]) -> Clause:
        count = next((str(token) for token in terminals(tree, "NUMBER")), "")
        twice = next((str(token) for token in terminals(tree, "TWICE")), "")
        return Clause.of(str(tree.data), count=count or ("3" if "thrice" in twice.lower() else "2" if twice else "1"))

    def _question(self, tree: Tree[Token]) -> Clause:
        shots = [which for child in child_trees(tree) for which in self.selectors(child)]
        if len(shots) > 1:
            raise NoMeaningError
        return Clause.of(f"ask {str(tree.data).replace('_', ' ')}", which="".join(shots))


_DROP_WORD = "drop"
"""The verb of "shot 7 drop balloon 2", an edit of a shot; of a page, "delete balloon 2" corrects the reading."""


class NoMeaningError(Exception):
    """A parse tree whose parts do not belong together, such as half a verb."""


def _refuse_drop(tree: Tree[Token]) -> None:
    """Raise NoMeaningError if the verb of a tree is the very word "drop"."""
    if any(token.lower() == _DROP_WORD for token in terminals(tree, "DROP")):
        raise NoMeaningError


def _require_drop(text: str) -> None:
    """Raise NoMeaningError if a text does not have the very word "drop"."""
    if _DROP_WORD not in text.lower().split():
        raise NoMeaningError


def _is_of_one(clause: Clause) -> bool:
    """Return whether a clause does to one shot what needs several; among other clauses this is a misreading."""
    return clause.do in ("merge shots", "swap shots") and re.fullmatch(r"shot \w+", clause.get("which")) is not None


def first_reading(forest: Tree[Token]) -> Tree[Token]:
    """Return the first of several readings."""
    while forest.data == "_ambig":
        forest = next(child_trees(forest))
    return forest
