"""Play every role of every profile at full size on a GPU that is not there, and print what each needs.

Nothing is downloaded and no weight exists: torch computes the shapes, types and devices of all tensors. A role fails
where a real GPU would: at a size, a type, a class or an argument that does not fit, or where the memory that its
profile names does not suffice. Roles that differ in nothing but the memory of their profiles are played once, and again
only where that memory is less than they take. Words on the command line select the roles whose names contain one of
them; `--write` writes the figures to `memory.toml`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.gpu_dry.fake_gpu import fake_gpu
from benchmarks.gpu_dry.figures import read_figures, write_figures
from benchmarks.gpu_dry.play import RESERVED, Played, play
from benchmarks.gpu_dry.roles import RoleToPlay, roles_alike, roles_to_play


def main(words: list[str], *, write: bool = False) -> int:
    """Play the roles and print a table. Return 1 when one of them failed."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    roles = [role for role in roles_to_play() if not words or any(word in role.name for word in words)]
    failed, figures = 0, read_figures()
    print(f"{'role':36} {'encode':>7} {'draw':>7} {'largest':>8} {'of':>4} {'RAM':>6} {'s':>4}  GiB")
    with tempfile.TemporaryDirectory() as folder:
        for role, made in (pair for group in roles_alike(roles) for pair in _play_group(group, Path(folder))):
            if isinstance(made, Played):
                figures[role.name] = made.figures()
            print(_line(role, made) if isinstance(made, Played) else f"{role.name:36} {made}", flush=True)
            failed += not isinstance(made, Played)
    if write:
        write_figures(figures)
    return 1 if failed else 0


def _play_group(group: list[RoleToPlay], folder: Path) -> Iterator[tuple[RoleToPlay, Played | str]]:
    """Play roles that are alike; yield what each needed, or why that is not known."""
    free: Played | None = None
    for role in group:
        try:
            free = free or _play(replace(role, memory=0), folder)
            fits = not role.memory or free.peak <= role.memory - RESERVED
            yield role, free if fits else _play(role, folder)
        except Exception as reason:  # whatever a library raises is what this looks for
            if "--trace" in sys.argv:
                raise
            yield role, f"FAILED: {type(reason).__name__}: {' '.join(str(reason).split())[:200]}"


def _play(role: RoleToPlay, folder: Path) -> Played:
    with fake_gpu() as gpu:
        return play(role, gpu, folder)


def _line(role: RoleToPlay, made: Played) -> str:
    return (
        f"{role.name:36} {made.encoding:7.1f} {made.drawing:7.1f} {made.largest:8.1f} {role.memory or '':>4} "
        f"{made.ram:6.1f} {made.seconds:4.0f}  {made.relief}"
    )


if __name__ == "__main__":
    sys.exit(main([word for word in sys.argv[1:] if not word.startswith("--")], write="--write" in sys.argv))
