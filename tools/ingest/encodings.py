"""Guess the encoding of text that declares none, such as file names in zip archives, by how common its letters are.

Detectors of encodings need a page of text; the names of an archive are often two characters and a number. So every
candidate that can decode the bytes is scored by its letters: the characters that titles and file names are made of
count most, then those that the standard of the encoding put on its first level because they are frequent.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator

NAME_ENCODINGS = ("utf-8", "cp932", "gb18030", "cp949", "cp950", "cp437", "cp850", "cp866", "cp1252")
"""What packers write into archives: UTF-8 (macOS, Linux), and the Windows code pages of comic-reading countries."""

TEXT_ENCODINGS = ("utf-8", "cp932", "gb18030", "cp949", "cp950", "cp1252")
"""What editors write into text files."""

_JAPANESE = (
    "第話巻章頁回編集上中下前後表紙扉裏一二三四五六七八九十百零年月日本人大小漫画短作者新旧全完結番外特別総目次予告口絵付録再"
    "初版電子書籍単行雑誌家出会行手見気場子女男学生少春夏秋冬海山川空風花火水木金土天地東西南北国時間夜朝昼昔今私僕君彼何事物"
    "語名言葉心愛恋夢友達先高校部屋町村道車猫犬鳥魚色赤青白黒光影力神世界戦士王姫魔法剣銃死命始終最無不的自分動方合同発開閉入"
    "長明暗早強弱美味食飲休止立走歩読聞思知来帰向真実用意示像"
)
_SIMPLIFIED = (
    "第话卷章页回集册部篇上中下前后封面扉底一二三四五六七八九十百零年月日本人大小漫画短作者新旧全完结番外特别总目录预告附再版"
    "电子书单行杂志汉化组扫图修嵌字翻译家出会手见气场女男学生少春夏秋冬海山川空风花火水木金土天地东西南北国时间夜朝昔今我你他"
    "她它们什么事物语名言心爱恋梦友达先高校町村道车猫狗鸟鱼色红青白黑光影力神世界战士王姬魔法剑枪死命始终最无不的是了在有这个"
    "和说要就到着也来为能去过得可以自己动方合同发开闭入口长明暗早强弱美味食休止立走步读听思知向真实用意义起样之与而多没好那里"
    "对都很如从些想看经还只成把被让给请点文件"
)
_TRADITIONAL = (
    "第話卷章頁回集冊部篇上中下前後封面扉底一二三四五六七八九十百零年月日本人大小漫畫短作者新舊全完結番外特別總目錄預告附再版"
    "電子書單行雜誌漢化組掃圖修嵌字翻譯家出會手見氣場女男學生少春夏秋冬海山川空風花火水木金土天地東西南北國時間夜朝昔今我你他"
    "她它們什麼事物語名言心愛戀夢友達先高校町村道車貓狗鳥魚色紅青白黑光影力神世界戰士王姬魔法劍槍死命始終最無不的是了在有這個"
    "和說要就到著也來為能去過得可以自己動方合同發開閉入口長明暗早強弱美味食休止立走步讀聽思知向真實用意義起樣之與而多沒好那裡"
    "對都很如從些想看經還只成把被讓給請點文件"
)
_KOREAN = (
    "제화권장편회부쪽상중하전후표지면속겉앞뒤단행본만완결외특별총목차예고록신구판이가을를은는의에서로와과도다라나리기자사시어아"
    "인일해한그것수보대있없마바주여소성무미유정진조오우원말음스트르니세요들었았겠습게네거내너저난안모동생선학교활랑꿈친남녀봄"
    "름겨울람꽃불물토늘땅북국밤낮침년왕공법검총죽명작끝힘빛림은흰빨파란색양강새관계비용입력값변경삭필드올른데터월호실험재현역"
    "습운설영웅길"
)
_COMMON = {
    "cp932": frozenset(_JAPANESE),
    "gb18030": frozenset(_SIMPLIFIED),
    "cp950": frozenset(_TRADITIONAL),
    "cp949": frozenset(_KOREAN),
}
_FIRST_LEVEL = {
    "cp932": ("euc_jp", 0xB0, 0xCF),
    "gb18030": ("gb2312", 0xB0, 0xD7),
    "cp950": ("big5", 0xA4, 0xC6),
    "cp949": ("euc_kr", 0xB0, 0xC8),
}
"""Standard, first and last lead byte of the characters that it lists first because they are frequent."""

_LIKELY, _POSSIBLE, _NEUTRAL, _UNLIKELY, _WRONG = 1.0, 0.4, 0.0, -0.5, -1.0
_SINGLE_BYTE = 0.9  # below a common ideograph, above an ideograph of the first level


_MAX_LETTERS = 5_000
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_EAST_ASIAN = re.compile("[\u0e00-\u0e7f\u1100-\u11ff\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef]")
"""Thai, Korean, Japanese and Chinese; UTF-8 writes them in three bytes."""
_RARE_LATIN = frozenset("ÚÛÙÕÝÐÞÅÃÏÌÒõðþýÿÆ")
"""European letters that stand where another code page has a frequent one."""


@functools.lru_cache(maxsize=8)
def guess_encoding(data: bytes, candidates: tuple[str, ...] = NAME_ENCODINGS) -> str:
    """Return the encoding in which bytes make the likeliest text.

    All the names of an archive should be given together: one program wrote them, in one encoding.

    Args:
        data: Text in an unknown encoding, ASCII or not.
        candidates: Encodings to choose from, the likeliest first; it wins a tie.

    Returns:
        One of `candidates`; the last one where none can decode every byte.
    """
    scores = {encoding: score for encoding in candidates if (score := _score_text(data, encoding)) is not None}
    if not scores:
        return candidates[-1]
    return max(scores, key=lambda encoding: scores[encoding])


def _score_text(data: bytes, encoding: str) -> float | None:
    """Return how likely the letters beyond ASCII are on average, -1..1; None if the bytes cannot be decoded."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    scores = list(_score_letters(text, encoding))
    return sum(scores) / len(scores) if scores else _NEUTRAL


def _score_letters(text: str, encoding: str) -> Iterator[float]:
    """Yield the likelihood of the letters beyond ASCII, up to a number that says enough."""
    for found in itertools.islice(_BEYOND_ASCII.finditer(text), _MAX_LETTERS):
        letter, place = found[0], found.start()
        before, after = text[max(0, place - 1) : place], text[place + 1 : place + 2]
        if encoding in _COMMON:
            latin = _is_latin(before) + _is_latin(after) + _ends_in_latin(letter, encoding)
            yield _WRONG if latin >= 2 else _score_ideograph(letter, encoding)
        elif encoding == "utf-8" and _EAST_ASIAN.match(letter):
            yield _LIKELY * 2  # three bytes in a row that fit each other are no accident
        else:
            yield _score_alphabetic(before, letter, after)


@functools.lru_cache(maxsize=20_000)
def _score_ideograph(letter: str, encoding: str) -> float:
    """Return how likely a character is in an East Asian encoding."""
    if letter in _COMMON[encoding]:
        return _LIKELY
    if "\u3041" <= letter <= "\u30ff":  # kana, and their marks of length and repetition
        return _LIKELY if encoding == "cp932" else _UNLIKELY
    if "\uff01" <= letter <= "\uff5e" or "\u3000" <= letter <= "\u301f":  # full-width letters, digits and brackets
        return _POSSIBLE
    codec, first, last = _FIRST_LEVEL[encoding]
    try:
        code = letter.encode(codec)
    except UnicodeEncodeError:
        return _WRONG
    if len(code) == 2 and first <= code[0] <= last:
        return _POSSIBLE
    return _WRONG if len(code) != 2 else _UNLIKELY if letter.isalpha() else _NEUTRAL


def _score_alphabetic(before: str, letter: str, after: str) -> float:
    """Return how likely a letter of an alphabet is between its neighbours."""
    changes_case = before.islower() and letter.isupper()
    if _is_cyrillic(letter):
        if changes_case or not (_is_cyrillic(before) or _is_cyrillic(after)):
            return _UNLIKELY
        return _NEUTRAL if before.isupper() and letter.isupper() else _SINGLE_BYTE
    if "\u00c0" <= letter <= "\u017f" and letter.isalpha():  # European letters stand among unaccented ones
        if changes_case or not (_is_latin(before) or _is_latin(after)):
            return _UNLIKELY
        return _POSSIBLE if letter in _RARE_LATIN else _SINGLE_BYTE
    return _score_mark(before, letter)


def _score_mark(before: str, mark: str) -> float:
    """Return how likely a character that is no letter is after another."""
    if unicodedata.combining(mark):  # macOS writes letters and their accents apart
        return _SINGLE_BYTE if before.isalpha() else _UNLIKELY
    if "\u2500" <= mark <= "\u259f":  # lines and blocks
        return _WRONG
    return _NEUTRAL if mark in "«»°·º¡¿–—’“”…" else _UNLIKELY


def _is_latin(letter: str) -> bool:
    return letter.isascii() and letter.isalpha()


def _is_cyrillic(letter: str) -> bool:
    return "\u0400" <= letter <= "\u045f"


def _ends_in_latin(letter: str, encoding: str) -> bool:
    """Return whether the last byte of a character would be a Latin letter by itself."""
    code = letter.encode(encoding)
    return len(code) == 2 and chr(code[1]).isascii() and chr(code[1]).isalpha()
