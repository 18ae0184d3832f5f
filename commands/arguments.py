"""Words from the command line in, a command with its options out. Imports nothing heavy, so that --help is at once."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from storage.errors import SettingsError

WAYS = """
three ways to use it:
  main.py animate CHAPTER           a folder, a .cbz or a .pdf becomes a film
  main.py chat PROJECT              revise it by talking; undo, show, export
  main.py read CHAPTER --json T     correct what was read, by hand, and film it:
                                    main.py animate CHAPTER --transcript T
"""
ANIMATE = """
A project keeps its settings: what a later command leaves out stays as it was.
Stopped half-way (Ctrl-C, a full disk, no power), the same command goes on.

exit status: 0 the film is made; 2 something you can mend (two lines say what
and how); 3 the film is made, but the shots it names failed; 130 interrupted
"""
FIX = """
each FIX is a line in quotes; pages, panels and balloons are counted from 1, as
`read --html` and `fix PROJECT --html` show them; x and y are pixels of the page
  page 3 swap panels 2 4                    in the reading order
  page 3 move panel 5 to 2                  read it as the second of its page
  page 3 merge panels 2 3                   make them one
  page 3 split panel 2 at y 640             or at x; a number of pixels, or half
  page 3 delete panel 6
  page 3 add panel 20,20,380,200 as 1       left,top,right,bottom; without `as`
                                            it comes where a reader comes to it
  page 3 add balloon 10,20,110,220 "Hello!" or: ...220 thought "Hello!"
  page 3 delete balloon 5
  page 3 move balloon 5 to panel 2
  page 3 text 5 "Who is there?"
  page 3 kind 5 thought                     speech thought caption sound other
  page 3 speaker 5 mika                     or nobody
  rename mika "Mika Sato"
  merge kid into mika                       two characters are one
  undo, redo, list                          each fix is one step; these stand alone
All fixes of a command are done, or none. Only shots that they touch go stale.
"""
CHAT = """
a line of this language needs no model, and costs nothing; several between ;
  shot 7 slower              much slower, faster; or: shot 7 seconds 5
  page 2 pace fast           very slow, slow, fast, very fast, 1.5
  shot 7 on upper left       whole, center, left, top, lower right ...; or on
                             balloon 2, on mika, on box 10%,20%,40%,50%
  shot 7 closer              wider, much closer; or: shot 7 zoom 1.5
  shot 7 push in             hold, pull out, pan left, tilt down ...
  shot 7 dissolve            cut
  shots 3-6 drop             restore takes them in again
  shot 7 split at 2.5        shots 3-4 merge, shots 3 and 5 swap, shot 7 after 9
  shot 7 drop balloon 2      wait no longer for it; read balloon 2 takes it back
  shot 4 lock                nobody touches it any more; unlock
  shot 7 take 1              as it was filmed then; seed next films it again
  shot 7 clean lettering     frame, slivers, lettering, nothing
  shot 7 ground blur         auto, tone, blur, paper; animate still, outpaint
                             extend, prompt "her hair moves"
  film style calm            brisk, still; film aspect 9:16
  undo, undo 2, redo         over all of it; help in the conversation
shots: shot 7, shots 3-6, page 3, all close-ups, all shots of mika, film
What was read is mended by the lines of `fix`, here too. With KOMADORI_MODEL
set, say it in your own words; it asks when it is unclear, and nothing is
dropped on a guess.
"""
SCRIPT = """
a script in full; only the source must be said, paths are relative to the script
  source = "$book"                    a variable: [vars], or --var book=...
  project = "chapter.komadori"
  include = ["house.toml"]            what it says is overruled here
  aspects = ["16:9", "9:16", "1:1"]   one plan, framed anew for each
  output = "out/{name}-{aspect}.mp4"
  height = 1080                       fps, pages, order, director, model,
  budget = 0.50                       profile, cast, transcript, [settings]
  style = "calm"
  edits = [                           the lines of chat and of fix
    "shot 7 slower",
    "all close-ups of mika pace 1.2",
    'page 3 text 5 "Who is there?"',
  ]
  [[export]]
  what = ["srt", "json", "stills"]
  to = "out/{aspect}"
Run again, it makes nothing that stands.
"""

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction["Parser"]


def parse(words: list[str] | None) -> argparse.Namespace:
    """Parse; the result's `run` takes the result itself and returns the exit status.

    Raises SettingsError for words that cannot be meant so.
    """
    return _parser().parse_args(words)


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are errors like all others: what is wrong, and the cure."""

    def error(self, message: str) -> NoReturn:
        """Refuse the words."""
        raise SettingsError(message, f"see: {self.prog} --help")


class _Layout(argparse.RawDescriptionHelpFormatter):
    """Names on the left in one column, so that every option takes as few lines as it can."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)

    def _iter_indented_subactions(self, action: argparse.Action) -> Generator[argparse.Action, None, None]:
        # not indented: argparse forgets the indent when it measures the column, and breaks the longest line
        yield from getattr(action, "_get_subactions", list)()

    def _format_action(self, action: argparse.Action) -> str:
        text = super()._format_action(action)
        return text.partition("\n")[2] if isinstance(action, argparse._SubParsersAction) else text


def _parser() -> Parser:
    parser = Parser(
        prog="main.py", description="Komadori turns drawn pages into film.", epilog=WAYS, formatter_class=_Layout
    )
    parser.set_defaults(run=_helping(parser))
    commands = parser.add_subparsers(title="commands (each has its own --help)", metavar="COMMAND")
    undo = _steps("undo", "take back what was changed last")
    redo = _steps("redo", "do again what was undone last")
    for add in (
        _animate, _read, _fix, _storyboard, _chat, undo, redo, _run, _retake, _show, _export, _fetch, _doctor,
    ):  # fmt: skip
        add(commands)
    return parser


def _helping(parser: Parser) -> Callable[[argparse.Namespace], int]:
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
        type=_whole("a height in pixels"),
        metavar="PIXELS",
        help="how high the picture is; its width follows from the aspect, and both are rounded to even numbers "
        "(--height 1080 --aspect 9:16 is 608 x 1080). Without it the shorter side is 1080, or stays as it was",
    )
    picture.add_argument("--fps", type=_rate, metavar="12..60", help="frames a second (default: 24)")
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
        "--max-cost", type=_dollars, metavar="DOLLARS", help="what asking a model may cost this film (default: 2)"
    )
    making.add_argument(
        "--profile", metavar="NAME",
        help="which models make it: cpu (default, none), 8gb, 24gb, 80gb, or your own FILE.toml",
    )  # fmt: skip
    making.add_argument(
        "--max-generated", type=_share, metavar="0..1", help="how much of the picture a model may draw (default: 1)"
    )
    making.add_argument(
        "--max-drift", type=_share, metavar="0..1", help="how far frames that a model draws may leave their panel "
        "(default: 0.6; 1: do not look)",
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
    parser.add_argument("shots", nargs="+", metavar="SHOT", help="such as s007 (see: show shots)")
    parser.add_argument(
        "--seed", type=_whole("a seed"), metavar="N", help="for backends that generate (default: the next one)"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILM.mp4", help=_OUTPUT)


def _chat(commands: Commands) -> None:
    about = "revise the film by talking, or in words that need no model"
    usage = 'PROJECT ["MESSAGE"] [--preview] [--no-film] [-o FILM.mp4]'
    parser = _command(commands, "chat", about, usage=usage, epilog=CHAT)
    _project(parser)
    parser.add_argument("message", nargs="*", metavar="MESSAGE", help="what to change (none: a conversation)")
    parser.add_argument("--preview", action="store_true", help="show the changed shots at once, half as large")
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
    parser.add_argument("--watch", action="store_true", help="make it again whenever the script or the book changes")
    parser.add_argument("--chapters", type=Path, metavar="DIR", help="make every book of a folder so")
    parser.add_argument(
        "--jobs", type=_whole("a number of chapters"), default=1, metavar="N", help="chapters at a time (one)"
    )


def _steps(name: str, about: str) -> Callable[[Commands], None]:
    def add(commands: Commands) -> None:
        parser = _command(commands, name, about, usage="PROJECT [STEPS] [--no-film] [-o FILM.mp4]")
        parser.set_defaults(run=_later("undo"), step=name)
        _project(parser)
        parser.add_argument(
            "steps",
            type=_whole("a number of steps"),
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
    parser.add_argument("shot", nargs="?", metavar="SHOT", help="for shot: its number, such as 7")
    parser.add_argument("--history", action="store_true", help="for shot: who changed what of it, and why")
    parser.add_argument("--html", type=Path, metavar="OUT.html", help="for revisions: write them with pictures")


def _export(commands: Commands) -> None:
    about = "take parts of a project away"
    parser = _command(commands, "export", about, usage="PROJECT WHAT... -o DIR")
    _project(parser)
    parser.add_argument(
        "what", nargs="+", choices=["film", "segments", "stills", "srt", "json"], metavar="WHAT",
        help="film; segments (a film of every shot); stills (a picture of every shot); srt; "
        "json (transcript and storyboard)",
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


def _whole(what: str) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= 9):
            raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
        return int(text)

    return number


def _dollars(text: str) -> float:
    try:
        dollars = float(text)
    except ValueError:
        dollars = -1.0
    if not 0 <= dollars <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount of dollars")
    return dollars


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share from 0 to 1")
    return share


def _rate(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 12 <= int(text[:9]) <= 60):
        raise argparse.ArgumentTypeError(f"{text!r} is not from 12 to 60")
    return int(text)


_OUTPUT = "where the film goes, its subtitles beside it (default: PROJECT/films/)"
