"""Count the pages about which a language model still has to be asked. Calls no model."""

from __future__ import annotations

from agents.comprehension.reader import key_of
from agents.llm.model_facts import recall_facts
from agents.llm.servers import configured_server
from agents.planning import is_llm_director, llm_planning
from agents.planning.prompt import page_views
from storage.domain import Transcript
from storage.library import Library
from storage.records import root_plan
from storage.settings import Settings


def count_pages_to_understand(library: Library, settings: Settings, read: Transcript) -> int:
    """Return how many pages have a part for which no answer is kept."""
    if not is_llm_director(settings):
        return 0
    images = {page.index: page.artifact for page in library.pages()}
    kinds = recall_facts(library, configured_server(settings.model)).answer_kinds
    views = [
        [
            {key_of(view, read.order, images[page.index], settings.model, text_only=text_only) for text_only in kinds}
            for view in page_views(page)
        ]
        for page in read.pages
    ]
    kept_answers = library.find_many([key for page in views for keys in page for key in keys]).keys()
    return sum(not all(keys & kept_answers for keys in page) for page in views)


def count_pages_to_plan(library: Library, settings: Settings, read: Transcript) -> int:
    """Return how many pages the model has not planned yet."""
    if not is_llm_director(settings):
        return 0
    asked = library.events(kinds={"asked"})
    if any(event.stage == "storyboard" and event.facts["model"] == settings.model for event in asked):
        return len(llm_planning.unplanned_pages(library, settings, read))
    return sum(bool(page.panels) for page in read.pages)


def count_rule_planned_pages(library: Library, settings: Settings) -> int:
    """Return how many pages of the current plan the rules had to plan, though a model directs."""
    head = library.head()
    root = root_plan(library.revisions(), head.number if head else None)
    if root is None or not is_llm_director(settings):
        return 0
    return len({shot.page for shot in library.shots(root.number) if shot.director == "rules"})
