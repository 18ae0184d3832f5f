"""What revising one shot of 40 costs, as a share of the time of the whole film."""

from __future__ import annotations

import tempfile
from pathlib import Path

from agents import film
from benchmarks import books
from benchmarks.rows import Row, seconds_of
from storage.library import Library
from storage.settings import Settings

PAGES, BOUND = 10, 0.08


def rows() -> list[Row]:
    """Film 40 shots, make one of them longer, film again; and once more with nothing to do."""
    settings = Settings()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "revise.komadori"
        chapter = books.chapter(Path(folder) / "chapter", PAGES)
        wishes = film.Wishes(chapter, Path(folder) / "film.mp4", corrections=books.transcript(PAGES))
        whole = seconds_of(lambda: film.animate(project, settings, wishes))
        with Library.open(project) as library:
            plans = list(library.shots())
            plans[len(plans) // 2] = plans[len(plans) // 2].model_copy(
                update={"seconds": plans[len(plans) // 2].seconds + 1}
            )
            library.add_revision(plans, key="slower", author="hand", message="slower")
        revise = seconds_of(lambda: film.animate(project, settings, film.Wishes(output=Path(folder) / "film.mp4")))
        nothing = seconds_of(lambda: film.animate(project, settings, film.Wishes(output=Path(folder) / "film.mp4")))
    share = revise / whole
    return [
        Row(f"revising one shot of {len(plans)}", f"{share:.1%} of the film's {whole:.0f} s", "<= 8 %", share <= BOUND),
        Row("joining again with nothing to do", f"{nothing / whole:.1%}"),
    ]
