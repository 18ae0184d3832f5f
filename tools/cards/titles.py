"""Tell names that read as titles from numbers, codes and file names, so that no card says "ja" or "003"."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 160
"""Characters of the longest title; the rest is cut off."""
_SUFFIX = re.compile(
    r"\.(?:cb[zrt7]|zip|rar|7z|tar|pdf|epub|docx?|indd|ai|psd|clip|jpe?g|png|webp|gif|tiff?|avif)$", re.IGNORECASE
)
_BRACKETED = re.compile(r"\[[^\]]*\]|\{[^}]*\}|【[^】]*】")
"""What names of downloaded books add: who scanned it, its quality, a checksum."""
_NUMBERED = re.compile(
    r"(?P<word>volume|vol|v|chapter|chap|ch|c|episode|ep|part|book)[ ._-]*0*(?P<number>[1-9]\d{0,3}(?:\.\d)?)",
    re.IGNORECASE,
)
_WORDS = {"v": "Volume", "c": "Chapter", "e": "Episode", "p": "Part", "b": "Book"}
"""The word that a card writes for a numbered folder, by the first letter of the folder's own word."""
_JAPANESE_NUMBERED = re.compile(r"第?[0-9〇一二三四五六七八九十百]+[巻話章回部]")
_NO_TITLES = frozenset({
    "back", "book", "bw", "cbz", "ch", "chap", "chapter", "chi", "chinese", "cn", "color", "colour", "comic",
    "comics", "copy", "cover", "de", "deu", "digital", "doc", "document", "download", "downloads", "draft",
    "dsc", "dscn", "en", "eng", "english", "ep", "episode", "epub", "es", "export", "file", "files", "final",
    "folder", "fr", "fra", "french", "front", "german", "hires", "image", "images", "img", "it", "ita",
    "italian", "ja", "jap", "japanese", "jp", "jpn", "ko", "kor", "korean", "kr", "lowres", "manga", "manhua",
    "manhwa", "microsoft", "new", "no", "none", "null", "ocr", "original", "output", "page", "pages", "part",
    "pdf", "photo", "photos", "pic", "picture", "pictures", "por", "portuguese", "powerpoint", "presentation",
    "print", "pt", "pxl", "raw", "raws", "ru", "rus", "russian", "scan", "scanned", "scans", "screenshot",
    "sheet", "spa", "spanish", "temp", "test", "title", "tmp", "translated", "translation", "tw", "uk",
    "unknown", "unnamed", "untitled", "us", "vol", "volume", "web", "word", "zh", "zho", "zip",
})  # fmt: skip
"""Words that say nothing of what a book is about."""
_MIN_LATIN = 3
_HASH = re.compile(r"[0-9a-f]{8,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def title_text(name: str) -> str:
    """Return a title without blanks at its ends and of bounded length; "" for one that does not read as a title."""
    text = " ".join(name.split())
    if not reads_as_title(text):
        return ""
    return text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1].rstrip() + "…"


def title_of_name(name: str) -> str:
    """Return the title that the name of a file or folder says; "" where it does not read as one."""
    bare = _SUFFIX.sub("", name.rstrip("/"))
    words = _BRACKETED.sub(" ", bare).replace("_", " ")
    return title_text(words if " " in words.strip() else words.replace("-", " "))


def chapter_title(name: str) -> str:
    """Return what a card says for a chapter's folder or bookmark: "Chapter 3" for "ch03"; "" where it says nothing."""
    text = " ".join(_BRACKETED.sub(" ", name).replace("_", " ").split())
    if numbered := _NUMBERED.fullmatch(text):
        return f"{_WORDS[numbered['word'][0].lower()]} {numbered['number']}"
    return text if _JAPANESE_NUMBERED.fullmatch(unicodedata.normalize("NFKC", text)) else title_of_name(name)


def reads_as_title(text: str) -> bool:
    """Return whether a text reads as a title: it has a word that is no code, no number and not only what a file is."""
    if _HASH.fullmatch(text.strip()) or _SUFFIX.search(text):
        return False
    words = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", text))
    return any(_is_telling(word) for word in words)


def _is_telling(word: str) -> bool:
    """Return whether a word says something: two letters, or three Latin ones with a vowel, and no word for a file."""
    if word.casefold() in _NO_TITLES:
        return False
    if not word.isascii():
        return len(word) > 1 or unicodedata.name(word, "").startswith("CJK")
    return len(word) >= _MIN_LATIN and bool(re.search(r"[aeiouy]", word, re.IGNORECASE))
