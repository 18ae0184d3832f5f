"""Words from the command line in, a command with its options out. Imports nothing heavy, so that --help is at once."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

WAYS = """
three ways to use it:
  main.py animate CHAPTER          a folder, .cbz, .zip, .pdf, .epub or images become a film
  main.py storyboard PROJECT       look at the plan; retake, show and export work on the same project
  main.py read CHAPTER --json T    correct the transcript by hand, then animate --transcript T
"""

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def parse(words: list[str] | None) -> argparse.Namespace:
    """Parse; the result's `run` takes the result itself and returns the exit status."""
    return _parser().parse_args(words)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="main.py",
        description="Komadori turns drawn pages into film.",
        epilog=WAYS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (_animate, _read, _storyboard, _retake, _show, _export, _doctor):
        add(commands)
    return parser


def _command(commands: Commands, name: str, about: str) -> argparse.ArgumentParser:  # fmt: skip
    parser = commands.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
    parser.set_defaults(run=_later(name))
    return parser


def _later(name: str) -> Callable[[argparse.Namespace], int]:
    def run(command: argparse.Namespace) -> int:
        return int(importlib.import_module(f"commands.{name}").run(command))

    return run


def _animate(commands: Commands) -> None:
    parser = _command(commands, "animate", "make the film of a book, or go on where it stopped")
    _source(parser)
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILM.mp4", help="where the film goes (default: PROJECT/films/)"
    )
    parser.add_argument("--aspect", metavar="W:H", help="16:9 (default), 9:16, 1:1, 4:5 or any W:H")
    parser.add_argument("--height", type=int, help="of the picture in pixels (default: the short side is 1080)")
    parser.add_argument("--fps", type=int, choices=range(12, 61), metavar="12..60", help="frames a second (default 24)")
    parser.add_argument("--director", choices=["auto", "rules"], help="who plans the shots")
    parser.add_argument(
        "--transcript", type=Path, metavar="JSON", help="a transcript corrected by hand (see: read --json)"
    )
    parser.add_argument("--approve", action="store_true", help="show the storyboard and wait before filming it")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be made and how long it takes; make nothing"
    )


def _read(commands: Commands) -> None:
    parser = _command(commands, "read", "read a book: panels, balloons, text and their order")
    _source(parser)
    parser.add_argument(
        "--json", type=Path, metavar="OUT.json", help="write the transcript here (default: standard output)"
    )


def _source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", type=Path, nargs="+", metavar="SOURCE", help="a folder, .cbz, .zip, .pdf, .epub, or images"
    )
    parser.add_argument(
        "--project", type=Path, metavar="DIR", help="the project's folder (default: SOURCE's name + .komadori)"
    )
    parser.add_argument("--order", choices=["auto", "rtl", "ltr", "vertical"], help="the reading order")
    parser.add_argument("--pages", metavar="A-B", help="only these pages, counted from 1: 3-12 or 1,4-6")
    parser.add_argument("--transcribe", metavar="BACKEND", help="who reads the pages (see: show backends)")
    parser.add_argument("--cast", metavar="DIR", help='pictures named after whom they show (mika.png); "none" for none')
    parser.add_argument("--magi-revision", metavar="HASH", help="the commit of Magi whose code you trust, or its folder")
    parser.add_argument("--accept-magi-licence", action="store_true", help="your use is academic and non-commercial")


def _storyboard(commands: Commands) -> None:
    parser = _command(commands, "storyboard", "the plan of a project, as data or as a page to look at")
    parser.add_argument("project", type=Path, metavar="PROJECT")
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write it as data (default: standard output)")
    parser.add_argument("--html", type=Path, metavar="OUT.html", help="write it as one page with pictures")


def _retake(commands: Commands) -> None:
    parser = _command(commands, "retake", "film shots again")
    parser.add_argument("project", type=Path, metavar="PROJECT")
    parser.add_argument("shots", nargs="+", metavar="SHOT", help="such as s007")
    parser.add_argument("--seed", type=int, help="for backends that generate (default: the next one)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILM.mp4")


def _show(commands: Commands) -> None:
    parser = _command(commands, "show", "what stands in a project, or which backends there are")
    parser.add_argument("what", choices=["project", "shots", "takes", "backends", "events"])
    parser.add_argument("project", type=Path, nargs="?", metavar="PROJECT")


def _export(commands: Commands) -> None:
    parser = _command(commands, "export", "take parts of a project away: film, segments, stills, srt, json")
    parser.add_argument("project", type=Path, metavar="PROJECT")
    parser.add_argument("what", nargs="+", choices=["film", "segments", "stills", "srt", "json"])
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")


def _doctor(commands: Commands) -> None:
    _command(commands, "doctor", "what this machine has, what is missing, and how to get it")
