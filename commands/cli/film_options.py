"""Options of films that several commands have: their colours, cards and sound."""

from __future__ import annotations

import argparse
from pathlib import Path

from commands.cli.numbers import colour_strength, loudness


def add_cards(parser: argparse._ActionsContainer) -> None:
    """Add the option of title, chapter and end cards."""
    parser.add_argument(
        "--cards", action=argparse.BooleanOptionalAction, default=None,
        help="begin and end with a title card and credits, where the book has a title of its own, and show a card for "
        "each chapter (default: yes); --no-cards: the shots alone",
    )  # fmt: skip


def add_color(parser: argparse._ActionsContainer) -> None:
    """Add the options of colour for pages in black and white."""
    parser.add_argument(
        "--color", choices=["bw", "reference"],
        help="bw (default): grey panels stay grey; reference: an image editor of the profile ([color]) colours them "
        "after coloured portraits of the characters; the tones stay the artist's",
    )  # fmt: skip
    parser.add_argument(
        "--vividness", type=colour_strength, metavar="0..2", help="how strong these colours are (default: 1)"
    )


def add_sound(parser: argparse._ActionsContainer) -> None:
    """Add the options of a film's sound."""
    parser.add_argument(
        "--sound", action=argparse.BooleanOptionalAction, default=None,
        help="let the film be heard (default: yes); --no-sound: a silent film",
    )  # fmt: skip
    parser.add_argument(
        "--voice", metavar="BACKEND",
        help="what speaks the lines: kokoro, openjtalk, espeak, openai, voicevox, a folder of recordings, none, or "
        "auto (default: kokoro where the extra voice is installed, else none)",
    )  # fmt: skip
    parser.add_argument(
        "--voice-fallback", metavar="BACKEND",
        help="what speaks the lines that --voice cannot: its server is dead or slow, it costs too much, it lacks the "
        "language, or nobody recorded them (default: none, and they are silent)",
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


def add_voices(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command `cast`."""
    parser.add_argument("project", type=Path, metavar="PROJECT", help="the folder of the film")
    parser.add_argument(
        "--voice", action="append", default=[], metavar="NAME=VOICE[:PITCH[:RATE]]",
        help="choose a voice: mika=jf_alpha, mika=jf_alpha:+2:1.1, mika=auto (chosen for you), narrator=bm_george; "
        "may be repeated, and undone with `fix PROJECT undo`",
    )  # fmt: skip
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--play", metavar="NAME", help="write a line of a character, or of the narrator, as a WAV file")
    what.add_argument("--voices", action="store_true", help="list the voices that there are, and who has them")
    what.add_argument(
        "--save", action="store_true", help="write the voices to voices.toml beside the pictures of the cast (--cast "
        "DIR), for the next book of the series",
    )  # fmt: skip
    parser.add_argument("-o", "--output", type=Path, metavar="OUT.wav", help="where --play writes (default: NAME.wav)")
