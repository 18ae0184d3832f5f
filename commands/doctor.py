"""The `doctor` command: report what this machine has and lacks, or verify every stored file of a project."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Set
from contextlib import nullcontext
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from rich.table import Table
from rich.text import Text

from commands.output.terminal import PrintConsole, print_fact
from storage.errors import KomadoriError, ProjectError, SettingsError

Finding = tuple[bool | None, str]
"""True: well; False: broken, and the words say what to do; None: not there, and not needed by default."""
_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("·", "dim")}


def run(command: argparse.Namespace) -> int:
    """Print every finding. Return 0, or 2 when the default cannot work on this machine, or a project is damaged."""
    paper = PrintConsole()
    if command.project is not None:
        code = check_project(paper, command.project, repair=command.repair)
        well, words = _safely(partial(_model, command.project))
        if well is not None:
            print_fact(paper, "model", words, "bold" if well else "yellow")
        return code
    if command.repair:
        raise SettingsError("--repair needs a project", "main.py doctor PROJECT --repair")
    findings = {name: _safely(check) for name, check in _CHECKS.items()}
    rows = Table.grid("", "", "", padding=(0, 2, 0, 0))
    for name, (well, words) in findings.items():
        sign, style = _MARKS[well]
        rows.add_row(Text(sign, style), name, Text(words))
    paper.print_table(rows)
    return 2 if any(well is False for well, _ in findings.values()) else 0


def check_project(paper: PrintConsole, project: Path, *, repair: bool) -> int:
    """Verify the database and every stored file of a project. Return 0, or 2 when something is damaged.

    With `repair`, damaged files are set aside, so that the next film makes them again; nothing else is changed.
    """
    from commands.output.tables import bytes_text
    from storage.library import Library

    with Library.open(project, readonly=not repair) as library:
        if not library.is_database_sound():
            raise ProjectError(f"{library.database.path} is damaged", "put back a copy, or move it away to begin anew")
        files = library.stored_files()
        damaged = [file for file in files if not library.artifacts.is_intact(file.artifact)]
        missing = library.missing_files()
        for file in damaged:
            print_fact(paper, "damaged", f"{file.artifact[:12]}, made by {file.kind}", "red")
            if repair:
                library.artifacts.set_aside(file.artifact)
        for kind, count in missing.items():
            print_fact(paper, "missing", f"{count} files made by {kind}", "yellow")
    size = bytes_text(sum(file.size for file in files))
    print_fact(paper, "verified", f"the database and {len(files)} files, {size}; {len(damaged)} damaged")
    hints = ["--repair sets them aside"] if damaged and not repair else []
    hints += _outlooks({*(file.kind for file in damaged), *missing})
    if hints:
        print_fact(paper, "hint", "; ".join(hints))
    return 2 if damaged else 0


def _outlooks(kinds: Set[str]) -> list[str]:
    """Say what becomes of damaged and missing files of some kinds."""
    from storage.inventory import LASTING_KINDS

    outlooks = ["the next film makes again what it needs of them"] if kinds - LASTING_KINDS else []
    if kinds & LASTING_KINDS:
        outlooks += ["what only you have (corrections, pictures) is named when it is needed"]
    return outlooks


def _safely(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except KomadoriError as error:
        return False, f"{error.what}: {error.hint}"
    except Exception as error:
        return False, f"{type(error).__name__}: {error}"


def _python() -> Finding:
    return True, f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def _packages() -> Finding:
    names = ("langgraph", "openai", "moviepy", "sqlmodel", "pydantic", "opencv-python-headless", "rapidocr")
    return True, ", ".join(f"{name} {version(name)}" for name in names)


def _ffmpeg() -> Finding:
    from tools.video.ffmpeg import ffmpeg_path

    program = ffmpeg_path()
    said = subprocess.run([program, "-hide_banner", "-encoders"], capture_output=True, text=True, check=True).stdout
    if "libx264" not in said:
        return False, f"{program} has no libx264: unset FFMPEG_BINARY to use the packaged one"
    return True, Path(program).name


def _reading() -> Finding:
    import numpy as np

    from tools.transcribe import load_transcriber

    load_transcriber("classic").read(np.full((160, 120, 3), 255, np.uint8))
    return True, "the packaged models read a page"


def _voices() -> Finding:
    """Find out which languages are spoken here, by what, and why other backends do not speak."""
    from agents.sound.speech import RECORDINGS
    from agents.sound.speech_facts import languages_spoken
    from tools.backends import backend_names

    speaking: list[str] = []
    silent: list[str] = []
    for name in backend_names("speak"):
        try:
            languages = () if name == RECORDINGS else languages_spoken(name, ("en", "ja", "ko", "zh"))
        except KomadoriError as error:
            silent.append(f"{name}: {error.what} ({error.hint})")
        else:
            speaking += [f"{name} ({', '.join(languages)})"] if languages else []
    said = ", ".join(speaking) or "nobody speaks, and the default needs nobody"
    return (True if speaking else None), "; ".join((said, *silent))


def _disk() -> Finding:
    free = shutil.disk_usage(".").free / 2**30
    return free > 1, f"{free:.0f} GiB free here" + ("" if free > 1 else ": a film needs about 30 MiB a page")


def _gpu() -> Finding:
    if find_spec("torch") is None:
        return None, "torch is not installed; the default needs none (pip install -e '.[gpu]')"
    import torch

    if not torch.cuda.is_available():
        return None, f"torch {torch.__version__} sees no GPU; the default needs none"
    return True, f"{torch.cuda.get_device_name(0)}, {torch.cuda.get_device_properties(0).total_memory / 2**30:.0f} GiB"


def _profile() -> Finding:
    """Find the largest profile that fits the GPU's memory, and which of its models are missing."""
    from agents.profiles import models_needed
    from storage import profiles
    from tools.diffusion.weights import Weights

    memory, where = _memory()
    # a card of 24 GB has a little less to give: the screen and the driver take theirs
    known = [profiles.load_profile(name) for name in profiles.BUILT_IN]
    best = [profile for profile in known if memory >= 0.92 * profile.memory][-1]
    larger = next((profile for profile in known if profile.memory > best.memory), None)
    why = f"{best.name}: {where}" + (f"; {larger.name} needs {larger.memory:.0f} GiB" if larger else "")
    models = [str(name) for name in models_needed(best)]
    lacks = [name for name in models if not Weights(name).is_present]
    if lacks:
        why += f"; {len(lacks)} of its {len(models)} models are not here (main.py fetch --profile {best.name})"
    return (True if best.memory else None), why


def _memory() -> tuple[float, str]:
    """Return the GPU's memory in GiB (0 without a GPU), and a description of the GPU."""
    if find_spec("torch") is None:
        return 0.0, "the default, which needs no GPU; torch is not installed"
    import torch

    if not torch.cuda.is_available():
        return 0.0, "the default, which needs no GPU; none is seen"
    memory = torch.cuda.get_device_properties(0).total_memory / 2**30
    return memory, f"{memory:.0f} GiB on {torch.cuda.get_device_name(0)}"


def _generate() -> Finding:
    try:
        return True, f"diffusers {version('diffusers')}, transformers {version('transformers')}"
    except PackageNotFoundError:
        return None, "diffusers is not installed; the default needs none (pip install -e '.[gpu]')"


def _model(project: Path | None = None) -> Finding:
    from agents.llm.probe import probe_model
    from agents.llm.servers import configured_server
    from storage.library import Library
    from storage.settings import Settings

    with Library.open(project, readonly=True) if project else nullcontext() as library:
        settings = (library.settings() if library else None) or Settings()
    server = configured_server(settings.model)
    if server is None:
        return None, "no model is named; the default needs none (KOMADORI_MODEL, and OPENAI_BASE_URL or OPENAI_API_KEY)"
    with Library.open(project) if project else nullcontext() as library:
        found = probe_model(server, library)
    cost = "" if server.price else f"; its price is not known (KOMADORI_PRICE): {settings.max_tokens:,} tokens bound it"
    return found.answers, f"{server.described}: {found.summary()}{cost}"


_CHECKS: dict[str, Callable[[], Finding]] = {
    "python": _python, "packages": _packages, "ffmpeg": _ffmpeg, "reading": _reading, "voices": _voices, "disk": _disk,
    "gpu": _gpu, "profile": _profile, "diffusers": _generate, "model": _model,
}  # fmt: skip
