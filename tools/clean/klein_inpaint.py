"""Paints away lettering and slivers, and completes a slanted panel to its box, by FLUX.2 [klein].

Weights: Apache-2.0 (the 4B); about 13 GB. Other checkpoints of the same kind are named by `model`.
"""

from __future__ import annotations

from collections.abc import Sequence

from storage.shapes import Balloon, Panel
from tools.diffusion import painting
from tools.diffusion.caches import Cache, known
from tools.diffusion.painters.klein import Klein
from tools.diffusion.pipes import Offload, Pipe
from tools.diffusion.weights import Weights
from tools.diffusion.words import told
from tools.options import Guidance, Megapixels, Precision, Steps
from tools.plates import Cutout, Image


class Backend:
    """Only what was to be removed is painted; all else is the page, pixel for pixel."""

    version = 1
    generates = True

    def __init__(
        self,
        *,
        model: str = "black-forest-labs/FLUX.2-klein-4B",
        revision: str = "",
        dtype: Precision = "auto",
        steps: Steps = 4,
        guidance: Guidance = 1.0,
        megapixels: Megapixels = 1.0,
        offload: Offload = "none",
        lora: str = "",
        cache: Cache = "none",
    ) -> None:
        pipe = Pipe(
            "Flux2KleinInpaintPipeline", Weights(model, revision), dtype, offload,
            lora=Weights(lora) if lora else None, cache=known(cache, "taylor"),
        )  # fmt: skip
        self.painter = Klein(pipe, steps, guidance, megapixels)
        self.ear = self.painter.ear(painting.inward)

    @property
    def identity(self) -> str:
        """Which weights paint."""
        return self.painter.pipe.identity

    @property
    def awake(self) -> str:
        """What stands on the device while it paints."""
        return self.painter.pipe.name

    def told(self, words: bytes) -> Backend:
        """The same with words from `ear.encode`: the text encoder is not loaded."""
        return told(self, "painter", words)

    def clean(
        self,
        page: Image,
        panel: Panel,
        *,
        others: Sequence[Panel],
        balloons: Sequence[Balloon],
        remove: frozenset[str],
        seed: int = 0,
    ) -> Cutout:
        """Cut `panel` out of `page`; see the promise in `tools/clean`."""
        return painting.cleaned(
            self.painter, page, panel, others=others, balloons=balloons, remove=remove, seed=seed
        )  # fmt: skip
