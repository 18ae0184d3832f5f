"""Set whose mouths move in shots while they speak, and keep them where shots are merged and planned anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.editing.framing import character_box
from agents.editing.mouth_edit import SetMouths
from agents.editing.refusals import EditError
from agents.editing.selectors import ShotSelector, fold_name, short_name
from agents.editing.storyboard import EditableStoryboard
from agents.speaking_faces import speakers_seen
from storage.domain import ShotPlan

Mouths = tuple[str, ...] | None
"""The ids of characters; None for those that the style of the film wants."""


def set_mouths(board: EditableStoryboard, edit: SetMouths) -> EditableStoryboard:
    """Set whose mouths move in the selected shots: a character more, all who speak there, or nobody.

    Of several shots, those in which nobody is seen who speaks stay as they are.

    Raises:
        EditError: The character is not seen in a shot, or nobody who speaks is seen in any of them.
    """
    found, board = board.select_unlocked(edit.which)
    if not edit.on:
        return board.with_shots([_with_mouths(shot, ()) for shot in found])
    if edit.character is not None:
        return board.with_shots([_with_character(board, shot, edit.character) for shot in found])
    speaking = {shot.id: speakers for shot in found if (speakers := speakers_seen(board.page(shot), shot))}
    if not speaking:
        name = short_name(found[0].id)
        hint = f"say who is seen: shot {name} mouth on mika, or who speaks: main.py fix PROJECT 'page 3 speaker 5 mika'"
        raise EditError(f"nobody is seen in shot {name} who speaks in it", hint, "not_seen", shot=found[0].id)
    return board.with_shots([_with_mouths(shot, speaking[shot.id]) for shot in found if shot.id in speaking])


def join_mouths(shots: Sequence[ShotPlan]) -> Mouths:
    """Return whose mouths move in shots that become one: those that move in any of them."""
    chosen = [shot.render_options.mouths for shot in shots]
    named = dict.fromkeys(name for names in chosen for name in names or ())
    return tuple(named) if named or all(names is not None for names in chosen) else None


def mouth_edits(which: ShotSelector, was: Mouths, now: Mouths) -> Iterator[SetMouths]:
    """Yield the edits that give a shot its moving mouths in place of those that it had."""
    if was == now or now is None:
        return
    if not set(was or ()) <= set(now) or not now:
        yield SetMouths(which=which, on=False)
        was = ()
    yield from (SetMouths(which=which, character=name) for name in now if name not in (was or ()))


def _with_character(board: EditableStoryboard, shot: ShotPlan, character: str) -> ShotPlan:
    """Return a shot in which the mouth of a character moves, too."""
    character_box(board, shot, character)
    before = shot.render_options.mouths or ()
    return _with_mouths(shot, tuple(dict.fromkeys((*before, board.people()[fold_name(character)]))))


def _with_mouths(shot: ShotPlan, mouths: tuple[str, ...]) -> ShotPlan:
    return shot.model_copy(update={"render_options": shot.render_options.model_copy(update={"mouths": mouths})})
