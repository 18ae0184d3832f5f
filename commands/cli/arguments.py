"""Define all commands and options. Imports nothing heavy, so that --help answers at once."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from commands.cli.command_parser import CommandParser, HelpLayout, add_command, run_command
from commands.cli.film_options import add_cards, add_color, add_sound, add_voices
from commands.cli.help_texts import ANIMATE, CHAT, FIX, GC, SCRIPT, WAYS
from commands.cli.numbers import dollars, rate, retake_count, share, take_count, whole_number

if TYPE_CHECKING:
    from commands.cli.command_parser import Commands


def parse(words: list[str] | None) -> argparse.Namespace:
    """Parse a command line. The result's `run` takes the result itself and returns the exit status.

    Args:
        words: the command line without the program's name; None takes it from sys.argv.

    Raises:
        SettingsError: the command or an option is not valid.
    """
    return _parser().parse_args(words)


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="main.py", description="Komadori turns drawn pages into film.", epilog=WAYS, formatter_class=HelpLayout
    )
    parser.set_defaults(run=_print_help(parser))
    commands = parser.add_subparsers(title="commands (each has its own --help)", metavar="COMMAND")
    undo = _step_command("undo", "undo the last changes")
    redo = _step_command("redo", "redo the changes that were undone last")
    for add in (
        _animate, _read, _fix, _cast, _learn, _storyboard, _chat, undo, redo, _takes, _run, _retake, _show, _export,
        _fetch, _gc, _doctor,
    ):  # fmt: skip
        add(commands)
    return parser


def _print_help(parser: CommandParser) -> Callable[[argparse.Namespace], int]:
    def run(command: argparse.Namespace) -> int:
        parser.print_help()
        return 0

    return run


def _animate(commands: Commands) -> None:
    about = "make the film of a book, or continue where it stopped"
    parser = add_command(commands, "animate", about, usage="SOURCE... [-o FILM.mp4] [options]", epilog=ANIMATE)
    _add_source(parser)
    picture = parser.add_argument_group("the picture")
    picture.add_argument("--aspect", metavar="W:H", help="16:9 (default), 9:16, 1:1, 4:5 or any other from 1:4 to 4:1")
    picture.add_argument(
        "--height",
        type=whole_number("a height in pixels"),
        metavar="PIXELS",
        help="height of the picture. The width follows from the aspect; both are rounded to even numbers "
        "(--height 1080 --aspect 9:16 is 608 x 1080). Without it the shorter side is 1080, or stays as it was",
    )
    picture.add_argument(
        "--fps", type=rate, metavar="12..60",
        help="frames per second (default: 24); 23.976, 29.97, 59.94 and fractions such as 24000/1001 are kept exactly",
    )  # fmt: skip
    making = parser.add_argument_group("the making")
    making.add_argument("-o", "--output", type=Path, metavar="FILM.mp4", help=_OUTPUT)
    making.add_argument(
        "--transcript", type=Path, metavar="JSON", help="use this transcript, corrected by hand (see: read --json)"
    )
    making.add_argument(
        "--director", choices=["auto", "rules", "llm"],
        help="who plans the shots: rules, llm (the language model of KOMADORI_MODEL), or auto (llm if a model is set)",
    )  # fmt: skip
    making.add_argument(
        "--style", metavar="FILE.toml",
        help="style of the film: a file with pace, motion, dissolves, lettering, cadence, mouths, genre, "
        "mood, look, notes; or calm, brisk, still, none",
    )  # fmt: skip
    making.add_argument(
        "--pace",
        metavar="PACE",
        help="calm, normal, brisk, or 0.7 (fast) to 2 (slow); the time to read balloons stays the same",
    )
    making.add_argument(
        "--critic", choices=["auto", "none", "every"],
        help="which takes the language model reviews: auto (if it plans the shots: those that "
        "a model drew on), none, every",
    )  # fmt: skip
    making.add_argument("--max-cost", type=dollars, metavar="DOLLARS", help=_MAX_COST)
    making.add_argument(
        "--max-tokens", type=whole_number("a number of tokens"), metavar="TOKENS",
        help="most tokens that language models may read and write for this film (default: 4000000); "
        "it is the only limit if their price is not known",
    )  # fmt: skip
    making.add_argument(
        "--profile", metavar="NAME",
        help="which models to use: cpu (default: no diffusion models), 8gb, 12gb, 16gb, 24gb, 48gb, 80gb, or your own "
        "FILE.toml",
    )  # fmt: skip
    making.add_argument(
        "--upscale", metavar="BACKEND",
        help="what enlarges pages that a shot magnifies: lines (default: no model) or waifu2x (a small network, on the "
        "processor)",
    )  # fmt: skip
    making.add_argument(
        "--max-generated",
        type=share,
        metavar="0..1",
        help="the largest share of the visible picture of a shot that models may draw: "
        "painted areas, and every place that moves in their frames (default: 1)",
    )
    making.add_argument(
        "--max-drift", type=share, metavar="0..1", help="how far frames drawn by a model may differ from their panel "
        "(default: 0.6; 1: do not check)",
    )  # fmt: skip
    making.add_argument(
        "--best-of", type=take_count, metavar="1..8",
        help="takes made of each shot that a model draws on; the best is used (default: 1)",
    )  # fmt: skip
    making.add_argument(
        "--max-retakes", type=retake_count, metavar="0..8", help="how often a take is made again if the critic or the "
        "measures reject it (default: 2)",
    )  # fmt: skip
    add_color(making)
    add_cards(making)
    add_sound(making)
    making.add_argument(
        "--approve", action="store_true", help="show the storyboard and wait for your approval before filming"
    )
    making.add_argument(
        "--dry-run", action="store_true", help="print what would be made and how long it takes; make nothing"
    )


def _read(commands: Commands) -> None:
    about = "read a book: panels, balloons, text and their order"
    parser = add_command(commands, "read", about, usage="SOURCE... [--json OUT.json] [--html OUT.html] [options]")
    _add_source(parser)
    parser.add_argument(
        "--json", type=Path, metavar="OUT.json", help="write the transcript here (default: standard output)"
    )
    _add_json_version(parser)
    parser.add_argument(
        "--html", type=Path, metavar="OUT.html", help="write a page that shows the panels and text found"
    )
    parser.add_argument(
        "--understand", action="store_true", help="also ask the model of KOMADORI_MODEL, one question per page: "
        "who speaks, names, reading errors (with --project the answers are kept and never paid for twice)",
    )  # fmt: skip
    parser.add_argument("--max-cost", type=dollars, metavar="DOLLARS", help=_MAX_COST)


def _fix(commands: Commands) -> None:
    about = "correct what was read, in steps that can be undone"
    parser = add_command(commands, "fix", about, usage="PROJECT [FIX...] [--html OUT.html]", epilog=FIX)
    _add_project(parser)
    parser.add_argument("fixes", nargs="*", metavar="FIX", help="a correction; none: list all corrections")
    parser.add_argument(
        "--html", type=Path, metavar="OUT.html", help="write a page that shows the corrected panels and text"
    )


def _cast(commands: Commands) -> None:
    about = "list who speaks a book, hear a voice, and choose voices"
    usage = "PROJECT [--voice NAME=VOICE...] [--play NAME [-o OUT.wav] | --voices | --save]"
    parser = add_command(commands, "cast", about, usage=usage)
    add_voices(parser)


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", type=Path, nargs="+", metavar="SOURCE", help="a folder, .cbz, .cbt, .cbr, .pdf, .epub, or images"
    )
    book = parser.add_argument_group("the book")
    book.add_argument(
        "--pages",
        metavar="RANGE",
        help='only these pages, counted from 1: "3-12", "1,4-6", "5-"; "all": all pages again',
    )
    book.add_argument(
        "--order", choices=["auto", "rtl", "ltr", "vertical", "rtl-columns", "ltr-columns"], metavar="ORDER",
        help="reading direction: auto (default), rtl, ltr, vertical; rtl-columns and ltr-columns: down each column",
    )  # fmt: skip
    book.add_argument("--transcribe", metavar="BACKEND", help="the backend that reads the pages (see: show backends)")
    book.add_argument(
        "--cast", metavar="DIR", help='folder of pictures named after their characters (mika.png); "none": none'
    )
    book.add_argument(
        "--magi-revision", metavar="HASH", help="the commit of Magi whose code you trust, or a folder with it"
    )
    book.add_argument(
        "--accept-magi-licence", action="store_true", help="confirm that your use is academic and non-commercial"
    )
    book.add_argument(
        "--project", type=Path, metavar="DIR", help="the project's folder (default: SOURCE's name + .komadori)"
    )


def _storyboard(commands: Commands) -> None:
    about = "print the plan of a project as JSON, or write it as an HTML page"
    parser = add_command(commands, "storyboard", about, usage="PROJECT [--html OUT.html] [--json OUT.json]")
    _add_project(parser)
    parser.add_argument("--html", type=Path, metavar="OUT.html", help="write the plan as one page with pictures")
    parser.add_argument(
        "--json", type=Path, metavar="OUT.json", help="write the plan as JSON (default: standard output)"
    )
    _add_json_version(parser)


def _retake(commands: Commands) -> None:
    about = "film shots again, and make the film with the new takes"
    parser = add_command(commands, "retake", about, usage="PROJECT SHOT... [--seed N] [-o FILM.mp4]")
    _add_project(parser)
    parser.add_argument("shots", nargs="+", metavar="SHOT", help="a shot such as 7 or s007 (see: show shots)")
    parser.add_argument(
        "--seed",
        type=whole_number("a seed"),
        metavar="N",
        help="seed for backends that generate (default: the next seed)",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILM.mp4", help=_OUTPUT)


def _learn(commands: Commands) -> None:
    about = "teach the model that draws how characters look (a LoRA of each)"
    parser = add_command(commands, "learn", about, usage="PROJECT [CHARACTER...] [--steps N] [--rank N] [--forget]")
    _add_project(parser)
    parser.add_argument(
        "characters", nargs="*", metavar="CHARACTER", help="a name or an id; without one, list what was learned"
    )
    parser.add_argument(
        "--steps", type=whole_number("a number of steps"), metavar="N", help="how long to learn (default: 800)"
    )
    parser.add_argument(
        "--rank", type=whole_number("a rank"), metavar="N", help="how much can be learned (default: 16)"
    )
    parser.add_argument("--forget", action="store_true", help="forget these characters: draw as before")


def _chat(commands: Commands) -> None:
    about = "revise the film with messages, in plain words or in fixed forms"
    usage = 'PROJECT ["MESSAGE"] [--dry-run] [--preview] [options]'
    parser = add_command(commands, "chat", about, usage=usage, epilog=CHAT)
    _add_project(parser)
    parser.add_argument("message", nargs="*", metavar="MESSAGE", help="what to change; none: start a conversation")
    parser.add_argument(
        "--dry-run", action="store_true", help="print what would change and what it costs; change nothing"
    )
    parser.add_argument(
        "--preview", action="store_true", help="first film the changed shots at half size, as a preview"
    )
    _add_film_options(parser)


def _takes(commands: Commands) -> None:
    about = "list, compare or choose the takes of a shot"
    usage = "PROJECT SHOT [--compare OUT.png] [--choose N] [--lock]"
    parser = add_command(commands, "takes", about, usage=usage)
    _add_project(parser)
    parser.add_argument("shot", metavar="SHOT", help="a shot such as 7 or s007")
    parser.add_argument("--compare", type=Path, metavar="OUT.png", help="write one picture that shows all takes")
    parser.add_argument("--choose", type=whole_number("a take"), metavar="N", help="film the shot as take N was filmed")
    parser.add_argument("--lock", action="store_true", help="lock the shot, so that nothing changes it any more")
    _add_film_options(parser)


def _run(commands: Commands) -> None:
    about = "make all films that a script describes"
    usage = "SCRIPT.toml [--var NAME=VALUE] [--check] [--watch] [options]"
    parser = add_command(commands, "run", about, usage=usage, epilog=SCRIPT)
    parser.add_argument("script", type=Path, metavar="SCRIPT.toml", help="the script: a whole project as one file")
    parser.add_argument(
        "--var", action="append", default=[], metavar="NAME=VALUE", help="set a variable of the script; may be repeated"
    )
    add_cards(parser)
    parser.add_argument("--check", action="store_true", help="check the script and report errors; make nothing")
    parser.add_argument(
        "--watch", action="store_true", help="make it again whenever the script or a file that it names changes"
    )
    parser.add_argument("--chapters", type=Path, metavar="DIR", help="make every book in this folder with the script")
    parser.add_argument(
        "--jobs",
        type=whole_number("a number of chapters"),
        default=1,
        metavar="N",
        help="chapters at the same time (default: 1); each one loads its own models",
    )


def _step_command(name: str, about: str) -> Callable[[Commands], None]:
    def add(commands: Commands) -> None:
        parser = add_command(commands, name, about, usage="PROJECT [STEPS] [--no-film] [-o FILM.mp4]")
        parser.set_defaults(run=run_command("undo"), step=name)
        _add_project(parser)
        parser.add_argument(
            "steps",
            type=whole_number("a number of steps"),
            nargs="?",
            default=1,
            metavar="STEPS",
            help="how many steps (default: 1)",
        )
        _add_film_options(parser)

    return add


def _add_film_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-film", action="store_true", help="change only the plan; film later")
    parser.add_argument("-o", "--output", type=Path, metavar="FILM.mp4", help=_OUTPUT)


def _show(commands: Commands) -> None:
    about = "print tables of what a project contains, or of all backends"
    parser = add_command(commands, "show", about, usage="WHAT [PROJECT] [SHOT] [--history] [--html OUT.html]")
    parser.add_argument(
        "what", choices=["project", "shots", "shot", "takes", "revisions", "events", "backends"], metavar="WHAT",
        help="project, shots, shot, takes, revisions, events (of a PROJECT) or backends",
    )  # fmt: skip
    parser.add_argument("project", type=Path, nargs="?", metavar="PROJECT", help="a project's folder")
    parser.add_argument("shot", nargs="?", metavar="SHOT", help="for shot: such as 7 or s007, before or after PROJECT")
    parser.add_argument("--history", action="store_true", help="for shot: who changed what, and why")
    parser.add_argument("--html", type=Path, metavar="OUT.html", help="for revisions: write a page with pictures")


def _export(commands: Commands) -> None:
    about = "write parts of a project to a folder"
    parser = add_command(commands, "export", about, usage="PROJECT WHAT... -o DIR")
    _add_project(parser)
    parser.add_argument(
        "what", nargs="+", choices=["film", "poster", "segments", "stills", "stems", "maps", "srt", "json"],
        metavar="WHAT", help="film; poster (its picture); segments (one film per shot); stills (one picture per shot); "
        "stems (voice, effects, ambience and music as WAV files as long as the film); "
        "maps (which pixels are the artist's and which a model's); srt (subtitles); json (transcript and storyboard)",
    )  # fmt: skip
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="the folder to write to")
    _add_json_version(parser)


def _fetch(commands: Commands) -> None:
    about = "download the weights of models"
    parser = add_command(commands, "fetch", about, usage="MODEL... [--revision HASH] | --profile NAME [--yes]")
    parser.add_argument(
        "models",
        nargs="*",
        metavar="MODEL",
        help="owner/name on the Hugging Face hub; owner/name:folder for one folder of it",
    )
    parser.add_argument("--revision", default="", metavar="HASH", help="the commit to fetch (default: the newest)")
    parser.add_argument("--profile", metavar="NAME", help="fetch all models of a profile: 8gb to 80gb, or FILE.toml")
    parser.add_argument("--yes", action="store_true", help="fetch without asking")


def _gc(commands: Commands) -> None:
    about = "list stored files that nothing needs, and remove them with --yes"
    parser = add_command(commands, "gc", about, usage="PROJECT [--yes]", epilog=GC)
    _add_project(parser)
    parser.add_argument("--yes", action="store_true", help="remove them (default: only list them)")


def _doctor(commands: Commands) -> None:
    about = "check this machine, and what it lacks; or verify the files of a project"
    parser = add_command(commands, "doctor", about, usage="[PROJECT [--repair]]")
    parser.add_argument(
        "project",
        type=Path,
        nargs="?",
        metavar="PROJECT",
        help="verify every file of this project, and ask its model again whether it sees pictures",
    )
    parser.add_argument(
        "--repair", action="store_true", help="set damaged files aside, so that the next film makes them again"
    )


def _add_json_version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json-version", type=int, choices=(1, 2), default=1, metavar="N",
        help="names of the fields in JSON: 1 (default) or 2 (see docs/json.md); both can be read back",
    )  # fmt: skip


def _add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="PROJECT", help="a project's folder, such as chapter.komadori")


_OUTPUT = (
    "write the film here and its subtitles beside it (default: where the last film of this aspect went, "
    "at first PROJECT/films/)"
)
_MAX_COST = "most that language models may cost for this film (default: 2)"
