"""Rewrite free phrasings of an edit in the grammar's own words, and suggest lines that a person may have meant.

A line is rewritten only if it has a single meaning. The result is always shown in the grammar's words, so that a person
notices a misunderstanding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from agents.editing import selectors

COUNTED = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
"""Number words and their digits."""
_COUNT = "|".join(COUNTED)
_OPENING_COURTESY = re.compile(
    r"(?:(?:please|now|okay|ok|and|then|also|make|let|(?:can|could|would) you),?\s+)+", re.IGNORECASE
)
_CLOSING_COURTESY = re.compile(r"(?:,?\s+(?:please|thanks|thank you|now|too))*\s*[.!…]*$", re.IGNORECASE)
_NAMED = re.compile(rf"\b(?:shots?|pages?)\s+(?:{_COUNT})\b(?:(?:\s+(?:and|to)\s+|,\s*)(?:{_COUNT})\b)*", re.IGNORECASE)
_MARKED = re.compile(r"\b(shots?|pages?)\s+(?:#|no\.?\s*|nr\.?\s*|number\s+)(?=\d)", re.IGNORECASE)
_BARE = re.compile(
    rf"(?:(\D.*?)\s+)?#?({selectors.NUMBER}(?:\s*(?:-|,|and|to)\s*{selectors.NUMBER})*)([\s,:].*)?", re.IGNORECASE
)
_LEADING_VERBS = {
    "drop|delete|remove|omit|lose|leave out|cut out": "drop", "restore|bring back|take back": "restore",
    "slow down": "slower", "speed up": "faster", "join|merge": "merge", "swap|exchange": "swap",
    "lock": "lock", "unlock": "unlock", "split": "split", "hold": "hold",
}  # fmt: skip
"""Verbs that people put before the shots, and their word in the grammar."""
_SYNONYMS = {
    "longer|more time": "slower", "much longer": "much slower", "shorter|quicker": "faster",
    "much shorter|much quicker": "much faster", "zoom in|nearer": "closer", "zoom out|further away": "wider",
    "pan up": "tilt up", "pan down": "tilt down", "fade|fade in|crossfade": "dissolve",
    "delete|remove|omit|leave out|out": "drop", "bring back": "restore", "static|no move": "hold",
}  # fmt: skip
_SLIGHTLY = re.compile(
    r"(?:(?:just )?(?:a (?:tiny )?(?:bit|little)|slightly|somewhat) (.+)|(.+) a (?:bit|little))", re.IGNORECASE
)
_SLIGHT_CHANGES = {"slower": "pace 1.15", "faster": "pace 0.87", "closer": "zoom 1.12", "wider": "zoom 0.9"}
_LASTS = re.compile(r"(?:for |takes? |lasts? )?(\d+(?:\.\d+)?)\s*(?:s|secs?|seconds?)", re.IGNORECASE)
_TIMED = re.compile(rf"(shots?\s+{selectors.NUMBER})\s+({_LASTS.pattern})", re.IGNORECASE)
"""Matches "shot 3 6 seconds", which is one shot and a length, not two shots."""
_SHOTS_AND_CHANGE = re.compile(rf"({selectors.SELECTOR_PATTERN})\s*[:,]?\s+(.*)", re.IGNORECASE | re.DOTALL)
_OTHER_COMMANDS = {
    "export": "main.py export PROJECT film srt stills -o OUT", "preview": "main.py chat PROJECT --preview",
    "save": "nothing needs to be saved: it is", "compare": "main.py takes PROJECT 7 --compare strip.png",
    "takes": "main.py takes PROJECT 7", "play": "the film stands in the project's films/",
    "retake": "main.py retake PROJECT 7", "revisions": "main.py show revisions PROJECT",
    "history": "main.py show shot 7 PROJECT --history", "show": "main.py show shot 7 PROJECT",
    "look": "main.py show shot 7 PROJECT",
}  # fmt: skip
_SUGGESTIONS = {
    "cut": ("drop", "split at 2.5", "cut"), "wipe": ("dissolve", "cut"), "pan": ("pan left", "pan right"),
    "tilt": ("tilt up", "tilt down"), "on": ("on upper left", "on balloon 1", "on box 10%,20%,40%,50%"),
    "look": ("on upper left", "on balloon 1", "on box 10%,20%,40%,50%"), "move": ("push in", "pan left", "after 9"),
    "style": ("style calm", "style brisk", "style still"), "undo": ("undo", "undo 2", "redo"), "undoo": ("undo",),
    "redo": ("redo", "undo"),
    "zoom": ("closer", "zoom 1.5"), "transition": ("dissolve", "cut"), "seconds": ("seconds 5", "slower"),
    "length": ("seconds 5", "slower"), "camera": ("push in", "hold", "closer"),
}  # fmt: skip
_CHANGES_OF_FILM = ("style", "aspect")
_CHANGES_OF_SEVERAL = ("merge", "swap")
_SHOTS = rf"\b({selectors.LIST}|{selectors.PAGES})(?:\s+|$)"
_USUAL_CHANGES, _CHANGES_OF_MANY = ("slower", "seconds 5", "drop"), ("slower", "pace 1.2")
_STOP_WORDS = {
    "shot", "shots", "page", "all", "of", "the", "film", "it", "or", "in", "on", "so", "as", "to", "be", "is",
    "her", "his", "a", "s", "by", "and", "do", "you", "can", "what", "me", "i", "how", "why",
}  # fmt: skip


def normalize_line(line: str) -> str:
    """Return a line without courtesies and with its shots and verb in the grammar's words; quoted text stays."""
    said, quote, rest = line.partition('"')
    said = (
        _OPENING_COURTESY.sub("", " ".join(said.split()) + (" " if quote else ""), count=1)
        if _OPENING_COURTESY.match(said)
        else said
    )
    said = said if quote else _CLOSING_COURTESY.sub("", " ".join(said.split()))
    said = _NAMED.sub(lambda hit: re.sub(_COUNT, lambda one: COUNTED[one[0].lower()], hit[0], flags=re.I), said)
    said = _put_shots_first(_name_bare_numbers(_MARKED.sub(r"\1 ", said)))
    found = _TIMED.fullmatch(said) or _SHOTS_AND_CHANGE.fullmatch(said)
    return (f"{found[1]} {_normalize_change(found[2])}" if found else _put_page_first(said)) + quote + rest


def similar_lines(line: str, forms: Sequence[tuple[str, str]]) -> list[str]:
    """Suggest lines that a person may have meant, for the same shots.

    Args:
        line: The line that was not understood.
        forms: Pairs of an example line and its description.
    """
    said = normalize_line(line)
    found = re.match(rf"({selectors.SELECTOR_PATTERN})(?:\s+|$)", said, re.IGNORECASE) or re.search(
        _SHOTS, said, re.IGNORECASE
    )
    own, tail = (found[1], said[: found.start()] + said[found.end() :]) if found else ("", said)
    tails = {re.sub(rf"^(?:{selectors.SELECTOR_PATTERN})\s+", "", example): example for example, _ in forms}
    near = _nearest_forms(tail.lower(), forms, tails) or (
        _USUAL_CHANGES if re.match("shots?\\b|$", own, re.IGNORECASE) else _CHANGES_OF_MANY
    )
    return [_complete_example(one, own, tails) for one in near]


def similar_corrections(line: str, forms: Sequence[str]) -> list[str]:
    """Suggest corrections that a person may have meant, for a line about a page; empty for other lines."""
    found = re.fullmatch(
        r"(page \d+) (.*\b(?:panels?|text|kind|speaker|accept|(?:add|delete|move) balloon)\b.*)", normalize_line(line)
    )
    if found is None:
        return []
    tails = [tail for form in forms if (tail := re.sub(r"^page \d+ ", "", form)) != form]
    verb, noun = found[2].split()[0], set(found[2].split())
    near = get_close_matches(found[2], tails, 3, 0.6)
    same = [
        tail for tail in tails if tail.split()[0] == verb or (verb not in _verbs(tails) and noun & set(tail.split()))
    ]
    return [f"{found[1]} {tail}" for tail in dict.fromkeys([*near, *same])][:3]


def _verbs(tails: Sequence[str]) -> set[str]:
    return {tail.split()[0] for tail in tails}


def command_for(line: str) -> str:
    """Return the command that does what a line asks for outside the grammar; "" if none is known."""
    return next((where for word, where in _OTHER_COMMANDS.items() if re.match(rf"{word}\b", line.lower())), "")


def _name_bare_numbers(said: str) -> str:
    """Add the word "shot" to numbers that stand alone."""
    found = _BARE.fullmatch(said)
    verbs = "|".join(_LEADING_VERBS)
    if found is None or not (found[1] is None or re.fullmatch(verbs, found[1], re.IGNORECASE)):
        return said
    several = "s" if re.search(r"[-,]|and|to", found[2]) else ""
    return f"{found[1] + ' ' if found[1] else ''}shot{several} {found[2]}{found[3] or ''}"


def _put_shots_first(said: str) -> str:
    """Put the shots first, then the verb."""
    for verbs, verb in _LEADING_VERBS.items():
        if found := re.fullmatch(rf"(?:{verbs})\s+({selectors.SELECTOR_PATTERN})", said, re.IGNORECASE):
            return f"{found[1]} {verb}"
    return said


def _put_page_first(said: str) -> str:
    """Put the page first, then the change of its panels and balloons."""
    found = re.fullmatch(r"(.*\b(?:panels?|balloon)\b.*) (?:on|of|from) (page \d+)", said, re.IGNORECASE)
    return f"{found[2]} {_normalize_change(found[1])}" if found else said


def _normalize_change(said: str) -> str:
    if lasts := _LASTS.fullmatch(said):
        return f"seconds {lasts[1]}"
    if re.fullmatch(r"(?:remove|omit|drop) panel \d+|(?:remove|omit) balloon \d+", said, re.IGNORECASE):
        return f"delete {said.split(' ', 1)[1]}"
    slight = _SLIGHTLY.fullmatch(said)
    bare = (slight[1] or slight[2]) if slight else said
    verb = next((verb for verbs, verb in _SYNONYMS.items() if re.fullmatch(verbs, bare, re.IGNORECASE)), bare)
    return _SLIGHT_CHANGES.get(verb.lower(), said) if slight else verb


def _complete_example(tail: str, own: str, tails: dict[str, str]) -> str:
    if tail.startswith(("undo", "redo")):
        return tail
    if tail.startswith(_CHANGES_OF_FILM):
        return f"film {tail}"
    return f"{own} {tail}" if own and _is_possible_for(own, tail) else tails.get(tail, f"shot 7 {tail}")


def _is_possible_for(own: str, tail: str) -> bool:
    """Return whether a form is possible for the shots that were named."""
    return tail not in _CHANGES_OF_SEVERAL or re.search(r"\d.*\d", own) is not None


def _nearest_forms(tail: str, forms: Sequence[tuple[str, str]], tails: dict[str, str]) -> list[str]:
    """Return the three forms nearest to a tail: by its verb, by its spelling, or by a word in common."""
    verb = next(iter(tail.split()), "")
    if verb in _SUGGESTIONS:
        return list(_SUGGESTIONS[verb])
    alike = get_close_matches(
        tail, [*tails, *_LEADING_VERBS.values(), *_USUAL_CHANGES, "faster", "wider", "pull out"], 3, 0.7
    )
    found = dict.fromkeys(
        [*alike, *(one for one in tails if one.split()[0] == verb), *_forms_sharing_words(tail, forms)]
    )
    return list(found)[:3]


def _forms_sharing_words(tail: str, forms: Sequence[tuple[str, str]]) -> Iterator[str]:
    said = set(re.findall(r"[a-z]+", tail)) - _STOP_WORDS
    for example, about in forms:
        if said & set(re.findall(r"[a-z]+", f"{example} {about}")):
            yield re.sub(rf"^(?:{selectors.SELECTOR_PATTERN})\s+", "", example)
