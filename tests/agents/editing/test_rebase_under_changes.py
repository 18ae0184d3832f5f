"""Property test: random edits, changes of pages, undo and redo keep every edit whose panels stand, or name its loss.

Books are drawn, read and planned; nothing is filmed.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agents import run
from agents.editing import grammar, revise, undo
from agents.editing.selectors import short_name
from agents.editing.shot_status import editable_storyboard
from storage.domain import PageImage, ShotPlan, Transcript
from storage.errors import KomadoriError
from storage.library import Library
from storage.records import root_plan
from tests.agents.editing.test_random_edits import any_edit, sound
from tests.drawn_books import SETTINGS, DrawnBook, DrawnPage, numbered_page, panel_boxes

ACTIONS = ("edit", "edit", "edit", "prompt", "retouch", "letter", "insert", "remove", "swap", "undo", "redo")


class State(NamedTuple):
    """All that undo must bring back."""

    shots: tuple[ShotPlan, ...]
    pages: tuple[PageImage, ...]
    transcript: Transcript | None
    drawn: tuple[DrawnPage, ...]
    plan: tuple[ShotPlan, ...]
    """The director's plan."""


@dataclass
class Film:
    """A project of a drawn book, and what must be true of it."""

    book: DrawnBook
    luck: Random
    past: list[State] = field(default_factory=list)
    """The states that undo goes back to, the newest last."""
    future: list[State] = field(default_factory=list)
    said: dict[int, list[tuple[str, frozenset[int]]]] = field(default_factory=dict)
    """Revision -> the shots that its edits named, each with the seeds of its panels."""
    planned: tuple[DrawnPage, ...] = ()
    """The pages that the project has, whatever those of the book are now."""
    seeds: int = 100

    @property
    def project(self) -> Path:
        return self.book.folder.with_suffix(".komadori")

    def act(self, action: str) -> None:
        """Do one thing, and check what follows from it."""
        before = self.state()
        if action in ("undo", "redo"):
            self.step(action)
        elif action in ("edit", "prompt"):
            self.edit(action)
        else:
            self.change_pages(action)
            self.plan()
        after = self.state()
        if action not in ("undo", "redo") and after != before:
            self.past.append(before)
            self.future.clear()
        self.check(action, before, after)

    def step(self, action: str) -> None:
        source, target = (self.past, self.future) if action == "undo" else (self.future, self.past)
        now = self.state()
        if not source:
            return
        getattr(undo, action)(self.project)
        run.plan(self.project, SETTINGS, run.RunOptions())
        self.planned = source[-1].drawn
        assert self.state() == source[-1], f"{action} brings back exactly what was"
        target.append(now)
        source.pop()

    def edit(self, action: str) -> None:
        with Library.open(self.project) as library:
            shots = library.shots()
            names = [shot.id for shot in (*shots, *library.dropped_shots())]
            line = any_edit(self.luck, names)
            if action == "prompt":
                line = f'shot {short_name(self.luck.choice(shots).id)} prompt "{self.luck.random()}"'
            if "aspect" in line or " take " in line or " refs " in line:
                return  # other tests tell of these
            seeds = {shot.id: self.seeds_of(library, shot) for shot in (*shots, *library.dropped_shots())}
            selected, before = _selected(library, line), library.head()
            try:
                revise.revise(library, [grammar.parse_line(line)], author="hand")
            except KomadoriError:
                return
            head = library.head()
            assert head
            if head != before:  # else all of it was so already
                self.said[head.number] = [(name, seeds[name]) for name in selected if name in seeds]

    def change_pages(self, action: str) -> None:
        pages, luck = self.book.pages, self.luck
        page = luck.randrange(len(pages))
        panel = luck.randrange(len(pages[page]))
        if action == "retouch":
            self.book.change_panel(page, panel, specks=luck.randrange(1, 6))
        elif action == "letter":
            self.book.change_panel(page, panel, words=luck.randrange(0, 12))
        elif action == "insert" and len(pages) < 5:
            self.seeds += 10
            pages.insert(page, numbered_page(self.seeds, [luck.randrange(0, 6) for _ in range(luck.randrange(2, 5))]))
        elif action == "remove" and len(pages) > 1:
            del pages[page]
        elif action == "swap":
            other = luck.randrange(len(pages))
            pages[page], pages[other] = pages[other], pages[page]

    def plan(self) -> None:
        run.plan(self.project, SETTINGS, run.RunOptions(self.book.write()))
        self.planned = tuple(self.book.pages)

    def state(self) -> State:
        with Library.open(self.project, readonly=True) as library:
            head = library.head()
            root = root_plan(library.revisions(), head.number if head else None)
            plan = library.shots(root.number) if root else ()
            return State(library.shots(), library.pages(), library.transcript(), self.planned, plan)

    def seeds_of(self, library: Library, shot: ShotPlan) -> frozenset[int]:
        """Return what the panels of a shot show, by the seeds that they are drawn from."""
        transcript = library.transcript()
        assert transcript
        boxes = {panel.id: panel.box for page in transcript.pages for panel in page.panels}
        page = self.planned[shot.page]
        drawn = dict(zip(panel_boxes(page), page, strict=True))
        return frozenset(drawn[boxes[name]].seed for name in shot.panels if boxes[name] in drawn)

    def check(self, action: str, before: State, after: State) -> None:
        """Check the storyboard, and that each edit in force holds or is named as lost."""
        shots = after.shots
        assert len({shot.id for shot in shots}) == len(shots)
        assert [shot.ordinal for shot in shots] == list(range(len(shots)))
        with Library.open(self.project, readonly=True) as library:
            board, line = editable_storyboard(library), library.ancestry()
        sound(board, board)
        if before.pages == after.pages or action in ("undo", "redo"):
            return
        for page in set(before.drawn) & set(after.drawn):
            if _of_page(before, before.plan, page) == _of_page(after, after.plan, page):
                was, now = _of_page(before, before.shots, page), _of_page(after, after.shots, page)
                assert now == was, "a page that is planned as before is as people left it"
        lost = {(one.revision, shot) for one in line[-1].lost for shot in one.shots}
        there = {panel.seed for page in self.planned for panel in page}
        standing = {shot.id for shot in shots}
        for revision in (revision for revision in line if revision.kind == "edit"):
            for name, seeds in self.said.get(revision.number, ()):
                if seeds.isdisjoint(there) and name not in standing:
                    assert (revision.number, name) in lost, "an edit of a panel that is gone is named"


def _of_page(state: State, shots: tuple[ShotPlan, ...], page: DrawnPage) -> list[ShotPlan]:
    """Return the shots of a drawn page, without what changes when it moves within the book."""
    place = state.drawn.index(page)
    plain = {"ordinal": 0, "page": 0, "panels": (), "balloons": ()}
    return [shot.model_copy(update=plain) for shot in shots if shot.page == place]


def _selected(library: Library, line: str) -> list[str]:
    edit = grammar.parse_line(line)
    which = getattr(edit, "which", None)
    if which is None or edit.do in ("restore", "move shot", "swap shots", "merge shots"):
        return []
    try:
        return [
            shot.id for shot in editable_storyboard(library).select(which) if edit.do == "unlock" or not shot.locked
        ]
    except KomadoriError:
        return []


@settings(
    max_examples=8, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
@given(st.randoms(use_true_random=False), st.lists(st.sampled_from(ACTIONS), min_size=4, max_size=10))
def test_edits_survive_whatever_happens_to_the_pages(luck: Random, actions: list[str]) -> None:
    with tempfile.TemporaryDirectory() as room:
        film = Film(DrawnBook(Path(room) / "book", [numbered_page(10, [3, 0, 5]), numbered_page(20, [0, 4])]), luck)
        film.plan()
        for action in actions:
            film.act(action)
