"""Command line entry point: run one command and report user errors in two lines, `error:` and `hint:`."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import NoReturn

from storage.errors import KomadoriError

STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def main(words: list[str] | None = None) -> int:
    """Run one command and return its exit status.

    Args:
        words: the command line without the program's name; None takes it from sys.argv.

    Returns:
        0 when done, 2 for an error that the user can correct (two lines on stderr), 3 when the film is made but shots
        failed, 130 when interrupted.
    """
    try:
        from commands.cli.arguments import parse

        command = parse(words)
        status = int(command.run(command))
        sys.stdout.flush()
        return status
    except KomadoriError as error:
        # an error may quote a stranger: whatever it holds, there is one line for the fault and one for the cure
        print(f"error: {_one_line(error.what)}\nhint: {_one_line(error.hint)}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # the reader of our output has left (`| head`): nothing more to say, also not when the interpreter ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        for name in STOPS:
            signal.signal(name, signal.SIG_IGN)  # once is enough
        print("interrupted: the same command goes on from here", file=sys.stderr)
        return 130


def prepare_process() -> None:
    """Treat SIGTERM and SIGHUP like Ctrl-C, and replace a closed stdout or stderr by the null device.

    Garbage is collected more rarely: most objects are those of modules, which stay.
    """
    gc.set_threshold(10_000)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed (`2>&-`): a file must not take its place, where a stray word spoils it
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for the life of the process
    for name in STOPS:
        if signal.getsignal(name) is not signal.SIG_IGN:  # as nohup and a shell's background jobs want it
            signal.signal(name, _stop)


def run_from_console() -> NoReturn:
    """Run the command line as a program and exit with its status. The `komadori` script starts here."""
    prepare_process()
    sys.exit(main())


def _stop(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    run_from_console()
