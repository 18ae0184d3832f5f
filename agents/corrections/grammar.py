"""Parse lines of `main.py fix` into corrections, and write corrections as lines, from one table of forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from agents.corrections import CastCorrection, CorrectionEdit, PageCorrection
from agents.corrections.errors import GrammarError
from storage.domain import NOT_UPRIGHT

NOBODY = "nobody"
ANY_VOICE = "auto"
_CORRECTION: TypeAdapter[PageCorrection | CastCorrection] = TypeAdapter(CorrectionEdit)


@dataclass(frozen=True)
class CorrectionForm:
    """One form of the grammar: a correction, its pattern for parsing, its template for writing, and an example."""

    do: str
    """The `do` of the correction."""
    pattern: str
    """Regular expression for the whole line; its groups are fields of the correction."""
    template: str
    """Format string that writes the line from the fields, without its page."""
    example: str
    about: str

    def match(self, line: str) -> re.Match[str] | None:
        """Match a whole line; a space in the pattern matches any number of them."""
        return re.fullmatch(self.pattern.replace(" ", r"\s+"), line.strip(), re.IGNORECASE | re.DOTALL)


_PAGE = r"page (?P<page>\d+) "
_BOX = r"(?P<box>-?[\d.]+\s*,\s*-?[\d.]+\s*,\s*-?[\d.]+\s*,\s*-?[\d.]+)"
_WHO = r"(?P<{}>\"[^\"]+\"|'[^']+'|\S+)"
_KIND = r"(?P<kind>speech|thought|caption|sound|other)"

FORMS = (
    CorrectionForm(
        "swap panels", _PAGE + r"swap (?:panels? )?(?P<first>\d+) (?:and )?(?P<second>\d+)",
        "swap panels {first} {second}", "page 3 swap panels 2 4", "exchange two panels in the reading order",
    ),
    CorrectionForm(
        "move panel", _PAGE + r"move panel (?P<panel>\d+) to (?P<to>\d+)",
        "move panel {panel} to {to}", "page 3 move panel 5 to 2", "read panel 5 as the second of its page",
    ),
    CorrectionForm(
        "merge panels", _PAGE + r"merge (?:panels? )?(?P<panels>\d+(?:(?:\s+and\s+|\s*,\s*|\s+)\d+)+)",
        "merge panels {panels}", "page 3 merge panels 2 3", "make them one panel",
    ),
    CorrectionForm(
        "split panel", _PAGE + r"split (?:panel )?(?P<panel>\d+) at (?P<axis>[xy]) (?P<at>-?[\d.]+|half)",
        "split panel {panel} at {axis} {at}", "page 3 split panel 2 at y 640",
        "cut it in two: at x (left, right) or y (above, below), a number or half",
    ),
    CorrectionForm(
        "delete panel", _PAGE + r"delete panel (?P<panel>\d+)",
        "delete panel {panel}", "page 3 delete panel 6", "take it away; its balloons stay on the page",
    ),
    CorrectionForm(
        "add panel", _PAGE + "add panel " + _BOX + r"(?: as (?P<to>\d+))?",
        "add panel {box}{as}", "page 3 add panel 20,20,380,200 as 1",
        "left, top, right, bottom; without `as` it comes where a reader comes to it",
    ),
    CorrectionForm(
        "delete balloon", _PAGE + r"delete balloon (?P<balloon>\d+)",
        "delete balloon {balloon}", "page 3 delete balloon 5", "take a text away",
    ),
    CorrectionForm(
        "add balloon", _PAGE + "add balloon " + _BOX + rf"(?: {_KIND})? (?P<text>.+)",
        "add balloon {box} {kind} {text}", 'page 3 add balloon 10,20,110,220 "Hello!"',
        "add a text; what kind it is may stand before it",
    ),
    CorrectionForm(
        "move balloon", _PAGE + r"move balloon (?P<balloon>\d+) to panel (?P<panel>\d+)",
        "move balloon {balloon} to panel {panel}", "page 3 move balloon 5 to panel 2", "let another panel say it",
    ),
    CorrectionForm(
        "text", _PAGE + r"text (?P<balloon>\d+) (?P<text>.+)",
        "text {balloon} {text}", 'page 3 text 5 "Who is there?"', "say what balloon 5 says",
    ),
    CorrectionForm(
        "kind", _PAGE + r"kind (?P<balloon>\d+) " + _KIND,
        "kind {balloon} {kind}", "page 3 kind 5 thought", "speech, thought, caption, sound or other",
    ),
    CorrectionForm(
        "speaker", _PAGE + r"speaker (?P<balloon>\d+) " + _WHO.format("speaker"),
        "speaker {balloon} {speaker}", "page 3 speaker 5 mika", f"say who says it, or {NOBODY}",
    ),
    CorrectionForm(
        "accept", rf"(?:{_PAGE})?accept (?P<balloon>\d+|all)",
        "accept {balloon}", "page 3 accept 5", "take the text proposed for it; accept all, page 3 accept all",
    ),
    CorrectionForm(
        "rename", "rename " + _WHO.format("character") + " (?:to )?" + _WHO.format("name"),
        "rename {character} {name}", 'rename mika "Mika Sato"', "give a character another name",
    ),
    CorrectionForm(
        "merge", "merge " + _WHO.format("character") + " into " + _WHO.format("into"),
        "merge {character} into {into}", "merge kid into mika", "say that two characters are one",
    ),
    CorrectionForm(
        "voice",
        "voice " + _WHO.format("character") + r"(?: (?!(?:pitch|rate) )" + _WHO.format("voice") + r")?"
        r"(?: pitch (?P<pitch>[+-]?[\d.]+))?(?: rate (?P<rate>[\d.]+))?",
        "voice {character}{spoken}", "voice mika jf_alpha pitch +2",
        f"choose a voice, or {ANY_VOICE}; narrator has one too",
    ),
    CorrectionForm(
        "sounds",
        _WHO.format("character") + r" sounds(?: (?P<gender>female|male))?(?: (?P<age>child|young|adult|old))?",
        "{character} sounds{described}", "mika sounds female young", "say whose voice the casting looks for",
    ),
)  # fmt: skip
_TEMPLATES = {form.do: form.template for form in FORMS}


def parse_line(line: str) -> PageCorrection | CastCorrection:
    """Parse one line into a correction.

    Raises:
        GrammarError: The line is no correction; the hint shows forms that it may have meant.
    """
    for form in FORMS:
        if found := form.match(line):
            return build_correction(line, form.do, found.groupdict())
    raise _grammar_error(line, f"this is no fix: {line.strip() or 'an empty line'}")


def build_correction(line: str, do: str, fields: Mapping[str, str | None]) -> PageCorrection | CastCorrection:
    """Build a correction from its fields as text.

    Raises:
        GrammarError: A value is not possible.
    """
    try:
        return _CORRECTION.validate_python({"do": do, **_read_fields(fields)})
    except ValidationError as error:
        raise _grammar_error(line, f"{line.strip()}: {describe_invalid(error)}") from None


def format_correction(fix: PageCorrection | CastCorrection) -> str:
    """Format a correction as the line that asks for it."""
    said = {name: _write_value(name, value) for name, value in fix.model_dump().items()}
    said["as"] = f" as {said['to']}" if said.get("to") else ""
    said |= {
        "spoken": _format_voice(said),
        "described": "".join(f" {said[name]}" for name in ("gender", "age") if said.get(name)),
    }
    page = f"page {said['page']} " if said.get("page") else ""
    return page + _TEMPLATES[fix.do].format(**said)


def _format_voice(said: Mapping[str, str]) -> str:
    """Return the part of a line that says how a voice is set."""
    parts = ((said.get("voice"), ""), (said.get("pitch"), "pitch "), (said.get("rate"), "rate "))
    return "".join(f" {word}{value}" for value, word in parts if value)


def describe_invalid(error: ValidationError) -> str:
    """Describe the first value that pydantic refused."""
    first = error.errors()[0]
    if first["type"] == NOT_UPRIGHT:
        return "a box is left,top,right,bottom, and right and bottom are the larger ones"
    return str((first.get("ctx") or {}).get("error") or first["msg"])


def _read_fields(found: Mapping[str, str | None]) -> dict[str, object]:
    fields = {name: _READERS.get(name, str)(said) for name, said in found.items() if said is not None}
    return {name: None if (name, value) in _NONE_WORDS else value for name, value in fields.items()}


def _unquote(said: str) -> str:
    """Return a text without its quotes, if it has any; in quotes, a backslash and n are a new line."""
    if len(said) >= 2 and said[0] == said[-1] and said[0] in "\"'":
        return re.sub(r"\\(.)", lambda mark: {"n": "\n"}.get(mark[1], mark[1]), said[1:-1])
    return said


_READERS: dict[str, Callable[[str], object]] = {
    **dict.fromkeys(("speaker", "character", "name", "into", "text"), _unquote),
    **dict.fromkeys(("axis", "kind", "at", "balloon", "gender", "age"), str.lower),
    "voice": lambda said: "" if said.lower() == ANY_VOICE else _unquote(said),
    "box": lambda said: tuple(part.strip() for part in said.split(",")),
    "panels": lambda said: tuple(re.findall(r"\d+", said)),
}
_NONE_WORDS = {("at", "half"), ("speaker", NOBODY), ("balloon", "all")}


def _grammar_error(line: str, what: str) -> GrammarError:
    """Return the error for a line, with the forms that it may have meant."""
    words = set(re.findall(r"[a-z]+", line.lower())) - {"panel", "panels"}
    near = [form for form in FORMS if words & set(form.do.split())]
    forms = [form.example for form in near[:3]] or [FORMS[0].example]
    hint = f"it is written like: {', or: '.join(forms)} (all forms: main.py fix --help)"
    return GrammarError(what, hint, examples=forms)


def _write_value(name: str, value: Any) -> str:
    if value is None or (name, value) == ("voice", ""):
        return {"at": "half", "speaker": NOBODY, "balloon": "all"}.get(name, "" if value is None else ANY_VOICE)
    if name == "box":
        return ",".join(f"{edge:g}" for edge in value)
    if name == "panels":
        return " ".join(f"{number}" for number in value)
    if name == "text":
        return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if name != "do" and isinstance(value, str) and re.search(r"\s", value):
        return f'"{value}"'
    return f"{value:g}" if isinstance(value, float) else str(value)
