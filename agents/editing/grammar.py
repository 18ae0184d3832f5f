"""Parse lines of `main.py chat` into edits, and write edits as lines, from one table of forms.

People, scripts and models write these lines, or the same edits as data. Corrections of the reading follow the grammar
of agents/corrections/grammar.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from agents.corrections import grammar as fixes
from agents.corrections.errors import GrammarError
from agents.editing import Edit, FilmEdit, Plan, Reading, selectors, sound_lines, suggestions
from agents.editing.forms import DEFAULT_WORD, FORMS
from agents.language import parser
from agents.language.clauses import CONTEXTUAL, Clause, Meaning
from storage.effects import EffectKind
from storage.errors import SettingsError

_EDIT: TypeAdapter[Plan | Reading] = TypeAdapter(Edit)
PACES = {"much slower": 1.6, "slower": 1.3, "faster": 0.77, "much faster": 0.6}
NAMED_PACES = {"very slow": 1.6, "slow": 1.3, "fast": 0.77, "very fast": 0.6}
ZOOMS = {"much closer": 1.6, "closer": 1.25, "wider": 0.8, "much wider": 0.62}
_EFFECT_WORDS: dict[str, EffectKind] = {
    "speed lines": "speed-lines", "breathing": "breathe", "swaying": "sway", "shake": "impact",
    "waves": "water", "ripples": "water",
    "雨": "rain", "雪": "snow", "花びら": "petals", "桜": "petals", "揺れ": "sway", "呼吸": "breathe", "震え": "boil",
    "水": "water", "波": "water", "水面": "water", "煙": "smoke", "湯気": "smoke",
    "集中線": "speed-lines", "スピード線": "speed-lines", "ちらつき": "flicker", "明滅": "flicker", "衝撃": "impact",
    "background pan": "background-pan", "背景送り": "background-pan", "背景スクロール": "background-pan",
    "視差": "parallax", "パララックス": "parallax",
}  # fmt: skip
_SLIGHT_PACES = {"slightly slower": 1.15, "slightly faster": 0.87}
_SLIGHT_ZOOMS = {"slightly closer": 1.12, "slightly wider": 0.9}
HELP = "main.py chat --help"


def parse_line(line: str) -> Plan | Reading:
    """Parse one line into one edit.

    Raises:
        GrammarError: The line is no edit or several; the hint shows similar lines that are one.
    """
    edits = parse_edits(line)
    if len(edits) != 1:
        lines = [format_edit(edit) for edit in edits]
        raise GrammarError(f"this is more than one edit: {line.strip()}", f"say: {'; '.join(lines)}", examples=lines)
    return edits[0]


def parse_edits(line: str) -> list[Plan | Reading]:
    """Parse one line into edits, in the words of the table above or in everyday words of several languages.

    Raises:
        GrammarError: The line is no edit, or may be read in two ways; the hint shows similar lines that are edits.
    """
    text = " ".join(line.split()) if '"' not in line else line.strip()
    if is_correction(text):
        return [fixes.parse_line(text)]
    found = edits_of_meanings(text, parser.parse_sentence(text).meanings)
    if len(found) == 1:
        return found[0]
    if found:
        lines = ["; ".join(format_edit(edit) for edit in edits) for edits in found]
        raise GrammarError(f"this can be read in two ways: {text}", f"say: {', or: '.join(lines)}", examples=lines)
    _refuse_taste(text)
    raise _grammar_error(text, f"this is no edit: {text or 'an empty line'}")


def is_correction(line: str) -> bool:
    """Return whether a line is a correction of the reading, as `main.py fix` takes it."""
    return any(form.match(line) for form in fixes.FORMS)


def edits_of_meanings(line: str, meanings: Sequence[Meaning]) -> list[list[Plan | Reading]]:
    """Return the different edits that the meanings of a line ask for; meanings that are no edits are left out.

    Raises:
        GrammarError: A value is out of its bounds in every meaning.
    """
    found: list[list[Plan | Reading]] = []
    fault: GrammarError | None = None
    for meaning in meanings:
        if not all(_is_edit(clause) for clause in meaning):
            continue
        try:
            edits = [_edit_of_clause(line, clause) for clause in meaning]
        except GrammarError as error:
            fault = fault or error
            continue
        if edits not in found:
            found.append(edits)
    if fault and not found:
        raise fault
    return found


def _is_edit(clause: Clause) -> bool:
    is_known = clause.do in {form.do for form in (*FORMS, *fixes.FORMS)}
    return is_known and not clause.get("which").startswith(CONTEXTUAL)


def _edit_of_clause(line: str, clause: Clause) -> Plan | Reading:
    if clause.do in {form.do for form in fixes.FORMS}:
        return fixes.build_correction(line, clause.do, dict(clause.fields))
    return _build_edit(line, {"do": clause.do, **_read_fields(clause.do, dict(clause.fields))})


def _refuse_taste(said: str) -> None:
    """Raise GrammarError for values of a style sheet: they change how the film is planned, not single shots."""
    if re.match(r"film\s+style\s+(?:normal|usual|default)$", said, re.IGNORECASE):
        raise GrammarError("normal is how the film was planned", "take a style back with: undo", examples=["undo"])
    if found := re.match(r"film\s+(mood|genre|notes|look)\b", said, re.IGNORECASE):
        raise GrammarError(
            f"the {found[1].lower()} of a film is told to whoever plans it, and all of it is planned anew for another",
            f'write {found[1].lower()} = "..." in a style sheet, and: main.py animate SOURCE --style sheet.toml '
            "(--dry-run tells the price; your changes stay)",
        )


def edit_from_data(data: Mapping[str, object]) -> Plan | Reading:
    """Return an edit from its stored data."""
    return _EDIT.validate_python(dict(data))


def parse_lines(text: str) -> list[Plan | Reading]:
    """Parse the edits of a text: one a line, or several separated by semicolons; text after a # is ignored."""
    return [edit for line in split_lines(text) for edit in parse_edits(line)]


def split_lines(text: str) -> Iterator[str]:
    """Split a text into its lines, at line ends and semicolons outside of quotes."""
    for part in re.findall(r"(?:\"(?:\\.|[^\"\\])*\"|[^;\n#]|#(?=\d))+|#[^\n]*", text):
        if part.strip() and not part.startswith("#"):
            yield part.strip()


def is_understood(text: str) -> bool:
    """Return whether a whole text parses as edits."""
    try:
        return bool(parse_lines(text))
    except SettingsError:
        return False


def format_edit(edit: Plan | Reading) -> str:
    """Format an edit as the line that asks for it."""
    if isinstance(edit, Reading):
        return fixes.format_correction(edit)
    if isinstance(edit, FilmEdit):
        return f"film {write_change(edit)}"
    return f"{edit.which} {write_change(edit)}"


def write_change(edit: Plan) -> str:
    """Format an edit without its selector: "seconds 5" for "shot 7 seconds 5"."""
    values = edit.model_dump()
    return f"{edit.do} {values[edit.do]}" if isinstance(edit, FilmEdit) else _WRITERS[edit.do](values)


def catalogue() -> str:
    """Return help on all forms, one a line, each with its description."""
    wide = max(len(form.example) for form in FORMS) + 2
    return "\n".join(f"  {form.example:<{wide}}{form.about}" for form in FORMS)


def complete_line(beginning: str, names: Sequence[str] = ()) -> list[str]:
    """Return whole lines that complete the beginning of one; `names` are the names of the cast."""
    if of := re.match(r"(.* (?:of|on|refs) )(\"?[^\"]*)$", beginning):
        called = [name if re.fullmatch(r"[\w.-]+", name) else f'"{name}"' for name in names]
        if found := [of[1] + name + " " for name in called if name.lower().startswith(of[2].lower())]:
            return found
    head = re.match(rf"({selectors.SELECTOR_PATTERN})\s+", beginning, re.IGNORECASE)
    if not head:
        starts = ["shot ", "shots ", "page ", "all close-ups ", "film ", "undo", "redo", "help"]
        return [start for start in starts if start.startswith(beginning.lower())]
    rest = beginning[head.end() :].lower()
    tails = {re.sub(rf"^(?:{selectors.SELECTOR_PATTERN})\s+", "", form.example) for form in FORMS}
    tails |= {*PACES, *ZOOMS, "hold", "pull out", "pan left", "pan right", "tilt up", "tilt down"}
    return [head[0] + tail for tail in sorted(tails) if tail.startswith(rest)]


def _build_edit(line: str, fields: dict[str, object]) -> Plan | Reading:
    try:
        return _EDIT.validate_python(fields)
    except ValidationError as error:
        limit = _missed_limit(error)
        said = f"it must be {_BOUNDS[limit[0]]} {limit[1]:g}" if limit else fixes.describe_invalid(error)
        raise _grammar_error(line, f"{line.strip()}: {said}", limit) from None


_BOUNDS = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}


def _missed_limit(error: ValidationError) -> tuple[str, float] | None:
    """Return the bound that the first wrong number misses; None if the first fault is another."""
    facts = error.errors()[0].get("ctx") or {}
    return next(((name, float(bound)) for name, bound in facts.items() if name in _BOUNDS), None)


def _read_fields(do: str, found: dict[str, str | None]) -> dict[str, Any]:
    fields = {name: _READERS.get((do, name), _unquote)(said) for name, said in found.items() if said is not None}
    if "%" in (found.get("box") or ""):
        fields["box"], fields["share"] = tuple(edge / 100 for edge in fields["box"]), True
    return fields


def _unquote(said: str) -> str:
    if len(said) >= 2 and said[0] == said[-1] and said[0] in "\"'":
        return re.sub(r"\\(.)", r"\1", said[1:-1])
    return said


def _split_list(said: str) -> list[str]:
    """Split a text at commas outside of quotes."""
    return [_unquote(part.strip()) for part in re.findall(r"(?:\"(?:\\.|[^\"\\])*\"|[^,\"])+", said) if part.strip()]


def _to_plain_words(said: str) -> str:
    return " ".join(said.lower().replace("-", " ").split())


def _read_share(said: str) -> float:
    number = float(said.rstrip("% "))
    return number / 100 if said.endswith("%") else number


_REFERENCE_WORDS: dict[str, tuple[str, ...] | None] = {"none": (), "nothing": (), "nobody": (), DEFAULT_WORD: None}
_COLOR_MODES: dict[str, str | None] = {"on": "reference", "none": "bw", DEFAULT_WORD: None}
_READERS: dict[tuple[str, str], Callable[[str], Any]] = {
    ("pace", "factor"): lambda said: {**PACES, **NAMED_PACES, **_SLIGHT_PACES}.get(_to_plain_words(said), said),
    ("zoom", "by"): lambda said: {**ZOOMS, **_SLIGHT_ZOOMS}.get(_to_plain_words(said), said),
    ("frame", "place"): _to_plain_words,
    ("frame", "box"): lambda said: tuple(float(part.strip().rstrip("% ")) for part in said.split(",")),
    ("move", "kind"): _to_plain_words,
    ("transition", "kind"): str.lower,
    ("clean", "parts"): lambda said: tuple(part for part in re.findall(r"\w+", said.lower()) if part != "nothing"),
    ("ground", "fill"): str.lower,
    ("without", "capability"): str.lower,
    ("backend", "capability"): str.lower,
    ("backend", "name"): lambda said: None if said.lower() == DEFAULT_WORD else said,
    ("generated", "share"): lambda said: None if said.lower() == DEFAULT_WORD else _read_share(said),
    ("effect", "kind"): lambda said: _EFFECT_WORDS.get(_to_plain_words(said), said.lower()),
    ("effect", "strength"): _read_share,
    ("effect", "place"): _to_plain_words,
    ("effect", "box"): lambda said: tuple(float(part.strip().rstrip("% ")) for part in said.split(",")),
    ("color", "mode"): lambda said: _COLOR_MODES[said.lower()],
    ("redraw", "place"): _to_plain_words,
    ("redraw", "box"): lambda said: tuple(float(part.strip().rstrip("% ")) for part in said.split(",")),
    ("lines", "on"): lambda said: said.lower() == "on",
    ("mouth", "on"): lambda said: said.lower() == "on",
    ("seed", "seed"): lambda said: None if said.lower() == "next" else said,
    ("refs", "who"): lambda said: (
        _REFERENCE_WORDS[said.lower()] if said.lower() in _REFERENCE_WORDS else tuple(_split_list(said))
    ),
    ("move shot", "side"): str.lower,
    ("move shot", "other"): lambda said: said if said.lower().startswith("shot") else f"shot {said}",
    ("style", "style"): str.lower,
    **sound_lines.READERS,
}


def _write_frame(values: dict[str, Any]) -> str:
    if values["box"] is not None:
        edges = [f"{edge * 100:g}%" if values["share"] else f"{edge:g}" for edge in values["box"]]
        return f"on box {','.join(edges)}"
    if values["character"] is not None:
        said = values["character"]
        return f'on "{said}"' if re.search(r"[^\w.-]", said) else f"on {said}"
    kind = next(name for name in ("balloon", "panel", "place") if values[name] is not None)
    return f"on {values[kind]}" if kind == "place" else f"on {kind} {values[kind]}"


def _write_effect(values: dict[str, Any]) -> str:
    strength = "" if values["strength"] == 0.5 else f" {values['strength']:g}"
    if values["kind"] == "impact":
        return f"impact{strength}" + ("" if values["at"] is None else f" at {values['at']:g}")
    return f"effect {values['kind']}{strength}{_write_place(values)}"


def _write_color(values: dict[str, Any]) -> str:
    word = next(word for word, mode in _COLOR_MODES.items() if mode == values["mode"])
    return f"color {_quote(values['prompt']) if values['prompt'] else word}"


def _write_redraw(values: dict[str, Any]) -> str:
    if not values["prompt"]:
        return "no redraw"
    where = _write_place(values) if values["thing"] is None else f" on {_quote(values['thing'])}"
    return f"redraw {_quote(values['prompt'])}{where}"


def _write_pose(values: dict[str, Any]) -> str:
    picture = f"panel {values['panel']}" if values["panel"] is not None else _quote(values["prompt"])
    return f"end {picture}" if values["at"] is None else f"pose {picture} at {values['at']:g}"


def _write_mouth(values: dict[str, Any]) -> str:
    where = _write_place({**values, "box": None, "place": None})
    return f"mouth{where}" if values["on"] else "no mouth"


def _write_place(values: dict[str, Any]) -> str:
    """Return where an effect or a change of the drawing is, with a space before it; "" for the whole panel."""
    is_placed = any(values[name] is not None for name in ("box", "character", "place"))
    return f" {_write_frame({**values, 'balloon': None, 'panel': None})}" if is_placed else ""


def _write_references(who: Sequence[str] | None) -> str:
    plain = [one if re.fullmatch(r"[\w.-]+", one) else _quote(one) for one in who or ()]
    return DEFAULT_WORD if who is None else ", ".join(plain) or "none"


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_PACE_WORDS = {factor: said for said, factor in PACES.items()}
_ZOOM_WORDS = {by: said for said, by in ZOOMS.items()}
_WRITERS: dict[str, Callable[[dict[str, Any]], str]] = {
    **{do: (lambda values, do=do: do) for do in ("lock", "unlock", "drop", "restore")},  # type: ignore[misc]
    "seconds": lambda v: f"seconds {v['seconds']:g}",
    "longer": lambda v: f"{'longer' if v['by'] > 0 else 'shorter'} by {abs(v['by']):g}",
    "pace": lambda v: _PACE_WORDS.get(v["factor"], f"pace {v['factor']:g}"),
    "frame": _write_frame,
    "zoom": lambda v: _ZOOM_WORDS.get(v["by"], f"zoom {v['by']:g}"),
    "move": lambda v: v["kind"],
    "transition": lambda v: v["kind"],
    "clean": lambda v: f"clean {' '.join(v['parts']) or 'nothing'}",
    "ground": lambda v: f"ground {v['fill']}",
    "backend": lambda v: f"{v['capability']} {v['name'] or DEFAULT_WORD}",
    "prompt": lambda v: f"prompt {_quote(v['prompt'])}",
    "painted": lambda v: f"outpaint prompt {_quote(v['prompt'])}",
    "without": lambda v: f"{v['capability']} without {_quote(v['words'])}",
    "seed": lambda v: f"seed {'next' if v['seed'] is None else v['seed']}",
    "generated": lambda v: f"generated {DEFAULT_WORD if v['share'] is None else format(v['share'], 'g')}",
    "lettering": lambda v: f"lettering {v['mode']}",
    "effect": _write_effect,
    "no effects": lambda v: "no effects",
    "color": _write_color,
    "redraw": _write_redraw,
    "pose": _write_pose,
    "no poses": lambda v: "no poses",
    "mouth": _write_mouth,
    "lines": lambda v: f"lines {'on' if v['on'] else 'off'}",
    "refs": lambda v: f"refs {_write_references(v['who'])}",
    "drop line": lambda v: f"drop balloon {v['balloon']}",
    "read line": lambda v: f"read balloon {v['balloon']}",
    "split": lambda v: "split" if v["at"] is None else f"split at {v['at']:g}",
    "merge shots": lambda v: "merge",
    "move shot": lambda v: f"{v['side']} {v['other']}",
    "swap shots": lambda v: "swap",
    "take": lambda v: f"take {v['take']}",
    **sound_lines.WRITERS,
}  # fmt: skip


def _grammar_error(line: str, what: str, limit: tuple[str, float] | None = None) -> GrammarError:
    """Return the error for a line, with similar lines or the command that does it as hint."""
    if reading := suggestions.similar_corrections(line, [form.example for form in fixes.FORMS]):
        hint = f"say: {', or: '.join(reading)} (all forms: main.py fix --help)"
        return GrammarError(what, hint, examples=reading, limit=limit)
    if where := suggestions.command_for(line):
        return GrammarError(what, where, limit=limit)
    lines = suggestions.similar_lines(line, [(form.example, form.about) for form in FORMS])
    longer = ", and a name of several words in quotes" if re.match(r"(?:all|every|each)\b.* of ", line) else ""
    return GrammarError(what, f"say: {', or: '.join(lines)}{longer} (all forms: {HELP})", examples=lines, limit=limit)
