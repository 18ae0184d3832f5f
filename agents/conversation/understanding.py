"""Understand a message without a model: the edits that it may mean in this film, a question, or a reply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from agents.conversation.actions import STEPS, Actions, step_count
from agents.corrections.errors import GrammarError
from agents.editing import grammar, selectors
from agents.editing.selectors import ShotSelector
from agents.editing.storyboard import EditableStoryboard
from agents.language import parser
from agents.language.clauses import CONTEXTUAL, IT, NTH, Clause, Meaning
from agents.language.parser import Sentence
from storage.errors import SettingsError

REPLIES = ("yes", "never mind", "again", "choose")
MAX_READINGS = 6
"""Most readings of a message that are looked at."""
MAX_VARIANTS = 64
"""Most combinations of what the parts of a message may stand for, such as balloons with the same words."""
_ARTICLES = ("the ", "a ", "an ", "this ", "that ")


@dataclass(frozen=True)
class MessageReading:
    """What a message means in a film, as far as it is understood without a model.

    Attributes:
        language: The language of the message.
        sentences: Its sentences.
        readings: The different actions that it may mean; one if it is clear.
        is_guess: Whether the readings guess which shots are meant, as of "it".
        question: A question about the film, or a reply such as "yes"; None if it is neither.
        thing: What the camera shall look at, if its place is not known; "" otherwise.
        thing_shots: The shots in which it shall be seen, as a selector.
        fault: Why an understood line is no edit, such as a number out of bounds.
    """

    language: str
    sentences: tuple[Sentence, ...]
    readings: tuple[Actions, ...] = ()
    is_guess: bool = False
    question: Clause | None = None
    thing: str = ""
    thing_shots: str = ""
    fault: GrammarError | None = None


class UnknownPlaceError(Exception):
    """The camera shall look at something whose place is not known."""

    def __init__(self, thing: str, shots: str) -> None:
        super().__init__(thing)
        self.thing, self.shots = thing, shots


def read_message(message: str, board: EditableStoryboard, last_shot: str) -> MessageReading:
    """Understand a message, with its misspelt words corrected.

    Args:
        message: What the person says.
        board: The storyboard, whose cast and balloons can be named.
        last_shot: Id of the shot that was spoken of last, for words such as "it"; "" if there is none.
    """
    names = tuple(name for member in board.transcript.cast for name in (member.name, member.id))
    lines = list(grammar.split_lines(message))
    sentences = tuple(parser.parse_sentence(line, names, forgive_typos=True) for line in lines)
    language = sentences[0].language if sentences else "en"
    reading = MessageReading(language, sentences)
    if len(sentences) == 1 and (clause := _question_or_reply(sentences[0])):
        return replace(reading, question=_resolve_question(clause, board, last_shot))
    its = selectors_of_it(board, last_shot)
    says_it_twice = sum(map(_mentions_it, sentences)) > 1
    joined: list[Actions] = []
    try:
        for meant in [(it,) for it in its] if says_it_twice else [its]:
            choices = [_line_readings(line, one, board, meant) for line, one in zip(lines, sentences, strict=True)]
            joined += map(_join_actions, islice(product(*choices), MAX_VARIANTS))
    except UnknownPlaceError as unknown:
        return replace(reading, thing=unknown.thing, thing_shots=unknown.shots)
    except GrammarError as fault:
        return replace(reading, fault=fault)
    found = _distinct(joined)[:MAX_READINGS]
    return replace(reading, readings=found, is_guess=any(map(_is_about_it, sentences)))


def selectors_of_it(board: EditableStoryboard, last_shot: str) -> tuple[str, ...]:
    """Return the selectors that "it" may stand for: the shot that was spoken of last if it is there, and the film."""
    is_there = any(shot.id == last_shot for shot in board.shots)
    return (*((f"shot {selectors.short_name(last_shot)}",) if is_there else ()), "film")


def _question_or_reply(sentence: Sentence) -> Clause | None:
    clauses = [meaning[0] for meaning in sentence.meanings if len(meaning) == 1]
    found = [clause for clause in clauses if clause.do in REPLIES or clause.do.startswith("ask ")]
    only = len(found) == len(sentence.meanings)
    return min(found, key=lambda clause: clause.do not in REPLIES) if found and only else None


def _resolve_question(clause: Clause, board: EditableStoryboard, last_shot: str) -> Clause:
    """Return a question about shots that are named by their numbers."""
    which = clause.get("which")
    if not which.startswith(CONTEXTUAL):
        return clause
    found = _resolve_selector(which, board, selectors_of_it(board, last_shot))
    return clause.with_field("which", found[0] if found else "")


def _line_readings(line: str, sentence: Sentence, board: EditableStoryboard, its: Sequence[str]) -> list[Actions]:
    if grammar.is_correction(line):
        return [Actions(edits=tuple(grammar.parse_edits(line)))]
    return read_meanings(line, sentence.meanings, board, its)


def read_meanings(
    line: str, meanings: Sequence[Meaning], board: EditableStoryboard, its: Sequence[str]
) -> list[Actions]:
    """Return the actions that the meanings of a line stand for; those that name their shots come before all others.

    Args:
        line: The line.
        meanings: The meanings of the line.
        board: The storyboard.
        its: The selectors that "it" may stand for; it is the same one in all clauses of a meaning.

    Raises:
        GrammarError: A value is out of its bounds in every meaning.
        UnknownPlaceError: The camera shall look at something whose place is not known.
    """
    plain = [meaning for meaning in meanings if not any(map(_is_contextual, meaning))]
    found: list[Actions] = []
    for meaning in plain or meanings:
        steps = sum(step_count(clause) for clause in meaning if clause.do in STEPS)
        rest = [clause for clause in meaning if clause.do not in STEPS]
        if not rest:
            found.append(Actions(steps))
            continue
        variants = list(islice(_resolve_meaning(rest, board, its), MAX_VARIANTS))
        found += [Actions(steps, tuple(edits)) for edits in grammar.edits_of_meanings(line, variants)]
    return list(_distinct(found))


def _distinct(found: Iterable[Actions]) -> tuple[Actions, ...]:
    """Return the actions that do something, each once; edits with pictures cannot be hashed."""
    distinct: list[Actions] = []
    for actions in found:
        if actions and actions not in distinct:
            distinct.append(actions)
    return tuple(distinct)


def _is_about_it(sentence: Sentence) -> bool:
    """Return whether every meaning of a sentence leaves open which shots are meant."""
    return bool(sentence.meanings) and all(
        any(clause.get("which") == IT for clause in meaning) for meaning in sentence.meanings
    )


def _mentions_it(sentence: Sentence) -> bool:
    return any(clause.get("which") == IT for meaning in sentence.meanings for clause in meaning)


def _is_contextual(clause: Clause) -> bool:
    return clause.get("which").startswith(CONTEXTUAL)


def _resolve_meaning(meaning: Sequence[Clause], board: EditableStoryboard, its: Sequence[str]) -> Iterator[Meaning]:
    """Yield what a meaning may stand for in this film; a word such as "it" stands for the same shots in all clauses."""
    unresolved = list(dict.fromkeys(clause.get("which") for clause in meaning if _is_contextual(clause)))
    for chosen in product(*(_resolve_selector(which, board, its) for which in unresolved)):
        resolved = dict(zip(unresolved, chosen, strict=True))
        yield from product(*(list(_resolve_clause(clause, resolved, board)) for clause in meaning))


def _resolve_clause(clause: Clause, resolved: Mapping[str, str], board: EditableStoryboard) -> Iterator[Clause]:
    """Yield the clauses that a clause may stand for, with the selectors that its contextual ones stand for."""
    which = clause.get("which")
    if which:
        clause = clause.with_field("which", resolved.get(which, which))
    thing = clause.get("thing") or (clause.get("character") if clause.do == "frame" else "")
    if thing:
        yield from _look_at(thing, clause, board)
    else:
        yield clause


def _resolve_selector(which: str, board: EditableStoryboard, its: Sequence[str]) -> list[str]:
    """Return the selectors that a contextual one may stand for."""
    if which == IT:
        return list(its)
    ids = [shot.id for shot in board.shots]
    number = int(which.removeprefix(NTH)[:4])
    places = [shot_id for place, shot_id in enumerate(ids, start=1) if place == number]
    named = [shot_id for shot_id in ids if shot_id == selectors.full_name(str(number))]
    found = ids[-1:] if number < 0 else dict.fromkeys([*places, *named])
    return [f"shot {selectors.short_name(shot_id)}" for shot_id in found]


def _look_at(thing: str, clause: Clause, board: EditableStoryboard) -> Iterator[Clause]:
    """Yield edits that frame a character, or the balloons in which the words stand.

    Raises:
        UnknownPlaceError: Neither is known by that name.
    """
    which, name = clause.get("which"), _bare_name(thing)
    if selectors.fold_name(name) in board.people():
        yield Clause.of("frame", which=which, character=name)
        return
    balloons = list(_balloons_with(name, which, board))
    if not balloons:
        raise UnknownPlaceError(name, which)
    for shot, number in balloons:
        yield Clause.of("frame", which=f"shot {selectors.short_name(shot)}", balloon=str(number))


def _bare_name(thing: str) -> str:
    name = thing.strip(" \"'“”„「」『』«»")
    return next((name[len(article) :] for article in _ARTICLES if name.lower().startswith(article)), name)


def _balloons_with(words: str, which: str, board: EditableStoryboard) -> Iterator[tuple[str, int]]:
    """Yield the shots and the numbers of their balloons that contain some words."""
    wanted = selectors.fold_name(words)
    try:
        shots = board.select(ShotSelector.parse(which))
    except (SettingsError, ValueError):
        return
    for shot in shots:
        for number, balloon in enumerate(board.lettering(shot), start=1):
            if wanted and wanted in selectors.fold_name(" ".join(balloon.text.split())):
                yield shot.id, number


def _join_actions(parts: Iterable[Actions]) -> Actions:
    """Join the actions of several lines; steps after an edit are no actions."""
    joined = Actions()
    for part in parts:
        if part.steps and joined.edits:
            return Actions()
        joined = Actions(joined.steps + part.steps, (*joined.edits, *part.edits))
    return joined


def mentioned_shot(texts: Sequence[str], board: EditableStoryboard) -> str:
    """Return the id of the shot that the newest of some texts names alone; "" if none does."""
    ids = {shot.id for shot in board.shots}
    for text in reversed(texts):
        for line in reversed(list(grammar.split_lines(text))):
            sentence = parser.parse_sentence(line)
            if any(clause.do == "choose" for meaning in sentence.meanings for clause in meaning):
                continue  # a bare number chose a proposal, and names no shot
            found, _ = parser.find_shots(sentence.text, sentence.tokens)
            named = [selectors.full_name(which.removeprefix("shot ")) for which in found if which.startswith("shot ")]
            if len(found) == 1 and named and named[0] in ids:
                return named[0]
    return ""
