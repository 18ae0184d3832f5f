"""Test which sound a lettering stands for, how long and how loud it is, and that what is unknown stays silent."""

from __future__ import annotations

from typing import get_args

import pytest

from storage.sound import SoundKind
from tools.sound_effects import RECIPES
from tools.sound_effects.onomatopoeia import PACES, SoundWord, match_onomatopoeia, sound_words, table_entries

KNOWN: dict[SoundKind, str] = {
    "hit": "バシッ ドカッ ゴツン パシン SMACK POW Thwack 퍽 啪",
    "impact": "ドン ドーン! ドォォン ズシン ズドン バーン どさっ ドサッ CRASH 쾅 쿠우웅 두둥 砰",
    "explosion": "ドカーン ドッカン ちゅどーん BOOM BOOOOOM KA-BOOM 콰아앙 펑 轰 轟",
    "crack": "バキッ ピシッ ボキッ グシャ CRACK Snap! 우두둑 咔嚓",
    "break": "ガシャーン パリン バリン! ガシャソ SHATTER 쨍그랑 와장창",
    "slash": "ザンッ ズバッ シャキン キン! ザシュッ SLASH shiiing 챙 唰",
    "whoosh": "ビュン ヒュッ シュッ サッ WHOOSH Fwip zoooom 휙 슈웅 嗖",
    "gust": "ビュウウ ヒュウウウ ゴオオオ ヒュー 휘이잉",
    "step": "コツコツ ザッ ザッザッ スタスタ tap 뚜벅뚜벅 嗒嗒",
    "run": "ダダダッ タッタッタッ ドタドタ 타다다",
    "knock": "コンコン トントン ドンドン knock-knock KNOCK 똑똑 叩叩",
    "door": "バタン ガチャ がちゃり ガラッ ガタッ click-clack 철컥",
    "click": "カチッ カチャ ポチ チクタク CLICK tick-tock 딸깍 滴答",
    "shutter": "カシャ パシャ 찰칵",
    "paper": "パラパラ ペラッ びりびり RIP 사락",
    "cloth": "バサッ ふわっ ぎゅっ flap 펄럭",
    "rustle": "ガサガサ カサカサ RUSTLE 부스럭 沙沙",
    "splash": "バシャッ ザブン ドボン ぽちゃん SPLASH 풍덩 哗啦",
    "drip": "ポタッ ポタポタ ぽつぽつ drip 滴",
    "rain": "ザーザー ザーッ しとしと ザアアア 쏴아아",
    "wind": "ヒューヒュー そよそよ 쌩쌩 呜呜",
    "thunder": "ゴロゴロ 우르릉 轰隆隆",
    "fire": "メラメラ ボウボウ ジュー sizzle 화르륵 滋滋",
    "engine": "ブロロロ ブオン VROOM 부릉부릉",
    "rumble": "ゴゴゴゴ ドドドド ズズズ グラグラ RUMBLE 고고고 隆",
    "creak": "ギシッ ギィィ ミシミシ CREAK 삐걱 吱呀",
    "clatter": "ガタガタ カタカタ ガラガラ ジャラジャラ RATTLE 덜그럭덜그럭",
    "bell": "リンリン キーンコーンカーンコーン ゴーン DING-DONG 땡 铛铛",
    "chime": "チリン ピンポーン ちーん ding 딩동 叮咚",
    "sparkle": "キラッ キラキラ ぴかっ sparkle 반짝반짝 闪闪",
    "heartbeat": "ドキドキ ドクン ドックン ba-dump 두근두근 怦怦",
    "crowd": "ザワザワ ガヤガヤ わいわい murmur 웅성웅성",
    "clap": "パチパチ パンパン clap 짝짝짝",
    "bird": "チュンチュン ぴよぴよ TWEET 짹짹 啾啾",
    "insect": "ミーンミンミン ジージー bzzzzz 맴맴 知了",
    "silence": "シーン しーん… しぃぃん 静",
    "boing": "ぼよーん びよん ぴょん BOING 뿅",
    "gulp": "ゴクリ ごくん GULP 꿀꺽 咕咚",
    "sigh": "ハァ はーはー ふぅ sigh 하아 唉",
    "gasp": "ハッ ビクッ ぎくっ gasp 헉 咳咳",
    "laugh": "ハハハ ふふふ くすくす あはは HAHAHA hehe 하하하 哈哈哈",
}


@pytest.mark.parametrize("kind", get_args(SoundKind))
def test_letterings_stand_for_their_kind(kind: SoundKind) -> None:
    found = {text: match_onomatopoeia(text) for text in KNOWN[kind].split()}
    assert {text: match and match.kind for text, match in found.items()} == dict.fromkeys(found, kind)


@pytest.mark.parametrize(
    "text",
    ["", "…", "!?", "ド", "ザ", "んだ", "こんにちは", "そうだね", "行くぞ", "你好", "xyzzy", "hello", "안녕하세요",
     "The end", "123", "ドカパキヌ", "でも", "ありがとう", "あ", "え", "FIN", "Komadori", "君は", "ロ"],
)  # fmt: skip
def test_what_is_unknown_stays_silent(text: str) -> None:
    assert match_onomatopoeia(text) is None


def test_every_entry_is_written_in_its_language_and_means_one_sound() -> None:
    """Every language has some hundred words, and every kind a Japanese and an English one."""
    meanings: dict[tuple[str, str], set[SoundWord]] = {}
    for language, key, word in table_entries():
        meanings.setdefault((language, key), set()).add(word)
        assert word.kind in RECIPES
    assert {key: words for key, words in meanings.items() if len(words) > 1} == {}
    sizes = {language: len(words) for language, words in sound_words().items()}
    assert min(sizes.values()) > 250
    assert sum(sizes.values()) > 2000
    for language in ("ja", "en"):
        assert {word.kind for word in sound_words()[language].values()} == set(get_args(SoundKind))


def seconds_of(text: str) -> float:
    match = match_onomatopoeia(text)
    assert match is not None
    return match.seconds


def test_what_is_drawn_longer_lasts_longer() -> None:
    assert RECIPES["impact"].seconds == seconds_of("ドン") < seconds_of("ドーン") < seconds_of("ドオオオン")
    assert (
        seconds_of("BOOM") < seconds_of("BOOOOM") <= seconds_of("B" + "O" * 500 + "M") <= RECIPES["explosion"].longest
    )
    assert seconds_of("バシッ") < RECIPES["hit"].seconds
    assert seconds_of("ゴゴゴゴゴゴ") > seconds_of("ゴゴ")


def test_what_is_repeated_comes_as_often() -> None:
    assert seconds_of("ドキドキドキドキ") == pytest.approx(0.3 + 4 * PACES["heartbeat"])
    assert seconds_of("コンコンコン") == pytest.approx(0.3 + 3 * PACES["knock"])
    assert seconds_of("tap tap tap") > seconds_of("tap")


def gain_of(text: str, share: float | None = None) -> float:
    match = match_onomatopoeia(text, share=share)
    assert match is not None
    return match.gain_db


def test_large_and_shouted_letterings_are_louder_within_bounds() -> None:
    assert gain_of("ドン") == gain_of("ドン", 0.06) == 0
    assert gain_of("ドン", 0.005) < gain_of("ドン", 0.03) < gain_of("ドン", 0.12) < gain_of("ドン", 0.3)
    assert -6 <= gain_of("ドン", 0.0) < gain_of("ドン", 1.0) <= 4
    assert gain_of("ドン!!") == gain_of("ドン!!!!!") == gain_of("ドン") + 2
    assert gain_of("ドサッ") == -5


@pytest.mark.parametrize(
    ("text", "kind"),
    [("ガシャソ", "break"), ("ハラパラ", "paper"), ("shatterd", "break"), ("Rustel", None), ("ガ|ン", "hit"),
     ("ド力ン", "explosion"), ("キラキラ・", "sparkle"), ("ツュッ", None), ("boon", None), ("clip", None)],
)  # fmt: skip
def test_one_misread_character_is_forgiven_in_long_words_only(text: str, kind: SoundKind | None) -> None:
    match = match_onomatopoeia(text)
    assert (match and match.kind) == kind
