"""Play one role on the fake GPU, through the same code that plays it on a real one, and measure its memory."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.gpu_dry.checkpoints import names_by_model, write_checkpoint
from benchmarks.gpu_dry.fake_gpu import FakeGpu
from benchmarks.gpu_dry.roles import RoleToPlay
from benchmarks.model_calls import model_call
from storage.profiles.names import parse_model_name
from tools import backends, devices

GIB = 2**30
RESERVED = 0.75
"""GiB that the driver, its kernels and fragmented memory take beside tensors."""
STEPS = 2
"""Denoising steps: with two, both experts of Wan 2.2 A14B have their turn."""
SECONDS = 60.0
"""Length of a motion: more than any model makes in one call, so that it makes as many frames as it can."""


@dataclass(frozen=True)
class Played:
    """What a role needed, in GiB."""

    encoding: float
    """The peak while the prompt was encoded; 0 where that is not done by itself."""
    drawing: float
    """The peak of the rest."""
    largest: float
    """The largest single tensor."""
    ram: float
    """The peak of main memory."""
    relief: str
    """What had to be done as memory ran out."""
    seconds: float
    """How long this took here."""

    @property
    def peak(self) -> float:
        """Return the most memory of the GPU at any moment."""
        return max(self.encoding, self.drawing)

    def figures(self) -> dict[str, float | str]:
        """Return what is kept of it: what does not depend on this machine."""
        found: dict[str, float | str] = {"encode": self.encoding, "draw": self.drawing, "largest": self.largest}
        return {**found, "ram": self.ram, **({"relief": self.relief} if self.relief else {})}


def play(role: RoleToPlay, gpu: FakeGpu, folder: Path) -> Played:
    """Play a role on the fake GPU. All errors of the backend are passed on."""
    begin = time.perf_counter()
    changes = {} if role.capability in ("layers", "locate", "likeness") else {"steps": STEPS}
    options = {**role.options, **changes, **_folders(role, folder)}
    backend: Any = backends.load_backend(role.capability, role.backend, **options)
    gpu.gpu.limit = int((role.memory - RESERVED) * GIB) if role.memory else 0
    encoding, ram = 0.0, 0.0
    _start(gpu)
    try:
        if encoder := getattr(backend, "prompt_encoder", None):
            backend = backend.with_prompt_embeds(encoder.encode("hair moves in the wind"))
            encoding, ram = gpu.gpu.peak / GIB, gpu.ram.peak / GIB
            _start(gpu)
        with devices.measure_cost() as cost:
            model_call(role.capability, backend, seconds=SECONDS)()
        return Played(
            encoding, gpu.gpu.peak / GIB, gpu.gpu.largest / GIB, max(ram, gpu.ram.peak / GIB),
            cost.relief.description(), time.perf_counter() - begin,
        )  # fmt: skip
    finally:
        gpu.gpu.limit = 0
        devices.release_model()


def _start(gpu: FakeGpu) -> None:
    """Forget the model of the role before."""
    devices.release_model()
    gc.collect()
    gpu.gpu.reset()
    gpu.ram.reset()


def _folders(role: RoleToPlay, folder: Path) -> dict[str, str]:
    """Write the models of a role, and return their folders by option."""
    names, found = names_by_model(), dict[str, str]()
    for option, value in role.options.items():
        if isinstance(value, str) and (name := names.get(parse_model_name(value).model)):
            found[option] = str(write_checkpoint(name, folder / name))
        elif option.startswith("lora"):
            lora = folder / f"{option}.safetensors"
            lora.touch()
            found[option] = f"{folder}:{lora.name}"
    return found
