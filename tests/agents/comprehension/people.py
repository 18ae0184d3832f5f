"""Build a small book with people: two pages of four panels, with the kid and a nameless person on both."""

from __future__ import annotations

from agents.stages.cast import gather_cast
from storage.domain import Appearance, Balloon, Box, Kind, Transcript
from tests.conftest import transcript_of

KID, STRANGER = "kid", "character-ab12"


def peopled(pages: int = 2, *, said: tuple[str, ...] = ("Hello, Mika!", "Wh0 is th3re?", "BOOM")) -> Transcript:
    """Return pages with a speech, an unsure text of unknown kind and a sound each, all without a speaker."""
    transcript = transcript_of(pages)
    made = []
    for page in transcript.pages:
        at = page.index
        kinds: tuple[tuple[Kind, float], ...] = (("speech", 0.95), ("other", 0.4), ("sound", 0.9))
        boxes = (Box(40, 40, 120, 90), Box(220, 230, 300, 260), Box(60, 520, 160, 570))
        texts = tuple(
            Balloon(id=f"t{at}-{n}", order=n, box=box, panel=f"p{at}-{home}", text=text, language="en", kind=kind,
                    confidence=sure)
            for n, (box, home, text, (kind, sure)) in enumerate(zip(boxes, (0, 1, 3), said, kinds, strict=True))
        )  # fmt: skip
        seen = (
            Appearance(id=f"c{at}-0", box=Box(230, 300, 330, 410), character=STRANGER, panel=f"p{at}-1"),
            Appearance(id=f"c{at}-1", box=Box(200 - 50 * at, 460, 300, 570), character=KID, panel=f"p{at}-3"),
        )
        made.append(page.model_copy(update={"balloons": texts, "characters": seen}))
    book = transcript.model_copy(update={"pages": tuple(made)})
    cast = tuple(
        character.model_copy(update={"name": "character 1" if character.id == STRANGER else character.name})
        for character in gather_cast(book)
    )
    return book.model_copy(update={"cast": cast})
