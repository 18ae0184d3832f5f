"""Suggest lines of the grammar that a person may have meant by a sentence that is not understood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agents.editing import selectors
from agents.language import parser
from agents.language.tokens import Token
from agents.language.vocabulary import load_vocabulary

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
    "redo": ("redo", "undo"), "dramatic": ("push in", "closer"), "exciting": ("push in", "faster"),
    "calmer": ("slower", "hold"), "boring": ("faster", "drop"), "bigger": ("closer", "zoom 1.5"),
    "smaller": ("wider", "pull out"),
    "zoom": ("closer", "zoom 1.5"), "transition": ("dissolve", "cut"), "seconds": ("seconds 5", "slower"),
    "loud": ("quieter", "music -6", "mute"), "quiet": ("louder", "voice louder"), "volume": ("volume -6", "louder"),
    "length": ("seconds 5", "slower"), "camera": ("push in", "hold", "closer"),
}  # fmt: skip
_CHANGES_OF_FILM = ("style", "aspect")
_CHANGES_OF_SEVERAL = ("merge", "swap")
_USUAL_CHANGES, _CHANGES_OF_MANY = ("slower", "seconds 5", "drop"), ("slower", "pace 1.2")
_OTHER_CHANGES = ("slower", "seconds 5", "faster", "wider", "pull out", "drop", "restore", "merge", "swap", "lock",
                  "unlock", "split", "hold")  # fmt: skip
_CORRECTION = re.compile(r"\b(?:panels?|text|kind|speaker|accept|(?:add|delete|move) balloon)\b")
_MIN_SIMILARITY, _MIN_CORRECTION_SIMILARITY = 70, 60
"""Percent of their letters that a line and a form have in common, from which the form is suggested."""
_STOP_WORDS = {
    "shot", "shots", "page", "all", "of", "the", "film", "it", "or", "in", "on", "so", "as", "to", "be", "is",
    "her", "his", "a", "s", "by", "and", "do", "you", "can", "what", "me", "i", "how", "why", "more",
    "any", "no", "not", "at",
}  # fmt: skip


def similar_lines(line: str, forms: Sequence[tuple[str, str]]) -> list[str]:
    """Suggest lines that a person may have meant, for the same shots.

    Args:
        line: The line that was not understood.
        forms: Pairs of an example line and its description.
    """
    own, tail = _split_shots(line)
    tails = {_without_shots(example): example for example, _ in forms}
    near = _nearest_forms(tail, forms, tails) or (
        _USUAL_CHANGES if own.startswith("shot") or not own else _CHANGES_OF_MANY
    )
    return [_complete_example(form, own, tails) for form in near]


def similar_corrections(line: str, forms: Sequence[str]) -> list[str]:
    """Suggest corrections that a person may have meant, for a line about a page; empty for other lines."""
    own, tail = _split_shots(line)
    if not re.fullmatch(r"page \d+", own) or not _CORRECTION.search(tail):
        return []
    tails = [rest for form in forms if (rest := re.sub(r"^page \d+ ", "", form)) != form]
    verb, nouns = tail.split()[0], set(tail.split())
    is_verb = verb in {form.split()[0] for form in tails}
    near = _alike(tail, tails, _MIN_CORRECTION_SIMILARITY)
    same = [form for form in tails if form.split()[0] == verb or (not is_verb and nouns & set(form.split()))]
    return [f"{own} {form}" for form in dict.fromkeys([*near, *same])][:3]


def command_for(line: str) -> str:
    """Return the command that does what a line asks for outside the grammar; "" if none is known."""
    return next((where for word, where in _OTHER_COMMANDS.items() if re.match(rf"{word}\b", line.lower())), "")


def _split_shots(line: str) -> tuple[str, str]:
    """Return the selector of the shots that a line names, "" for none, and its other words in English."""
    sentence = parser.parse_sentence(line)
    found, rest = parser.find_shots(sentence.text, sentence.tokens)
    words = [_english(token, sentence.language) for token in rest]
    return (found[0] if found and not found[0].startswith("@") else ""), " ".join(words).lower()


def _english(token: Token, language: str) -> str:
    if language == "en":
        return token.text
    english = load_vocabulary("en")
    return next((phrase for phrase, kinds in english.terms.items() if kinds == (token.kind,)), token.text)


def _without_shots(example: str) -> str:
    return re.sub(rf"^(?:{selectors.SELECTOR_PATTERN})\s+", "", example)


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
    words = tail.split()
    verb = next(iter(words), "")
    if known := next((word for word in words if word in _SUGGESTIONS), ""):
        return list(_SUGGESTIONS[known])
    found = [
        *_alike(tail, [*tails, *_OTHER_CHANGES], _MIN_SIMILARITY),
        *(form for form in tails if form.split()[0] == verb),
        *_forms_sharing_words(tail, forms),
    ]
    return list(dict.fromkeys(found))[:3]


def _alike(text: str, choices: Sequence[str], least: float) -> list[str]:
    from rapidfuzz import fuzz, process

    unique = list(dict.fromkeys(choices))
    return [choice for choice, *_ in process.extract(text, unique, scorer=fuzz.ratio, limit=3, score_cutoff=least)]


def _forms_sharing_words(tail: str, forms: Sequence[tuple[str, str]]) -> Iterator[str]:
    words = set(re.findall(r"[a-z]+", tail)) - _STOP_WORDS
    for example, about in forms:
        if words & set(re.findall(r"[a-z]+", f"{example} {about}")):
            yield _without_shots(example)
