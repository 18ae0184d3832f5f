"""A project and settings in, how many of its pages a model is still to be asked about out. Asks nothing."""

from __future__ import annotations

from agents import direction
from agents.directors import directs
from agents.directors.briefing import sights
from agents.revising import carry
from agents.understanding.reader import key_of
from storage.library import Library
from storage.settings import Settings
from storage.shapes import Transcript


def to_understand(library: Library, settings: Settings, read: Transcript) -> int:
    """How many pages are to be understood: those with a part that no answer is kept for."""
    if not directs(settings):
        return 0
    images = {page.index: page.artifact for page in library.pages()}
    keys = [
        [key_of(sight, read.order, images[page.index], settings.model) for sight in sights(page)] for page in read.pages
    ]
    there = library.find_many([key for each in keys for key in each])
    return sum(not there.keys() >= set(each) for each in keys)


def to_plan(library: Library, settings: Settings, read: Transcript) -> int:
    """How many pages the model has no plan for yet."""
    if not directs(settings):
        return 0
    asked = library.events(kinds={"asked"})
    if any(event.stage == "storyboard" and event.facts["model"] == settings.model for event in asked):
        return len(direction.unplanned(library, settings, read))
    return sum(bool(page.panels) for page in read.pages)


def left(library: Library, settings: Settings) -> int:
    """How many pages of the plan that stands the rules had to plan, though a model directs."""
    root = carry.planned(library.revisions(), library.head())
    if root is None or not directs(settings):
        return 0
    return len({shot.page for shot in library.shots(root.number) if shot.director == "rules"})
