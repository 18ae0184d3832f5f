"""Draw the sample chapter: its pages, their ground truth and ComicInfo.xml.

    python examples/draw_chapter.py [FOLDER]

The pages are the same every time, byte for byte. FOLDER is examples/ by default.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import cv2

HERE = Path(__file__).resolve().parent
PAGES = ("page1_window", "page2_strip", "page3_hops", "page4_light", "page5_flight")
INFO = """<?xml version="1.0" encoding="utf-8"?>
<ComicInfo xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Title>Komadori</Title>
  <Writer>The Komadori project</Writer>
  <Penciller>The Komadori project</Penciller>
  <PageCount>{count}</PageCount>
  <LanguageISO>en</LanguageISO>
  <Manga>No</Manga>
</ComicInfo>
"""


def main(folder: Path = HERE) -> None:
    sys.path.insert(0, str(HERE))
    book = folder / "komadori"
    book.mkdir(parents=True, exist_ok=True)
    pages = []
    for number, name in enumerate(PAGES, start=1):
        page = importlib.import_module(f"drawing.{name}").draw()
        image = f"{number:03d}.png"
        cv2.imwrite(str(book / image), page.printed(), [cv2.IMWRITE_PNG_COMPRESSION, 9])
        pages.append(page.truth(image))
    truth = {
        "version": 1,
        "order": "ltr",
        "backend": "drawn",
        "pages": pages,
        "cast": [{"id": "robin", "name": "Robin", "appearances": []}],
    }
    (folder / "komadori.truth.json").write_text(
        json.dumps(truth, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (book / "ComicInfo.xml").write_text(INFO.format(count=len(PAGES)), encoding="utf-8")


if __name__ == "__main__":
    main(*(Path(given) for given in sys.argv[1:2]))
