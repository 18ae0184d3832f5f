"""Options of films that several commands have: their cards and their sound."""

from __future__ import annotations

import argparse

from commands.cli.numbers import loudness


def add_cards(parser: argparse._ActionsContainer) -> None:
    """Add the option of title, chapter and end cards."""
    parser.add_argument(
        "--cards", action=argparse.BooleanOptionalAction, default=None,
        help="begin and end with a title card and credits, where the book has a title of its own, and show a card for "
        "each chapter (default: yes); --no-cards: the shots alone",
    )  # fmt: skip


def add_sound(parser: argparse._ActionsContainer) -> None:
    """Add the options of a film's sound."""
    parser.add_argument(
        "--sound", action=argparse.BooleanOptionalAction, default=None,
        help="let the film be heard (default: yes); --no-sound: a silent film",
    )  # fmt: skip
    parser.add_argument(
        "--voice", metavar="BACKEND",
        help="what speaks the lines: kokoro, openjtalk, espeak, openai, voicevox, cast (recordings), none, or auto "
        "(default: kokoro where the extra voice is installed, else none)",
    )  # fmt: skip
    parser.add_argument(
        "--sounds", metavar="DIR", help="sound files that are played in place of made effects: rain.wav, door.flac; "
        "none: no longer",
    )  # fmt: skip
    parser.add_argument(
        "--music", metavar="MUSIC", help="the music of the film: a sound file, a mood such as calm or tense (needs the "
        "extra music), or none (default)",
    )  # fmt: skip
    parser.add_argument(
        "--loudness", type=loudness, metavar="LUFS", help="how loud the film is (default: -14, as the web has it; "
        "broadcasters ask for -23)",
    )  # fmt: skip
