"""Play every role of every profile at full size on a GPU that is not there, and print what each needs.

Nothing is downloaded and no weight exists: torch computes the shapes, types and devices of all tensors. A role fails
where a real GPU would: at a size, a type, a class or an argument that does not fit, or where the memory that its
profile names does not suffice. Words on the command line select the roles whose names contain one of them.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from benchmarks.gpu_dry.fake_gpu import fake_gpu
from benchmarks.gpu_dry.play import play
from benchmarks.gpu_dry.roles import roles_to_play


def main(words: list[str]) -> int:
    """Play the roles and print a table. Return 1 when one of them failed."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    roles = [role for role in roles_to_play() if not words or any(word in role.name for word in words)]
    failed = 0
    print(f"{'role':36} {'encode':>7} {'draw':>7} {'largest':>8} {'of':>4} {'RAM':>6} {'s':>4}  GiB")
    with tempfile.TemporaryDirectory() as folder:
        for role in roles:
            if role.obstacle:
                print(f"{role.name:36} not played: {role.obstacle}", flush=True)
                continue
            try:
                with fake_gpu() as gpu:
                    made = play(role, gpu, Path(folder))
            except Exception as reason:  # whatever a library raises is what this looks for
                if "--trace" in sys.argv:
                    raise
                failed += 1
                print(
                    f"{role.name:36} FAILED: {type(reason).__name__}: {' '.join(str(reason).split())[:200]}", flush=True
                )
                continue
            print(
                f"{role.name:36} {made.encoding:7.1f} {made.drawing:7.1f} {made.largest:8.1f} {role.memory or '':>4} "
                f"{made.ram:6.1f} {made.seconds:4.0f}  {made.relief}",
                flush=True,
            )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main([word for word in sys.argv[1:] if not word.startswith("--")]))
