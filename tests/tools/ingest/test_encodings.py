"""Text without a declared encoding, as names of archives in many languages have it: the guessed encoding."""

from __future__ import annotations

import time

import pytest

from tools.ingest.encodings import NAME_ENCODINGS, TEXT_ENCODINGS, guess_encoding

NAMES = {
    "cp932": [
        "第1話",
        "第２巻/０１",
        "表紙",
        "進撃の小鳥",
        "ﾏﾝｶﾞの巻",
        "ソ連の話",
        "[作者] 題名 第3巻",
        "夏目漱石 坊っちゃん",
        "扉絵",
    ],
    "gb18030": [
        "第1话",
        "第02卷/01",
        "封面",
        "海贼王 第3卷",
        "漫画版 三体",
        "我的小鸟",
        "[汉化组] 进击的小鸟 第10话",
        "番外篇",
    ],
    "cp949": ["1화", "제2권/01", "표지", "작은 새 이야기", "만화 삼국지 제3권", "신의 탑 10화", "[번역] 나의 하루"],
    "cp950": ["第1話", "第02卷/01", "封面", "小鳥的故事 第3集", "漫畫版 西遊記", "[漢化組] 進擊的小鳥 第10話"],
    "cp437": ["Bücher 01", "Année 2/über", "El niño 03", "Mädchen", "Les échos"],
    "cp850": ["À bientôt 01", "Ação 02"],
    "cp866": ["Глава 1", "Том 02/Обложка", "Маленькая птица"],
    "cp1252": ["Les échos 01", "Bücher für Mädchen"],
    "utf-8": ["第1話", "第1话", "1화", "Été 01", "Глава 1", "für Mädchen", "Ａ", "が".encode().decode()],
}


@pytest.mark.parametrize(("encoding", "name"), [(code, name) for code, names in NAMES.items() for name in names])
def test_a_name_is_read_as_it_was_written(encoding: str, name: str) -> None:
    data = name.encode(encoding)
    assert data.decode(guess_encoding(data)) == name


@pytest.mark.parametrize("encoding", NAMES)
def test_all_names_of_an_archive_together_say_more_than_one(encoding: str) -> None:
    data = "/".join(NAMES[encoding]).encode(encoding)
    guessed = guess_encoding(data)
    assert guessed == encoding or data.decode(guessed) == data.decode(encoding)


def test_letters_and_accents_apart_are_utf_8() -> None:
    assert guess_encoding("E\u0301te\u0301 ガ".encode()) == "utf-8"


@pytest.mark.parametrize("candidates", [NAME_ENCODINGS, TEXT_ENCODINGS])
def test_ascii_is_utf_8_and_any_bytes_have_an_answer(candidates: tuple[str, ...]) -> None:
    assert guess_encoding(b"001.jpg", candidates) == guess_encoding(b"", candidates) == "utf-8"
    assert guess_encoding(bytes(range(256)), candidates) in candidates


def test_a_long_text_is_no_more_work_than_its_beginning() -> None:
    data = "第一話の".encode("cp932") * 500_000
    began = time.process_time()
    assert guess_encoding(data, TEXT_ENCODINGS) == "cp932"
    assert time.process_time() - began < 5, "it took 30 s when every letter was looked at"
