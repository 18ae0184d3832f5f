"""The `fetch` command: download model weights after showing their size and asking for confirmation."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from agents.profiles import check_profile, downloads_needed
from commands.output.terminal import PrintConsole, print_fact
from storage.errors import SettingsError
from storage.profiles.names import parse_model_name
from tools.diffusion import downloads
from tools.diffusion.downloads import Download, DownloadRequest
from tools.diffusion.weights import Weights


def run(command: argparse.Namespace) -> int:
    """Download the requested models. Return 0, also when the user declines."""
    console = PrintConsole(stderr=True)
    models = _requested_models(command)
    plans = [downloads.plan_download(request) for request in models]
    for plan in plans:
        rest = plan.size - plan.bytes_present
        what = f"{plan.model}: {_format_size(plan.size)} in {len(plan.files)} files, licence {plan.licence}"
        print_fact(
            console, "fetch", what + ("" if rest == plan.size else f"; {_format_size(rest)} of it still to come")
        )
    if len(plans) > 1:
        print_fact(console, "together", _format_size(sum(plan.size - plan.bytes_present for plan in plans)))
    if any(plan.size > plan.bytes_present for plan in plans) and not (command.yes or _confirm(console)):
        print_fact(console, "fetch", "nothing was fetched")
        return 0
    for plan in plans:
        _download(console, plan)
    return 0


def _requested_models(command: argparse.Namespace) -> list[DownloadRequest]:
    """List the models to download, each once."""
    models = downloads_needed(check_profile(command.profile)) if command.profile else []
    if command.profile and not models and not command.models:
        raise SettingsError(f"the profile {command.profile} needs no weights", "it can be used as it is")
    names = [parse_model_name(model) for model in command.models]
    models += [DownloadRequest(replace(name, revision=command.revision or name.revision)) for name in names]
    if not models:
        raise SettingsError("there is nothing to fetch", "name a model, or a --profile: main.py fetch --profile 24gb")
    return list(dict.fromkeys(models))


def _confirm(console: PrintConsole) -> bool:
    if not sys.stdin.isatty():
        raise SettingsError("nobody is here to agree to this", "say it beforehand with --yes")
    try:
        answer = console.input("fetch this? [y/N] ", markup=False)
    except EOFError:
        return False
    return answer.strip().lower() in ("y", "yes")


def _download(console: PrintConsole, plan: Download) -> None:
    columns = (BarColumn(), DownloadColumn(binary_units=True), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(plan.model, total=plan.size - plan.bytes_present)
        place = downloads.run_download(plan, lambda so_far: progress.update(bar, completed=so_far))
    print_fact(console, "fetched", f"{plan.model} at {plan.commit}", "bold green")
    print_fact(console, "", f"{place}")
    assert Weights(plan.model, plan.revision).is_present, "what was fetched is found"


def _format_size(count: int) -> str:
    for unit, least in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= least:
            return f"{count / least:.1f} {unit}"
    return f"{count} bytes"
