"""Paints away lettering and slivers, and completes a slanted panel to its box, by Qwen-Image-Edit.

Weights: Apache-2.0; about 55 GB. Other checkpoints of the same kind are named by `model`.
"""

from __future__ import annotations

from collections.abc import Sequence

from storage.shapes import Balloon, Panel
from tools.diffusion import painting
from tools.diffusion.caches import Cache, known
from tools.diffusion.painters.qwen import QwenEdit
from tools.diffusion.pipes import Offload, Pipe
from tools.diffusion.weights import Weights
from tools.options import Guidance, Megapixels, Precision, Steps
from tools.plates import Cutout, Image


class Backend:
    """Only what was to be removed is painted; all else is the page, pixel for pixel.

    `blended` puts what is to stay back at every step (Blended Diffusion, RePaint), so that both grow together.
    """

    version = 1
    generates = True

    def __init__(
        self,
        *,
        model: str = "Qwen/Qwen-Image-Edit-2509",
        revision: str = "",
        dtype: Precision = "auto",
        steps: Steps = 20,
        guidance: Guidance = 4.0,
        megapixels: Megapixels = 1.0,
        offload: Offload = "none",
        lora: str = "",
        cache: Cache = "none",
        blended: bool = False,
    ) -> None:
        pipe = Pipe(
            "QwenImageEditPlusPipeline", Weights(model, revision), dtype, offload,
            lora=Weights(lora) if lora else None, cache=known(cache, "first_block", "taylor"),
        )  # fmt: skip
        self.painter = QwenEdit(pipe, steps, guidance, megapixels, blended)

    @property
    def identity(self) -> str:
        """Which weights paint."""
        return self.painter.pipe.identity

    @property
    def awake(self) -> str:
        """What stands on the device while it paints."""
        return self.painter.pipe.name

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
