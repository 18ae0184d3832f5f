"""Store a transcript that a person edited as a correction, and lay stored corrections over the pages as read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, get_args

from agents.corrections.characters import merge_characters, rename_characters, set_voices
from agents.corrections.panels import MIN_PANEL_PIXELS
from agents.run_context import RunContext
from storage.domain import Order, PageImage, PageTranscript, Polygon, Transcript
from storage.errors import SettingsError
from storage.keys import content_key
from storage.sound import NARRATOR, CharacterVoice
from storage.transcript_references import check_references
from tools.geometry import box_polygon
from tools.reading.order import arrange_page
from tools.reading.renumbering import sort_by_order

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

AsRead = Callable[[PageImage], PageTranscript | None]


def keep_corrections(context: RunContext, pages_now: tuple[PageImage, ...], as_read: AsRead) -> None:
    """Store the edited transcript of `context` as one correction that can be undone.

    A page that equals the present or the original reading is no correction. The same transcript given again changes
    nothing, even if something was corrected since then.

    Raises:
        SettingsError: The transcript is not of this book, or contradicts itself.
    """
    given, library = context.corrections, context.library
    if given is None:
        return
    check_transcript(given, (page.name for page in pages_now))
    images = _find_images(given, pages_now)
    key = content_key("transcript", "hand", 1, transcript=given)
    if key == next((one.key for one in reversed(library.correction_ancestry()) if one.kind == "transcript"), None):
        return
    standing = library.transcript()
    pages: dict[str, PageTranscript | None] = {}
    for page, image in zip(given.pages, images, strict=True):
        pages |= _page_correction(library, page, image, standing, as_read)
    numbers = [image.index + 1 for image in images if image.artifact in pages]
    correction = library.add_correction(
        pages,
        author="hand",
        message="transcript by hand" + (f": page {', '.join(map(str, numbers))}" if numbers else ""),
        kind="transcript",
        key=key,
        order=given.order if standing is None or standing.order != given.order else None,
        names=_new_names(given, standing),
        merged={character.id: None for character in given.cast},
        voices=_new_voices(given, standing),
    )
    if correction:
        context.note("read", f"corrected by hand: {correction.message}")


def check_transcript(transcript: Transcript, names: Iterable[str]) -> None:
    """Raise SettingsError if a transcript contradicts itself.

    Its images must be among `names`, and its boxes must lie on their page or near it: a box a billion pixels wide would
    be planned for hours.
    """
    check_references(transcript)
    known = set(names)
    for page in transcript.pages:
        if page.image not in known:
            raise SettingsError(f"the transcript speaks of {page.image}", "its images must be names below SOURCE")
        _check_places(page)


def _check_places(page: PageTranscript) -> None:
    """Raise SettingsError if a panel shows nothing, or something reaches further outside its page than it is large."""
    size = f"the page has {page.width} x {page.height} pixels"
    for panel in page.panels:
        x0, y0, x1, y1 = panel.box
        width, height = min(x1, page.width) - max(x0, 0), min(y1, page.height) - max(y0, 0)
        if min(width, height) < MIN_PANEL_PIXELS:
            raise SettingsError(f"{page.image}: panel {panel.id} shows nothing of the page", size)
    boxes = [(panel.id, panel.box) for panel in page.panels]
    boxes += [(balloon.id, balloon.box) for balloon in page.balloons]
    boxes += [(appearance.id, appearance.box) for appearance in page.characters]
    shapes: list[tuple[str, Polygon]] = [(name, box_polygon(box)) for name, box in boxes]
    shapes += [(panel.id, panel.polygon) for panel in page.panels]
    shapes += [(balloon.id, balloon.outline) for balloon in page.balloons]
    for name, points in shapes:
        if not all(-page.width <= x <= 2 * page.width and -page.height <= y <= 2 * page.height for x, y in points):
            raise SettingsError(f"{page.image}: {name} reaches far outside the page", size)


def pages_by_hand(library: Library, pages: Sequence[PageImage]) -> dict[int, PageTranscript]:
    """Return those of the pages that people corrected, by page index and with the ids of this book."""
    found = library.corrected_pages(page.artifact for page in pages)
    return {
        page.index: sort_by_order(found[page.artifact].model_copy(update={"index": page.index, "image": page.name}))
        for page in pages
        if page.artifact in found
    }


def cast_by_hand(library: Library, transcript: Transcript) -> Transcript:
    """Return the transcript with its characters renamed, merged and given voices as people corrected them."""
    correction = library.correction()
    if correction is None:
        return transcript
    named = rename_characters(merge_characters(transcript, correction.merged), correction.names)
    return set_voices(named, {**dict.fromkeys([NARRATOR, *(one.id for one in named.cast)]), **correction.voices})


def _find_images(transcript: Transcript, pages: tuple[PageImage, ...]) -> list[PageImage]:
    by_name = {page.name: page for page in pages}
    found = []
    for page in transcript.pages:
        image = by_name[page.image]
        if (page.width, page.height) != (image.width, image.height):
            raise SettingsError(
                f"the transcript gives {page.image} as {page.width} x {page.height}",
                f"the page is {image.width} x {image.height}",
            )
        found.append(image)
    return found


def _page_correction(
    library: Library, page: PageTranscript, image: PageImage, current: Transcript | None, as_read: AsRead
) -> dict[str, PageTranscript | None]:
    """Return the effect of one edited page: the page itself, None to return to the original reading, or nothing."""
    given = sort_by_order(page.without_voices().model_copy(update={"index": image.index, "doubts": ()}))
    if current and given in (_without_doubts(known) for known in current.pages):
        return {}
    read = as_read(image)
    if read and given in (_without_doubts(arrange_page(read, order)) for order in get_args(Order)):
        return {image.artifact: None}
    return {image.artifact: given}


def _without_doubts(page: PageTranscript) -> PageTranscript:
    return page.without_voices().model_copy(update={"doubts": ()})


def _new_voices(transcript: Transcript, current: Transcript | None) -> dict[str, CharacterVoice | None]:
    """Return what the transcript says of voices where that differs from the present transcript."""
    known = _said_of_voices(current) if current else {}
    return {who: voice for who, voice in _said_of_voices(transcript).items() if voice != known.get(who)}


def _said_of_voices(transcript: Transcript) -> dict[str, CharacterVoice | None]:
    return {NARRATOR: transcript.narrator, **{character.id: character.voice for character in transcript.cast}}


def _new_names(transcript: Transcript, current: Transcript | None) -> dict[str, str]:
    """Return the names that differ from the present ones; a character without a name has its id as name."""
    known = {character.id: character.name for character in current.cast} if current else {}
    return {one.id: one.name for one in transcript.cast if one.name != known.get(one.id, one.id)}
