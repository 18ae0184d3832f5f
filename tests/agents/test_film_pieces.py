"""The pieces of a film follow each other without a gap, and a film without a take is none."""

from __future__ import annotations

from itertools import pairwise

import pytest

from agents import film_pieces
from agents.graph import run_graph
from agents.run_context import RunContext
from agents.stages import cast, ingest, read, storyboard
from storage.errors import ProjectError


@pytest.mark.film
def test_pieces_follow_each_other_and_a_dissolve_stands_before_its_shot(context: RunContext) -> None:
    run_graph(context, {})
    shots = list(context.library.shots())
    shots[1] = shots[1].model_copy(update={"transition": "dissolve"})
    context.library.add_revision(tuple(shots), key="", author="hand", message="dissolve")
    run_graph(context, {})
    pieces = film_pieces.film_pieces(context, {}, context.library.info())
    assert pieces[0].start == 0
    assert all(after.start == before.start + before.frames for before, after in pairwise(pieces))
    number = next(i for i, piece in enumerate(pieces) if piece.shot and piece.shot.id == shots[1].id)
    assert pieces[number - 1].shot is None
    assert pieces[number - 1].frames == context.settings.screen.frame_count(film_pieces.DISSOLVE_SECONDS)
    assert [piece.shot.id for piece in pieces if piece.shot] == [shot.id for shot in shots]


def test_a_film_of_no_take_is_refused(context: RunContext) -> None:
    for stage in (ingest, read, cast, storyboard):
        stage.run(context, {})
    with pytest.raises(ProjectError):
        film_pieces.film_pieces(context, {}, context.library.info())
