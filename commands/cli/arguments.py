"""Define all commands and options. Imports nothing heavy, so that --help answers at once."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from commands.cli.help_texts import ANIMATE, CHAT, FIX, SCRIPT, WAYS
from commands.cli.numbers import dollars, rate, retake_count, share, take_count, whole_number
from storage.errors import SettingsError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction["CommandParser"]


def parse(words: list[str] | None) -> argparse.Namespace:
    """Parse a command line. The result's `run` takes the result itself and returns the exit status.

    Args:
        words: the command line without the program's name; None takes it from sys.argv.

    Raises:
        SettingsError: the command or an option is not valid.
    """
    return _parser().parse_args(words)


class CommandParser(argparse.ArgumentParser):
    """An argument parser that reports errors like the rest of the program: what is wrong, and a hint."""

    def error(self, message: str) -> NoReturn:
        """Raise SettingsError for the command line."""
        raise SettingsError(message, f"see: {self.prog} --help")


class _Layout(argparse.RawDescriptionHelpFormatter):
    """A help formatter with one narrow column of option names, so that every option takes few lines."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)

    def _iter_indented_subactions(self, action: argparse.Action) -> Generator[argparse.Action, None, None]:
        # not indented: argparse forgets the indent when it measures the column, and breaks the longest line
        yield from getattr(action, "_get_subactions", list)()

    def _format_action(self, action: argparse.Action) -> str:
        text = super()._format_action(action)
        return text.partition("\n")[2] if isinstance(action, argparse._SubParsersAction) else text


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="main.py", description="Komadori turns drawn pages into film.", epilog=WAYS, formatter_class=_Layout
    )
    parser.set_defaults(run=_helping(parser))
    commands = parser.add_subparsers(title="commands (each has its own --help)", metavar="COMMAND")
    undo = _steps("undo", "take back what was changed last")
    redo = _steps("redo", "do again what was undone last")
    for add in (
        _animate, _read, _fix, _storyboard, _chat, undo, redo, _takes, _run, _retake, _show, _export, _fetch, _doctor,
    ):  # fmt: skip
        add(commands)
    return parser


def _helping(parser: CommandParser) -> Callable[[argparse.Namespace], int]:
    def run(command: argparse.Namespace) -> int:
        parser.print_help()
        return 0

    return run


def _command(commands: Commands, name: str, about: str, *, usage: str, epilog: str = "") -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=about,
        description=about[0].upper() + about[1:] + ".",
        usage=f"main.py {name} {usage}".rstrip(),
        epilog=epilog or None,
        formatter_class=_Layout,
    )
    parser.set_defaults(run=_later(name))
    return parser


def _later(name: str) -> Callable[[argparse.Namespace], int]:
    def run(command: argparse.Namespace) -> int:
        return int(importlib.import_module(f"commands.{name}").run(command))

    return run


def _animate(commands: Commands) -> None:
    about = "make the film of a book, or go on where it stopped"
    parser = _command(commands, "animate", about, usage="SOURCE... [-o FILM.mp4] [options]", epilog=ANIMATE)
    _source(parser)
    picture = parser.add_argument_group("the picture")
    picture.add_argument("--aspect", metavar="W:H", help="16:9 (default), 9:16, 1:1, 4:5 or any other from 1:4 to 4:1")
    picture.add_argument(
        "--height",
        type=whole_number("a height in pixels"),
        metavar="PIXELS",
        help="how high the picture is; its width follows from the aspect, and both are rounded to even numbers "
        "(--height 1080 --aspect 9:16 is 608 x 1080). Without it the shorter side is 1080, or stays as it was",
    )
    picture.add_argument("--fps", type=rate, metavar="12..60", help="frames a second (default: 24)")
    making = parser.add_argument_group("the making")
    making.add_argument("-o", "--output", type=Path, metavar="FILM.mp4", help=_OUTPUT)
    making.add_argument(
        "--transcript", type=Path, metavar="JSON", help="what was read, corrected by hand (see: read --json)"
    )
    making.add_argument(
        "--director", choices=["auto", "rules", "llm"],
        help="who plans the shots: rules, or the language model of KOMADORI_MODEL (auto: the model where one is named)",
    )  # fmt: skip
    making.add_argument(
        "--style", metavar="FILE.toml",
        help="the taste of the film: pace, motion, dissolves, genre, mood, look, notes; or calm, brisk, still, none",
    )  # fmt: skip
    making.add_argument(
        "--pace", metavar="PACE", help="calm, normal, brisk, or 0.7 (quick) to 2 (slow); reading keeps its time"
    )
    making.add_argument(
        "--critic", choices=["auto", "none", "every"],
        help="which takes that model looks at: auto (where it directs, those that a model has drawn on), none, every",
    )  # fmt: skip
    making.add_argument("--max-cost", type=dollars, metavar="DOLLARS", help=_MAX_COST)
    making.add_argument(
        "--max-tokens", type=whole_number("a number of tokens"), metavar="TOKENS",
        help="what a model may read and write for this film (default: 4000000): the bound where its price is not known",
    )  # fmt: skip
    making.add_argument(
        "--profile", metavar="NAME",
        help="which models make it: cpu (default, none), 8gb, 24gb, 80gb, or your own FILE.toml",
    )  # fmt: skip
    making.add_argument(
        "--max-generated",
        type=share,
        metavar="0..1",
        help="the share of what the camera shows of a shot that models may draw: "
        "what they paint, and every place that stirs in their frames (default: 1)",
    )
    making.add_argument(
        "--max-drift", type=share, metavar="0..1", help="how far frames that a model draws may leave their panel "
        "(default: 0.6; 1: do not look)",
    )  # fmt: skip
    making.add_argument(
        "--best-of",
        type=take_count,
        metavar="1..8",
        help="takes of each shot that a model draws on; the best is shown (1)",
    )
    making.add_argument(
        "--max-retakes", type=retake_count, metavar="0..8", help="how often one is drawn again that critic or measures "
        "send back (default: 2)",
    )  # fmt: skip
    making.add_argument("--approve", action="store_true", help="show the storyboard and wait before it is filmed")
    making.add_argument(
        "--dry-run", action="store_true", help="say what would be made and how long it takes; make nothing"
    )


def _read(commands: Commands) -> None:
    about = "read a book: panels, balloons, text and their order"
    parser = _command(commands, "read", about, usage="SOURCE... [--json OUT.json] [--html OUT.html] [options]")
    _source(parser)
    parser.add_argument(
        "--json", type=Path, metavar="OUT.json", help="write the transcript here (default: standard output)"
    )
    parser.add_argument("--html", type=Path, metavar="OUT.html", help="write the pages with what was read on them")
    parser.add_argument(
        "--understand", action="store_true", help="ask the model of KOMADORI_MODEL too, a question a page: who speaks, "
        "names, what was misread (with --project its answers are kept, and never paid twice)",
    )  # fmt: skip
    parser.add_argument("--max-cost", type=dollars, metavar="DOLLARS", help=_MAX_COST)


def _fix(commands: Commands) -> None:
    about = "mend what was read, in undoable steps"
    parser = _command(commands, "fix", about, usage="PROJECT [FIX...] [--html OUT.html]", epilog=FIX)
    _project(parser)
    parser.add_argument("fixes", nargs="*", metavar="FIX", help="what to mend (none: list what was mended)")
    parser.add_argument("--html", type=Path, metavar="OUT.html", help="write the pages as they are read then")


def _source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", type=Path, nargs="+", metavar="SOURCE", help="a folder, .cbz, .zip, .pdf, .epub, or images"
    )
    book = parser.add_argument_group("the book")
    book.add_argument(
        "--pages", metavar="RANGE", help='only these, counted from 1: "3-12", "1,4-6", "5-"; "all" for all again'
    )
    book.add_argument(
        "--order", choices=["auto", "rtl", "ltr", "vertical"], metavar="ORDER",
        help="how it is read: auto (default), rtl, ltr or vertical",
    )  # fmt: skip
    book.add_argument("--transcribe", metavar="BACKEND", help="who reads the pages (see: show backends)")
    book.add_argument("--cast", metavar="DIR", help='pictures named after whom they show (mika.png); "none" for none')
    book.add_argument("--magi-revision", metavar="HASH", help="the commit of Magi whose code you trust, or its folder")
    book.add_argument("--accept-magi-licence", action="store_true", help="your use is academic and non-commercial")
    book.add_argument(
        "--project", type=Path, metavar="DIR", help="the project's folder (default: SOURCE's name + .komadori)"
    )


def _storyboard(commands: Commands) -> None:
    about = "the plan of a project, as data or as a page to look at"
    parser = _command(commands, "storyboard", about, usage="PROJECT [--html OUT.html] [--json OUT.json]")
    _project(parser)
    parser.add_argument("--html", type=Path, metavar="OUT.html", help="write it as one page with pictures")
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write it as data (default: standard output)")


def _retake(commands: Commands) -> None:
    about = "film shots again, and the film with them"
    parser = _command(commands, "retake", about, usage="PROJECT SHOT... [--seed N] [-o FILM.mp4]")
    _project(parser)
    parser.add_argument("shots", nargs="+", metavar="SHOT", help="such as 7 or s007 (see: show shots)")
    parser.add_argument(
        "--seed", type=whole_number("a seed"), metavar="N", help="for backends that generate (default: the next one)"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILM.mp4", help=_OUTPUT)


def _chat(commands: Commands) -> None:
    about = "revise the film by talking, or in words that need no model"
    usage = 'PROJECT ["MESSAGE"] [--dry-run] [--preview] [options]'
    parser = _command(commands, "chat", about, usage=usage, epilog=CHAT)
    _project(parser)
    parser.add_argument("message", nargs="*", metavar="MESSAGE", help="what to change (none: a conversation)")
    parser.add_argument("--dry-run", action="store_true", help="say what it would change and cost; change nothing")
    parser.add_argument("--preview", action="store_true", help="show the changed shots at once, half as large")
    _filming(parser)


def _takes(commands: Commands) -> None:
    about = "what was tried for a shot: list, compare, choose"
    usage = "PROJECT SHOT [--compare OUT.png] [--choose N] [--lock]"
    parser = _command(commands, "takes", about, usage=usage)
    _project(parser)
    parser.add_argument("shot", metavar="SHOT", help="such as 7 or s007")
    parser.add_argument("--compare", type=Path, metavar="OUT.png", help="write all of them side by side")
    parser.add_argument("--choose", type=whole_number("a take"), metavar="N", help="film it as that take was filmed")
    parser.add_argument("--lock", action="store_true", help="and let nobody touch it again")
    _filming(parser)


def _run(commands: Commands) -> None:
    about = "make all the films that a script asks for"
    usage = "SCRIPT.toml [--var NAME=VALUE] [--check] [--watch] [options]"
    parser = _command(commands, "run", about, usage=usage, epilog=SCRIPT)
    parser.add_argument("script", type=Path, metavar="SCRIPT.toml", help="a whole project as a file")
    parser.add_argument(
        "--var", action="append", default=[], metavar="NAME=VALUE", help="a variable of the script; may be said again"
    )
    parser.add_argument("--check", action="store_true", help="say whether it is sound, and where not; make nothing")
    parser.add_argument(
        "--watch", action="store_true", help="make it again whenever the script changes, or a file that it names"
    )
    parser.add_argument("--chapters", type=Path, metavar="DIR", help="make every book of a folder so")
    parser.add_argument(
        "--jobs",
        type=whole_number("a number of chapters"),
        default=1,
        metavar="N",
        help="chapters at a time (one); each wakes its own models",
    )


def _steps(name: str, about: str) -> Callable[[Commands], None]:
    def add(commands: Commands) -> None:
        parser = _command(commands, name, about, usage="PROJECT [STEPS] [--no-film] [-o FILM.mp4]")
        parser.set_defaults(run=_later("undo"), step=name)
        _project(parser)
        parser.add_argument(
            "steps",
            type=whole_number("a number of steps"),
            nargs="?",
            default=1,
            metavar="STEPS",
            help="how many (one)",
        )
        _filming(parser)

    return add


def _filming(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-film", action="store_true", help="change the plan only; film later")
    parser.add_argument("-o", "--output", type=Path, metavar="FILM.mp4", help=_OUTPUT)


def _show(commands: Commands) -> None:
    about = "what stands in a project, or which backends there are"
    parser = _command(commands, "show", about, usage="WHAT [PROJECT] [SHOT] [--history] [--html OUT.html]")
    parser.add_argument(
        "what", choices=["project", "shots", "shot", "takes", "revisions", "events", "backends"], metavar="WHAT",
        help="project, shots, shot, takes, revisions, events (of a PROJECT) or backends",
    )  # fmt: skip
    parser.add_argument("project", type=Path, nargs="?", metavar="PROJECT", help="a project's folder")
    parser.add_argument("shot", nargs="?", metavar="SHOT", help="for shot: such as 7 or s007, before or after PROJECT")
    parser.add_argument("--history", action="store_true", help="for shot: who changed what of it, and why")
    parser.add_argument("--html", type=Path, metavar="OUT.html", help="for revisions: write them with pictures")


def _export(commands: Commands) -> None:
    about = "take parts of a project away"
    parser = _command(commands, "export", about, usage="PROJECT WHAT... -o DIR")
    _project(parser)
    parser.add_argument(
        "what", nargs="+", choices=["film", "segments", "stills", "maps", "srt", "json"], metavar="WHAT",
        help="film; segments (a film of every shot); stills (a picture of every shot); maps (whose pixels each shows); "
        "srt; json (transcript and storyboard)",
    )  # fmt: skip
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="the folder they go to")


def _fetch(commands: Commands) -> None:
    about = "bring the weights of models to this machine"
    parser = _command(commands, "fetch", about, usage="MODEL... [--revision HASH] | --profile NAME [--yes]")
    parser.add_argument(
        "models", nargs="*", metavar="MODEL", help="owner/name on the hub; owner/name:folder for a part"
    )
    parser.add_argument("--revision", default="", metavar="HASH", help="a commit (default: the newest)")
    parser.add_argument("--profile", metavar="NAME", help="all that a profile needs: 8gb, 24gb, 80gb, or FILE.toml")
    parser.add_argument("--yes", action="store_true", help="do not ask: fetch")


def _doctor(commands: Commands) -> None:
    _command(commands, "doctor", "what this machine has, what is missing, and how to get it", usage="")


def _project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="PROJECT", help="a project's folder, such as chapter.komadori")


_OUTPUT = "where the film goes, its subtitles beside it (default: PROJECT/films/)"
_MAX_COST = "what asking a model may cost this film (default: 2)"
