"""Parse lines of `main.py chat` into edits, and write edits as lines, from one table of forms.

People, scripts and models write these lines, or the same edits as data. Corrections of the reading follow the grammar
of agents/corrections/grammar.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from agents.corrections import grammar as fixes
from agents.corrections.errors import GrammarError
from agents.editing import Edit, FilmEdit, Place, Plan, Reading, normalize, selectors
from storage.errors import SettingsError

_EDIT: TypeAdapter[Plan | Reading] = TypeAdapter(Edit)
PACES = {"much slower": 1.6, "slower": 1.3, "faster": 0.77, "much faster": 0.6}
NAMED_PACES = {"very slow": 1.6, "slow": 1.3, "fast": 0.77, "very fast": 0.6}
ZOOMS = {"much closer": 1.6, "closer": 1.25, "wider": 0.8, "much wider": 0.62}
HELP = "main.py chat --help"
DEFAULT_WORD = "default"
"""The word for the project's own backend, limit or references."""


@dataclass(frozen=True)
class EditForm:
    """One form of the grammar: an edit, the pattern that it is parsed by, and an example with its description."""

    do: str
    """The `do` of the edit."""
    pattern: str
    """Regular expression for the line after its selector; its groups are fields of the edit."""
    example: str
    about: str

    def match(self, line: str) -> re.Match[str] | None:
        """Match a whole line; a space in the pattern matches any number of them."""
        pattern = f"(?P<which>{selectors.SELECTOR_PATTERN}) {self.pattern}".replace(" ", r"\s+")
        return re.fullmatch(pattern, line.strip(), re.IGNORECASE | re.DOTALL)


def _one_of(name: str, choices: Sequence[str]) -> str:
    return f"(?P<{name}>{'|'.join(sorted(choices, key=len, reverse=True))})"


_EDGE = r"-?\d+(?:\.\d+)?\s*%?"
_SHARE = r"\d+(?:\.\d+)?\s*%?"
_PLACES = _one_of("place", get_args(Place))
_MOVES = r"(?P<kind>hold|push[ -]in|pull[ -]out|pan (?:left|right)|tilt (?:up|down))"
_SHOT = rf"(?P<other>(?:shot\s+)?{selectors.NUMBER})"
_TEXT = r"(?P<prompt>\".*\"|'.*'|.+)"

FORMS = (
    EditForm("seconds", r"(?:seconds|lasts?) (?P<seconds>\d+(?:\.\d+)?)\s*s?", "shot 7 seconds 5", "how long it lasts"),
    EditForm("pace", _one_of("factor", [*PACES]), "shot 7 slower", "slower, faster, much slower, much faster"),
    EditForm("pace", rf"pace (?P<factor>{'|'.join(NAMED_PACES)}|\d+(?:\.\d+)?)", "page 2 pace fast",
         "very slow, slow, fast, very fast, or so many times as long"),
    EditForm("frame", rf"on (?:the )?{_PLACES}(?: (?:half|corner))?", "shot 7 on upper left",
         "where the camera rests: whole, center, left, top, lower right ..."),
    EditForm("frame", r"on (?:the )?balloon (?P<balloon>\d+)", "shot 7 on balloon 2", "on a balloon of the shot"),
    EditForm("frame", r"on (?:the )?panel (?P<panel>\d+)", "shot 7 on panel 1", "on a panel of the shot"),
    EditForm("frame", rf"on (?:the )?box (?P<box>{_EDGE}\s*,\s*{_EDGE}\s*,\s*{_EDGE}\s*,\s*{_EDGE})",
         "shot 7 on box 10%,20%,40%,50%", "left,top,right,bottom in pixels or % of the page"),
    EditForm("frame", r"on (?P<character>\"[^\"]+\"|[\w.-]+)", "shot 7 on mika", "on somebody the reader has seen"),
    EditForm("zoom", _one_of("by", [*ZOOMS]), "shot 7 closer", "closer, wider, much closer, much wider"),
    EditForm("zoom", r"zoom (?P<by>\d+(?:\.\d+)?)", "shot 7 zoom 1.5", "so many times as near"),
    EditForm("move", _MOVES, "shot 7 push in", "hold, push in, pull out, pan left/right, tilt up/down"),
    EditForm("transition", r"(?P<kind>cut|dissolve)", "shot 7 dissolve", "how it begins: cut or dissolve"),
    EditForm("clean", r"clean (?P<parts>(?:frame|slivers|lettering|nothing)(?:[ ,]+(?:frame|slivers|lettering))*)",
         "shot 7 clean frame lettering", "what is cleaned off: frame, slivers, lettering, nothing"),
    EditForm("ground", r"ground (?P<fill>auto|tone|blur|paper)", "shot 7 ground blur", "what stands beyond the panel"),
    EditForm("backend", r"(?P<capability>outpaint|animate) (?:by |with )?(?P<name>[\w.]+)", "shot 7 animate still",
         f"who extends or animates it (see: show backends), or {DEFAULT_WORD}"),
    EditForm("prompt", rf"prompt {_TEXT}", 'shot 7 prompt "her hair moves"', "what moves, where a model draws it"),
    EditForm("painted", rf"outpaint prompt {_TEXT}", 'shot 7 outpaint prompt "the street goes on"',
         "what a model paints beyond the panel, where that is not what moves"),
    EditForm("without", rf"(?P<capability>outpaint|animate) without {_TEXT.replace('prompt', 'words')}",
         'shot 7 animate without "rain"', "what must not be seen in what it paints or moves"),
    EditForm("seed", r"seed (?P<seed>\d+|next)", "shot 7 seed next", "film it again with another seed"),
    EditForm("generated", rf"generated (?P<share>{_SHARE}|{DEFAULT_WORD})", "shot 7 generated 0.3",
         f"how much of its picture a model may draw: 0 to 1, 30%, or {DEFAULT_WORD}"),
    EditForm("lines", r"(?:ink )?lines (?P<on>on|off)", "shot 7 lines on",
         "on: the artist's lines lie over frames that a model drew"),
    EditForm("refs", r"(?:refs?|references) (?P<who>.+)", "shot 7 refs mika, s003, mika.png",
         f"who and what a model keeps alike: characters, shots, pictures; none, or {DEFAULT_WORD}"),
    EditForm("lock", "lock", "shot 4 lock", "nobody touches it any more"),
    EditForm("unlock", "unlock", "shot 4 unlock", "it may be changed again"),
    EditForm("drop", "drop", "shots 3-6 drop", "leave it out of the film"),
    EditForm("restore", "restore", "shot 5 restore", "take it in again"),
    EditForm("drop line", r"drop balloon (?P<balloon>\d+)", "shot 7 drop balloon 2",
         "wait no longer for it to be read"),
    EditForm("read line", r"read balloon (?P<balloon>\d+)", "shot 7 read balloon 2", "have it read in this shot"),
    EditForm("split", r"split(?: at (?P<at>\d+(?:\.\d+)?)\s*s?)?", "shot 7 split at 2.5", "cut it in two"),
    EditForm("merge shots", "merge", "shots 3-4 merge", "make neighbours one shot"),
    EditForm("move shot", rf"(?:move |goes )?(?P<side>before|after) {_SHOT}", "shot 7 after 9", "show it there"),
    EditForm("swap shots", "swap", "shots 3 and 5 swap", "exchange their places"),
    EditForm("take", r"take (?P<take>\d+)", "shot 7 take 1", "film it as that take was filmed (see: takes)"),
    EditForm("style", r"style (?P<style>calm|brisk|still)", "film style calm", "calm, brisk or still"),
    EditForm("aspect", r"aspect (?P<aspect>\d+:\d+)", "film aspect 9:16", "frame the whole film for another screen"),
)  # fmt: skip
_CHANGES_OF_FILM = ("style", "aspect")


def parse_line(line: str) -> Plan | Reading:
    """Parse one line into an edit.

    Raises:
        GrammarError: The line is no edit; the hint shows similar lines that are.
    """
    said = " ".join(line.split()) if '"' not in line else line.strip()
    for spelling in dict.fromkeys((said, normalize.normalize_line(said))):
        for form in FORMS:
            if found := form.match(spelling):
                return _build_edit(spelling, {"do": form.do, **_read_fields(form.do, found.groupdict())})
        if any(form.match(spelling) for form in fixes.FORMS):
            return fixes.parse_line(spelling)
    _refuse_taste(said)
    raise _grammar_error(said, f"this is no edit: {said or 'an empty line'}")


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
    return [parse_line(line) for line in split_lines(text)]


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
    if do in _CHANGES_OF_FILM:
        fields.pop("which")
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
_READERS: dict[tuple[str, str], Callable[[str], Any]] = {
    ("pace", "factor"): lambda said: {**PACES, **NAMED_PACES}.get(_to_plain_words(said), said),
    ("zoom", "by"): lambda said: ZOOMS.get(_to_plain_words(said), said),
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
    ("lines", "on"): lambda said: said.lower() == "on",
    ("seed", "seed"): lambda said: None if said.lower() == "next" else said,
    ("refs", "who"): lambda said: (
        _REFERENCE_WORDS[said.lower()] if said.lower() in _REFERENCE_WORDS else tuple(_split_list(said))
    ),
    ("move shot", "side"): str.lower,
    ("move shot", "other"): lambda said: said if said.lower().startswith("shot") else f"shot {said}",
    ("style", "style"): str.lower,
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
    "lines": lambda v: f"lines {'on' if v['on'] else 'off'}",
    "refs": lambda v: f"refs {_write_references(v['who'])}",
    "drop line": lambda v: f"drop balloon {v['balloon']}",
    "read line": lambda v: f"read balloon {v['balloon']}",
    "split": lambda v: "split" if v["at"] is None else f"split at {v['at']:g}",
    "merge shots": lambda v: "merge",
    "move shot": lambda v: f"{v['side']} {v['other']}",
    "swap shots": lambda v: "swap",
    "take": lambda v: f"take {v['take']}",
}  # fmt: skip


def _grammar_error(line: str, what: str, limit: tuple[str, float] | None = None) -> GrammarError:
    """Return the error for a line, with similar lines or the command that does it as hint."""
    if reading := normalize.similar_corrections(line, [form.example for form in fixes.FORMS]):
        hint = f"say: {', or: '.join(reading)} (all forms: main.py fix --help)"
        return GrammarError(what, hint, examples=reading, limit=limit)
    if where := normalize.command_for(line):
        return GrammarError(what, where, limit=limit)
    lines = normalize.similar_lines(line, [(form.example, form.about) for form in FORMS])
    longer = ", and a name of several words in quotes" if re.match(r"(?:all|every|each)\b.* of ", line) else ""
    return GrammarError(what, f"say: {', or: '.join(lines)}{longer} (all forms: {HELP})", examples=lines, limit=limit)
