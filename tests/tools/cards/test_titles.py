"""Test which names make a card, and what it says."""

from __future__ import annotations

import pytest

from tools.cards.titles import MAX_CHARACTERS, chapter_title, title_of_name, title_text


@pytest.mark.parametrize(
    "name",
    ["Komadori", "コマ撮り", "直", "20世紀少年", "The Bird 2", "Pluto", "ナルト 3", "Le Chat", "나무", "Über uns"],
)
def test_a_title_is_a_title(name: str) -> None:
    assert title_text(f"  {name} ") == name


@pytest.mark.parametrize(
    "name",
    ["ja", "003", "en-US", "", "  ", "Untitled", "IMG_2034", "scan 12", "Chapter 3", "vol_01", "p003", 
     "d41d8cd98f00b204",
     "Microsoft Word", "pages", "v02c013", "123-456", "xx", "!!", "Untitled-1", "book.pdf", "jpn", "Cover"],
)  # fmt: skip
def test_a_number_or_code_is_none(name: str) -> None:
    assert title_text(name) == ""
    assert title_of_name(name.removesuffix(".pdf")) in ("", "book")[:1]


def test_a_file_s_name_says_its_title_without_what_was_added() -> None:
    assert title_of_name("The_Little_Bird [scans] v2.cbz") == "The Little Bird v2"
    assert title_of_name("the-little-bird.epub") == "the little bird"
    assert title_of_name("Spider-Man 3.zip") == "Spider-Man 3"
    assert title_of_name("コマドリ【完結】.cbz") == "コマドリ"
    assert title_of_name("003.cbz") == ""


@pytest.mark.parametrize(
    ("folder", "said"),
    [("ch03", "Chapter 3"), ("Vol. 2", "Volume 2"), ("volume_010", "Volume 10"), ("ep-7", "Episode 7"),
     ("c012.5", "Chapter 12.5"),
     ("第3話", "第3話"), ("第二巻", "第二巻"), ("４話", "４話"), ("The storm", "The storm"),
     ("003", ""), ("ja", ""), ("raw", ""),
     ("02 - The Storm", "02 - The Storm"), ("part 0", "")],
)  # fmt: skip
def test_a_chapter_is_called_by_its_number_or_its_title(folder: str, said: str) -> None:
    assert chapter_title(folder) == said


def test_an_endless_title_is_cut() -> None:
    found = title_text("bird " * 500)
    assert len(found) <= MAX_CHARACTERS
    assert found.endswith("…")
