"""The kinds of input: how each is drawn from a random generator, and what is done with it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from agents import run as film_run
from agents.conversation import turn
from agents.corrections import grammar as correction_grammar
from agents.corrections import replan
from agents.editing import preview
from agents.editing.forms import FORMS
from agents.executors import Job, JobResult
from agents.scripting.transcripts import read_transcript
from benchmarks.fuzz import pictures
from benchmarks.fuzz.mutations import ODD_TEXTS, mutate_bytes, mutate_data, mutate_text
from storage.artifacts import Artifacts
from storage.domain import Balloon, Box, PageTranscript, Panel, Transcript, VideoFormat
from storage.errors import KomadoriError
from storage.profiles import load_profile
from storage.settings import Settings
from storage.styles import load_style
from tools.ingest import books

HOUSE = Path(__file__).resolve().parents[2]
MOST_PAGES = 12
"""Pages of a book that are decoded."""
_SPECS = ("", "", "", "", "1", "1-", "2-3", "1,2", "0", "9-1", "x", "１", "1-999999999", ",", "-")
_STYLE = 'pace = "calm"\nmotion = 0.5\ndissolves = 1\ngenre = "horror"\nmood = "dark"\nlook = "ink"\nnotes = "slow"\n'
_SCRIPT = """source = "book"
project = "$out/film.komadori"
output = "$out/{name}-{aspect}.mp4"
aspects = ["16:9", "9:16"]
height = 360
fps = 24
pages = "1-2"
order = "rtl"
director = "rules"
budget = 1.5
style = "calm"
edits = [
  "shot 1 slower",  # a comment
  "page 1 text 1 \\"hi\\"",
]

[settings]
max_drift = 0.5
crf = 20

[vars]
out = "out"

[[export]]
what = ["json", "srt"]
to = "$out/{aspect}"
"""
_FREE_TEXTS = (
    "remove shot 2", "make it all faster", "put shot 3 before shot 2", "zoom in on the bird in shot 3", "skip page 2",
    "what is shot 4?", "ショット3をゆっくり", "把镜头3放慢", "샷 3 느리게", "ralentis le plan 3", "undo", "undo twice",
    "redo 99999999999999999999", "yes", "no", "film style calm; film aspect 9:16", "shot 1 lock; shot 1 slower",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A kind of input."""

    draw: Callable[[Random, Path], Any]
    """Writes files of the input into an empty folder, and returns what `use` gets."""
    use: Callable[[Any, Path], None]
    """Does with an input what the program does, and may write below the folder only; KomadoriError is a good answer."""
    weight: int
    """How many of a hundred inputs are of this kind."""


class StrictExecutor:
    """An executor that works in this process and lets unexpected exceptions through, with their traceback."""

    def __init__(self, root: Path) -> None:
        self._artifacts = Artifacts(root)

    def run(self, jobs: Iterable[Job]) -> Iterator[JobResult]:
        """Run the jobs one after the other."""
        for job in jobs:
            try:
                yield JobResult(job.key, job.make(self._artifacts, **job.arguments))
            except KomadoriError as reason:
                yield JobResult(job.key, None, reason.what, reason)

    def close(self) -> None:
        """Do nothing; there are no workers."""


def prepare(folder: Path) -> None:
    """Make the planned project of two pages that transcripts, chats and damaged projects start from."""
    with suppress(ImportError, AttributeError):
        import libarchive  # noqa: F401 - it starts a program to find its library, once
    for module in (film_run, replan, preview):
        module.LocalExecutor = StrictExecutor  # type: ignore[attr-defined]
    os.environ.pop("OPENAI_BASE_URL", None)
    os.environ.pop("KOMADORI_MODEL", None)
    luck = Random(1)
    (folder / "book").mkdir(parents=True)
    for name in ("1.png", "2.png"):
        page = np.full((300, 200, 3), 255, np.uint8)
        page[10:140, 10:190] = luck.randint(60, 200)
        page[160:290, 10:190] = luck.randint(60, 200)
        (folder / "book" / name).write_bytes(_png(page))
    transcript = _transcript()
    (folder / "transcript.json").write_text(transcript.model_dump_json(by_alias=True), encoding="utf-8")
    settings = Settings(screen=VideoFormat(width=160, height=90, fps=12))
    film_run.plan(folder / "p.komadori", settings, film_run.RunOptions(folder / "book", corrections=transcript))


def _png(pixels: np.ndarray) -> bytes:
    from tools import png

    return png.encode_png(pixels)


def _transcript() -> Transcript:
    """Return the transcript of the two pages."""
    pages = []
    for index in range(2):
        boxes = Box(10, 10, 190, 140), Box(10, 160, 190, 290)
        panels = tuple(
            Panel(id=f"p{index}-{n}", order=n, box=box, polygon=((box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1),
                  (box.x0, box.y1)))
            for n, box in enumerate(boxes)
        )  # fmt: skip
        texts = tuple(
            Balloon(id=f"t{index}-{n}", order=n, box=Box(20, box.y0 + 10, 80, box.y0 + 50), panel=f"p{index}-{n}",
                    text="hello there", language="en")
            for n, box in enumerate(boxes)
        )  # fmt: skip
        name = f"{index + 1}.png"
        pages.append(PageTranscript(index=index, image=name, width=200, height=300, panels=panels, balloons=texts))
    return Transcript(order="rtl", backend="corrected", pages=tuple(pages))


def _copy_project(base: Path, folder: Path) -> Path:
    """Copy the prepared project; its artifacts are never changed, so they are linked."""
    target = folder / "p.komadori"
    shutil.copytree(base / "p.komadori", target, ignore=shutil.ignore_patterns("artifacts"))
    shutil.copytree(base / "p.komadori" / "artifacts", target / "artifacts", copy_function=os.link)
    return target


def _draw_book(luck: Random, folder: Path) -> Any:
    return pictures.write_book(luck, folder), luck.choice(_SPECS)


def _use_book(drawn: Any, folder: Path) -> None:
    source, spec = drawn
    book = books.open_book(source)
    for ref in books.choose_pages(book.pages, spec)[:MOST_PAGES]:
        assert len(book.fingerprint(ref)) == 64
        page = book.load(ref)
        assert page.dtype == np.uint8
        assert page.ndim == 3
        assert page.shape[2] == 3
        assert page.size
        ref.name.encode()


def _draw_example(luck: Random, folder: Path) -> Any:
    """Damage one of the examples of odd books that are kept beside the repository, where they are there."""
    examples = sorted(path for path in (HOUSE.parent / "shared" / "inputs").rglob("*") if path.is_file())
    if not examples:
        return _draw_book(luck, folder)
    example = luck.choice(examples)
    target = folder / example.name
    target.write_bytes(mutate_bytes(luck, example.read_bytes()))
    return target, ""


def _draw_transcript(luck: Random, folder: Path) -> Any:
    whole = (folder.parent / "base" / "transcript.json").read_text(encoding="utf-8")
    mutant = (
        mutate_text(luck, whole).encode("utf-8", "replace")
        if luck.random() < 0.15
        else json.dumps(mutate_data(luck, json.loads(whole))).encode()
    )
    (folder / "transcript.json").write_bytes(mutant)
    return folder / "transcript.json"


def _use_transcript(path: Any, folder: Path) -> None:
    base = folder.parent / "base"
    given = read_transcript(path)
    project = _copy_project(base, folder)
    settings = Settings(screen=VideoFormat(width=160, height=90, fps=12))
    film_run.plan(project, settings, film_run.RunOptions(base / "book", corrections=given))
    _show(project, folder)


def _show(project: Path, folder: Path) -> None:
    """Print and write what a project shows, through the command line."""
    for words in (
        ["storyboard", project, "--json", folder / "board.json", "--html", folder / "board.html"],
        ["show", "shots", project],
        ["show", "shot", project, "1"],
        ["show", "revisions", project],
    ):
        run_program(*words)


def run_program(*words: object) -> None:
    """Run a command of the program in this process, with its errors as exceptions."""
    from commands.cli.arguments import parse

    command = parse([str(word) for word in words])
    command.run(command)


def _draw_script(luck: Random, folder: Path) -> Any:
    (folder / "script.toml").write_bytes(_mutate_toml(luck, _SCRIPT))
    (folder / "book").symlink_to(folder.parent / "base" / "book")
    return folder / "script.toml"


def _use_script(path: Any, folder: Path) -> None:
    run_program("run", path, "--check")


def _mutate_toml(luck: Random, text: str) -> bytes:
    """Return a TOML text with values replaced by others of TOML, or with its bytes changed."""
    if luck.random() < 0.3:
        return mutate_bytes(luck, text.encode())
    lines = text.splitlines()
    for _ in range(luck.randint(1, 3)):
        at = luck.randrange(len(lines))
        key, sign, value = lines[at].partition("= ")
        new = luck.choice((
            "nan", "-inf", "1e400", "99999999999999999999", "true", "[]", "[[]]", "{}", '""', "1979-05-27T07:32:00Z",
            '"$"', '"${"', '"{aspect"', '"{0.__class__}"', json.dumps(luck.choice(ODD_TEXTS[5:]), ensure_ascii=True),
            f"{value}{value}", mutate_text(luck, value), "{a.b.c = 1}", '"\\u0000"', "0x_1", '["../../x"]', '"~/x"',
        ))  # fmt: skip
        lines[at] = luck.choice((f"{key}{sign}{new}", f"{key}{sign}{new}", f"x{key}{sign}{value}", f"[{key}]", ""))
    return "\n".join(lines).encode("utf-8", "replace")


def _draw_settings(luck: Random, folder: Path) -> Any:
    """Draw a style sheet or a profile."""
    if luck.random() < 0.5:
        (folder / "style.toml").write_bytes(_mutate_toml(luck, _STYLE))
        return folder / "style.toml"
    profile = luck.choice(sorted((HOUSE / "storage" / "profiles").glob("*.toml")))
    (folder / "profile.toml").write_bytes(_mutate_toml(luck, profile.read_text(encoding="utf-8")))
    return folder / "profile.toml"


def _use_settings(path: Any, folder: Path) -> None:
    if path.name == "style.toml":
        sheet = load_style(str(path))
        sheet.summary()
        return
    settings = load_profile(str(path)).apply_to(Settings())
    Settings.model_validate_json(settings.model_dump_json())


def _draw_options(luck: Random, folder: Path) -> Any:
    """Draw command lines whose options have odd values."""
    names = (
        "--pages", "--aspect", "--height", "--fps", "--order", "--pace", "--style", "--max-cost", "--max-tokens",
        "--profile", "--max-generated", "--max-drift", "--best-of", "--max-retakes", "--director", "--transcript",
        "--cast", "--transcribe", "-o",
    )  # fmt: skip
    values = ("1", "0", "-1", "16:9", "0:0", "9:16", "1-2", "calm", "23.976", "24000/1001", "1e400", "rtl", "x.mp4")
    words = []
    for name in luck.sample(names, luck.randint(1, 3)):
        value = luck.choice((*values, luck.choice(ODD_TEXTS), mutate_text(luck, luck.choice(values))))
        words.append(f"{name}={value}" if name.startswith("--") else name + value)
    return [word.replace("\x00", "") for word in words]  # no command line can hold it


def _use_options(words: Any, folder: Path) -> None:
    try:
        run_program("animate", folder.parent / "base" / "book", "--project", folder / "q.komadori", "--dry-run", *words)
    except SystemExit:
        return  # --help and its like


def _draw_lines(luck: Random, folder: Path) -> Any:
    """Draw lines for a chat and lines for `fix`: examples of the grammars and free texts, mostly mutated."""
    examples = [form.example for form in FORMS]
    fixes = [form.example for form in correction_grammar.FORMS]
    lines = []
    for _ in range(luck.randint(1, 4)):
        line = luck.choice(luck.choice((examples, examples, fixes, fixes, list(_FREE_TEXTS))))
        line = line.replace("page 3", "page 1").replace("shot 7", f"shot {luck.randint(1, 5)}")
        line = (
            line
            if luck.random() < 0.3
            else _mutate_words(luck, line)
            if luck.random() < 0.6
            else mutate_text(luck, line)
        )
        lines.append((luck.choice(("chat", "chat", "fix", "dry")), line))
    return lines


def _mutate_words(luck: Random, line: str) -> str:
    """Replace words and numbers of a line by others, so that it mostly stays in the grammar."""
    words = line.split(" ")
    for _ in range(luck.randint(1, 2)):
        at = luck.randrange(len(words))
        words[at] = luck.choice((
            str(luck.randint(0, 9)), "1,2,3,4", "1-3", "9999999999", "0.0001", "half", "x", "all", "page", "shots",
            "film", "0,0,200,300", "-50,-50,1e9,1e9", "10%,10%,20%,20%", "5,5,5,5", luck.choice(words),
            luck.choice(ODD_TEXTS[5:]),
        ))  # fmt: skip
    return " ".join(words)


def _use_lines(lines: Any, folder: Path) -> None:
    project = _copy_project(folder.parent / "base", folder)
    refused: KomadoriError | None = None
    for where, line in lines:
        try:
            if where == "fix":
                replan.correct_project(project, [correction_grammar.parse_line(line)], say=lambda progress: None)
            else:
                turn.take_turn(project, line, dry_run=where == "dry")
        except KomadoriError as reason:
            refused = reason
    _show(project, folder)
    if refused:
        raise refused


def _draw_damage(luck: Random, folder: Path) -> Any:
    """Damage files of a project."""
    project = folder / "p.komadori"
    shutil.copytree(folder.parent / "base" / "p.komadori", project)
    files = sorted(path for path in project.rglob("*") if path.is_file())
    databases = [path for path in files if path.suffix == ".db"]
    for path in {luck.choice(luck.choice((files, databases))) for _ in range(luck.randint(1, 2))}:
        path.unlink() if luck.random() < 0.15 else path.write_bytes(mutate_bytes(luck, path.read_bytes()))
    return project


def _use_damage(project: Any, folder: Path) -> None:
    _show(project, folder)
    turn.take_turn(project, "shot 1 slower")
    base = folder.parent / "base"
    settings = Settings(screen=VideoFormat(width=160, height=90, fps=12))
    film_run.plan(project, settings, film_run.RunOptions(base / "book", corrections=_transcript()))


KINDS = {
    "book": Kind(_draw_book, _use_book, 40),
    "example": Kind(_draw_example, _use_book, 8),
    "transcript": Kind(_draw_transcript, _use_transcript, 12),
    "lines": Kind(_draw_lines, _use_lines, 15),
    "script": Kind(_draw_script, _use_script, 8),
    "settings": Kind(_draw_settings, _use_settings, 6),
    "options": Kind(_draw_options, _use_options, 6),
    "project": Kind(_draw_damage, _use_damage, 5),
}
"""All kinds, by name."""
