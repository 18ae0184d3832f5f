"""Test who speaks whom: fitting, distinct and lasting voices, a person's choice, narrators and sides."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from agents.voices.casting import AssignedVoice, Casting, cast_voices
from storage.domain import Balloon, Box, Character, Kind, PageTranscript, Panel, Transcript
from storage.sound import CharacterVoice
from tools.speak import Voice, kokoro

JAPANESE = tuple(voice for voice in kokoro.VOICES if voice.language == "ja")
NAMES = ("Mika", "Ken", "Aoi", "Haru", "Rei", "Sora", "Taro", "Yuki", "Nao", "Jun")
Line = tuple[str | None, str]


def balloon(name: str, text: str, speaker: str | None, kind: Kind = "speech", tail: float | None = None) -> Balloon:
    point = None if tail is None else (tail, 50.0)
    return Balloon(
        id=name, order=int(name.partition("-")[2]), box=Box(0, 0, 10, 10), kind=kind, text=text, speaker=speaker,
        panel=f"p{name[1:].partition('-')[0]}-0", tail=point,
    )  # fmt: skip


def book(*pages: Sequence[Line], cast: Sequence[Character] = ()) -> Transcript:
    """Return a book with lines by (speaker, text); whoever speaks is in the cast."""
    made = tuple(
        PageTranscript(
            index=number, image=f"{number}.png", width=100, height=100,
            panels=(Panel(id=f"p{number}-0", order=0, box=Box(0, 0, 100, 100)),),
            balloons=tuple(balloon(f"t{number}-{at}", text, who) for at, (who, text) in enumerate(page)),
        )
        for number, page in enumerate(pages)
    )  # fmt: skip
    known = {one.id for one in cast}
    speakers = dict.fromkeys(who for page in pages for who, _ in page if who and who not in known)
    return Transcript(
        order="rtl", backend="hand", pages=made, cast=(*cast, *(Character(id=who, name=who) for who in speakers))
    )


def cast(transcript: Transcript, **table: CharacterVoice) -> Casting:
    return cast_voices(transcript, kokoro.VOICES, "ja", table=table)


def gender_of(voice: AssignedVoice) -> str:
    return next(one.gender for one in kokoro.VOICES if one.name == voice.name)


def test_everybody_has_a_voice_of_the_language_and_no_two_have_the_same() -> None:
    casting = cast(book([(name, "そう。") for name in NAMES]))
    voices = [(voice.name, voice.pitch) for voice in casting.characters.values()]
    assert len(set(voices)) == len(NAMES)
    assert {name for name, _ in voices} <= {voice.name for voice in JAPANESE}
    assert casting == cast(book([(name, "そう。") for name in NAMES]))


def test_the_first_few_have_voices_that_no_other_pitch_shares() -> None:
    casting = cast(book([(name, "そう。") for name in NAMES[:5]]))
    assert len({voice.name for voice in casting.characters.values()}) == 5
    assert {voice.pitch for voice in casting.characters.values()} == {0.0}


@pytest.mark.parametrize("seed", range(5))
def test_pages_that_come_later_change_nobody(seed: int) -> None:
    luck = random.Random(seed)
    pages = [[(luck.choice(NAMES), "そう。") for _ in range(4)] for _ in range(6)]
    whole = cast(book(*pages)).characters
    for length in range(1, 6):
        part = cast(book(*pages[:length])).characters
        assert part == {name: whole[name] for name in part}


def test_one_character_alone_has_the_same_voice_in_every_book() -> None:
    assert cast(book([("Mika", "そう。")])).characters == cast(book([], [("Mika", "いや。")])).characters


@pytest.mark.parametrize(
    ("line", "gender"),
    [
        ("俺は行くぜ", "male"),
        ("僕だよ", "male"),
        ("あたし、知らない", "female"),
        ("そうかしら？", "female"),
        ("わしじゃ", ""),
    ],
)
def test_how_somebody_speaks_tells_whose_voice_it_is(line: str, gender: str) -> None:
    voice = cast(book([("X", line)])).characters["X"]
    assert gender in ("", gender_of(voice))


@pytest.mark.parametrize(
    ("name", "gender"),
    [("お母さん", "female"), ("Grandpa", "male"), ("Princess Aoi", "female"), ("ケンくん", "male"), ("少年", "male")],
)
def test_a_name_tells_whose_voice_it_is(name: str, gender: str) -> None:
    assert gender_of(cast(book([(name, "そう。")])).characters[name]) == gender


def test_somebody_who_is_called_kun_is_spoken_by_a_man() -> None:
    casting = cast(book([("Sora", "そう。"), ("Mika", "ねえ、Soraくん！"), ("Mika", "Sora君？")]))
    assert gender_of(casting.characters["Sora"]) == "male"


def test_an_old_and_a_young_voice_are_found() -> None:
    people = (
        Character(id="a", name="a", voice=CharacterVoice(gender="male", age="old")),
        Character(id="b", name="b", voice=CharacterVoice(gender="female", age="child")),
    )
    casting = cast(book([("a", "そう。"), ("b", "そう。")], cast=people))
    ages = {voice.name: voice.age for voice in JAPANESE}
    assert [ages[casting.characters[who].name] for who in "ab"] == ["old", "child"]


def test_a_person_decides_by_a_correction_before_a_table_and_field_by_field() -> None:
    people = (Character(id="mika", name="Mika", voice=CharacterVoice(pitch=-2)),)
    transcript = book([("mika", "そう。"), ("Ken", "いや。")], cast=people)
    casting = cast(
        transcript, Mika=CharacterVoice(name="jf_nezumi", pitch=3, rate=1.2), narrator=CharacterVoice(name="jm_kumo")
    )
    assert casting.characters["mika"] == AssignedVoice("jf_nezumi", -2, 1.2, "person")
    assert casting.narrator == AssignedVoice("jm_kumo", chosen_by="person")
    assert casting.characters["Ken"].chosen_by == "casting"


def test_a_mixture_and_a_style_are_known_and_an_unknown_voice_is_named_and_replaced() -> None:
    transcript = book([("a", "そう。"), ("b", "そう。"), ("c", "そう。")])
    casting = cast(
        transcript,
        a=CharacterVoice(name="jf_alpha+am_onyx"),
        b=CharacterVoice(name="jf_alpha/soft"),
        c=CharacterVoice(name="x"),
    )
    assert [casting.characters[who].name for who in "ab"] == ["jf_alpha+am_onyx", "jf_alpha/soft"]
    assert casting.unknown_voices == ("x",)
    assert casting.characters["c"].name in {voice.name for voice in JAPANESE}


def test_the_narrator_is_grown_up_and_speaks_captions_and_unknown_speakers() -> None:
    casting = cast(book([("Mika", "そう。"), (None, "だれ？")]))
    assert casting.narrator is not None
    assert {voice.name: voice.age for voice in JAPANESE}[casting.narrator.name] in ("adult", "old")
    assert casting.voice_of(balloon("t0-8", "その夜", "Mika", "caption")) == casting.narrator
    assert casting.voice_of(balloon("t0-9", "だれ？", None)) == casting.narrator
    assert casting.voice_of(balloon("t0-9", "そう。", "Mika", "thought")) == casting.characters["Mika"]
    assert casting.characters["Mika"].name != casting.narrator.name


def test_two_unknown_speakers_are_told_apart_only_where_tails_point_to_both_sides() -> None:
    plain = book([(None, "あ"), (None, "い"), (None, "う")])
    tails = (10.0, 90.0, 52.0)
    balloons = tuple(
        line.model_copy(update={"tail": (x, 50.0)}) for line, x in zip(plain.pages[0].balloons, tails, strict=True)
    )

    def with_lines(*kept: Balloon) -> Transcript:
        return plain.model_copy(update={"pages": (plain.pages[0].model_copy(update={"balloons": kept}),)})

    both = cast(with_lines(*balloons))
    assert both.side_of == {"t0-0": "left", "t0-1": "right"}
    assert both.voice_of(balloons[0]) == both.sides["left"] != both.sides["right"] == both.voice_of(balloons[1])
    assert both.voice_of(balloons[2]) == both.narrator
    assert cast(with_lines(balloons[0], balloons[2])).side_of == {}
    nobody = tuple(line.model_copy(update={"speaker": ""}) for line in balloons)
    assert cast(with_lines(*nobody)).side_of == {}


def test_a_voice_named_after_a_character_is_its_own_and_nobody_else_has_it() -> None:
    voices = (Voice(""), Voice("mika"), Voice("ken"))
    people = (Character(id="character-1", name="Mika"),)
    transcript = book([("Aoi", "そう。"), ("character-1", "そう。"), ("Ken", "そう。"), ("Rei", "そう。")], cast=people)
    casting = cast_voices(transcript, voices, "ja")
    assert {who: voice.name for who, voice in casting.characters.items()} == {
        "character-1": "mika", "Ken": "ken", "Aoi": "", "Rei": "",
    }  # fmt: skip
    assert casting.narrator == AssignedVoice("")


def test_without_a_voice_of_the_language_nobody_speaks() -> None:
    casting = cast_voices(book([("Mika", "그래.")]), kokoro.VOICES, "ko")
    assert casting.narrator is None
    assert casting.voice_of(balloon("t0-0", "그래.", "Mika")) is None


@pytest.mark.parametrize("voices", [(Voice("only"),), (Voice("one", "ja"), Voice("two", "ja"))])
def test_few_voices_are_made_into_more_by_their_pitch(voices: tuple[Voice, ...]) -> None:
    casting = cast_voices(book([(name, "そう。") for name in NAMES[:3]]), voices, "ja")
    assert len({(voice.name, voice.pitch) for voice in casting.characters.values()}) == 3
    left, right = casting.sides["left"], casting.sides["right"]
    assert left != right
