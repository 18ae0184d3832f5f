"""Run full-size models with random weights on this machine's GPU and measure time, memory and overhead of each role.

Needs torch with CUDA, diffusers, transformers and the dependencies of Komadori. Nothing is downloaded: the weights are
noise, and so are the pictures. The check shows whether a role runs, how long it takes and how much memory it needs.
Without a GPU it says so and succeeds. `--tiny` does the same with the tiny models of the tests, on any machine.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import models
from benchmarks.model_calls import model_call
from storage.errors import KomadoriError
from tools import backends, devices


@dataclass(frozen=True)
class Check:
    """One role played by one backend; `build` saves its model to a folder."""

    capability: str
    backend: str
    build: Callable[[Path, bool], None]
    options: dict[str, Any]


CHECKS = (
    Check("clean", "sdxl_inpaint", models.sdxl, {"dtype": "float16", "steps": 25, "megapixels": 1.0}),
    Check("outpaint", "sdxl_inpaint", models.sdxl, {"dtype": "float16", "steps": 25, "megapixels": 1.0}),
    Check("outpaint", "klein_inpaint", models.klein, {"dtype": "bfloat16", "steps": 4, "megapixels": 1.0}),
    Check("animate", "wan_i2v", models.wan, {"dtype": "bfloat16", "steps": 20, "megapixels": 0.9, "frames": 49}),
)


def main(words: list[str]) -> int:
    """Check every role and print a table. Return 1 when one of them failed."""
    import torch

    tiny = "--tiny" in words
    if not tiny and not torch.cuda.is_available():
        print(f"gpu-check: torch {torch.__version__} sees no GPU on this machine; there is nothing to check")
        return 0
    print(f"{torch.cuda.get_device_name(0) if torch.cuda.is_available() else 'CPU'}, torch {torch.__version__}")
    print(
        f"{'role':9} {'backend':14} {'load s':>7} {'first s':>8} {'again s':>8} {'alone s':>8} {'over':>6} {'MiB':>7}"
    )
    failed, built = 0, dict[Callable[[Path, bool], None], Path]()
    with tempfile.TemporaryDirectory() as folder:
        for number, check in enumerate(CHECKS):
            try:
                place = built.get(check.build) or Path(folder) / str(number)
                if check.build not in built:
                    check.build(place, tiny)
                    built[check.build] = place
                print(f"{check.capability:9} {check.backend:14} {_measure(check, place, tiny)}", flush=True)
            except (KomadoriError, RuntimeError, ValueError, TypeError) as reason:
                failed += 1
                print(f"{check.capability:9} {check.backend:14} FAILED: {' '.join(str(reason).split())[:160]}")
            devices.release_model()
    return 1 if failed else 0


def _measure(check: Check, place: Path, tiny: bool) -> str:
    small = {"steps": 2, "megapixels": 0.01} | ({"frames": 5} if "frames" in check.options else {}) if tiny else {}
    backend = backends.load_backend(check.capability, check.backend, **{**check.options, **small, "model": str(place)})
    call = model_call(check.capability, backend)
    with devices.measure_cost() as cost:
        first = _seconds(call) - cost.load_seconds
        with _pipeline_seconds() as spent:
            again = _seconds(call)
    over = again / max(spent[0], 1e-6)
    return f"{cost.load_seconds:7.1f} {first:8.1f} {again:8.1f} {spent[0]:8.1f} {over:5.2f}x {cost.peak_mib:7d}"


@contextmanager
def _pipeline_seconds() -> Iterator[list[float]]:
    """Add up the seconds spent inside the pipelines themselves until the block ends."""
    import diffusers

    kinds = [diffusers.StableDiffusionXLInpaintPipeline, diffusers.Flux2KleinInpaintPipeline,
             diffusers.WanImageToVideoPipeline]  # fmt: skip
    real, spent = [kind.__call__ for kind in kinds], [0.0]

    def timed(inner: Callable[..., Any]) -> Callable[..., Any]:
        def listening(self: Any, *given: Any, **asked: Any) -> Any:
            begin = time.perf_counter()
            try:
                return inner(self, *given, **asked)
            finally:
                spent[0] += time.perf_counter() - begin

        return listening

    for kind, inner in zip(kinds, real, strict=True):
        kind.__call__ = timed(inner)
    try:
        yield spent
    finally:
        for kind, inner in zip(kinds, real, strict=True):
            kind.__call__ = inner


def _seconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
