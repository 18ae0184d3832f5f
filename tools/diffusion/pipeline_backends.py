"""Options, identity and prompt embeddings of the backends that run a pipeline of diffusers.

A backend is a dataclass: its options are its fields, and `__post_init__` makes the painter or sampler that calls the
pipeline. Nothing is imported or loaded before the pipeline runs.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from storage.domain import Balloon, Box, Panel
from storage.errors import BackendError
from tools.backends import KeyFrames
from tools.diffusion import image_to_video, inpainting
from tools.diffusion.denoisers import Quantisation
from tools.diffusion.image_to_video import PipelineFrames, VideoRequest, VideoSampler
from tools.diffusion.inpainters import Painter
from tools.diffusion.inpainting import Rank
from tools.diffusion.loras import LearnedLora, Lora, parse_loras
from tools.diffusion.methods.reference_grid import with_grid
from tools.diffusion.model_specs import VideoModelSpec
from tools.diffusion.painting_windows import Windows, max_windows
from tools.diffusion.pipelines import REQUIRED_PACKAGES, Offload, PipelineSpec
from tools.diffusion.prompt_encoder import PipelinePromptEncoder, with_prompt_embeds
from tools.diffusion.weights import Weights
from tools.measuring import correspondence
from tools.options import Candidates, Frames, Guidance, Megapixels, Names, Precision, Rate, Steps
from tools.plates import Cutout, Image, KeyFrame, Mask, Motion, Plate
from tools.video.retiming import Cadence, Longer

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline


CHAIN_VERSION = 2
"""The version of how clips are chained: part of the content keys of films that chain them."""


@dataclass(eq=False, kw_only=True)
class PipelineBackend(ABC):
    """A backend that runs one pipeline of diffusers.

    Attributes:
        pipeline_class: The pipeline's class in diffusers.
        model: A checkpoint of that pipeline: its name on the hub ("owner/name"), or a folder.
        revision: A commit of the checkpoint, "" for the one that was downloaded.
        dtype: Precision of the weights; "auto" selects the best one for the device.
        steps: Denoising steps.
        guidance: Guidance scale; up to 1 the negative prompt has no effect in most models.
        megapixels: Area of the generated images, in millions of pixels.
        offload: Where weights are kept while they are not used.
        lora: LoRAs for every denoiser, named as `model` is, each with an optional strength after an asterisk.
        quant: How the weights of the denoiser and of large text encoders are stored: as they are, in 4 bits (nf4) or
            in 8 (int8).
        transformer: A denoiser in place of the one of `model`, "" for its own: a folder, a .safetensors file in the
            layout of its authors, or a .gguf file.
        config: The checkpoint whose configuration and tokenizers belong to a `model` in one file, "" for the usual one.
        prompt_encoder: The text encoder; None if prompts cannot be encoded separately.
    """

    packages = REQUIRED_PACKAGES
    generates = True
    pipeline_class: ClassVar[str]
    usual_config: ClassVar[str] = ""
    """The checkpoint that configures a `model` in one file; "" if the pipeline cannot be loaded from one."""
    unused_components: ClassVar[tuple[str, ...]] = ()
    """Components of the pipeline that are never loaded."""

    model: str
    revision: str = ""
    dtype: Precision = "auto"
    steps: Steps
    guidance: Guidance | None
    megapixels: Megapixels
    offload: Offload = "none"
    lora: Names = ""
    quant: Quantisation = "none"
    transformer: str = ""
    config: str = ""
    prompt_encoder: PipelinePromptEncoder | None = field(init=False, repr=False, default=None)

    @property
    @abstractmethod
    def pipe(self) -> PipelineSpec:
        """Return the spec of the pipeline, with its weights."""

    @property
    def identity(self) -> str:
        """Return a string that identifies the weights. Raises BackendError if they are not on this machine."""
        return self.pipe.identity

    @property
    def model_id(self) -> str:
        """Return the name of the model on the device while the backend runs. Raises BackendError as `identity` does."""
        return self.pipe.name

    def _loras(self) -> tuple[Lora, ...]:
        """Return the LoRAs that the options name."""
        return parse_loras(self.lora)

    def _denoisers(self) -> tuple[tuple[str, Weights], ...]:
        """Return the denoisers that replace those of the model, by component."""
        return (("transformer", Weights(self.transformer)),) if self.transformer else ()

    def _config(self, weights: Weights) -> Weights | None:
        """Return the checkpoint that configures a model in one file; None for a model in a folder."""
        if not weights.is_file:
            return None
        if not (config := self.config or self.usual_config):
            raise BackendError(
                f"{self.pipeline_class} is not loaded from one file", "name the folder, and the file as transformer"
            )
        return Weights(config)

    def _new_pipe(
        self, *, adapters: tuple[tuple[str, Weights], ...] = (), way: str = "", cache: str = "none"
    ) -> PipelineSpec:
        """Return the spec of the pipeline from the backend's options; `way` is its `offload_strategy`."""
        weights = Weights(self.model, self.revision)
        return PipelineSpec(
            self.pipeline_class, weights, self.dtype, self.offload, loras=self._loras(), quant=self.quant,
            denoisers=self._denoisers(), config=self._config(weights), adapters=adapters, offload_strategy=way,
            cache=cache, unused=self.unused_components, learned=self._learned(),
        )  # fmt: skip

    def _learned(self) -> tuple[LearnedLora, ...]:
        """Return the LoRAs of characters that the options name."""
        return ()


@dataclass(eq=False, kw_only=True)
class _Inpainting(PipelineBackend):
    """A backend that inpaints through its `painter`, which calls the pipeline.

    Attributes:
        learned: Files of LoRAs of the characters that are to be drawn; `main.py learn` makes them.
    """

    learned: Names = ""
    painter: Painter = field(init=False, repr=False)

    def lora_base(self) -> str:
        """Return the identity of the model that a LoRA for this backend is trained for."""
        return self.painter.pipe.base_identity

    def _learned(self) -> tuple[LearnedLora, ...]:
        files = [self.learned] if isinstance(self.learned, str) else self.learned
        return tuple(LearnedLora(Path(file)) for file in files if file)

    @property
    def pipe(self) -> PipelineSpec:
        """Return the spec of the inpainting pipeline."""
        return self.painter.pipe

    def with_prompt_embeds(self, embeds: bytes) -> Self:
        """Return a copy that uses embeddings from `prompt_encoder.encode` and does not load the text encoder."""
        clone = copy.copy(self)
        clone.painter = with_prompt_embeds(self.painter, embeds)
        return clone


@dataclass(eq=False, kw_only=True)
class PipelineCleaner(_Inpainting):
    """Inpaint what is to be removed from a panel; all other pixels are those of the page.

    Attributes:
        windows: "page" paints large panels in windows around each hole, at the scale of the page; "whole" paints all of
            it at once, and enlarges it.
    """

    windows: Windows = "page"

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
        """Cut `panel` out of `page`; see the protocol in `tools/clean`."""
        return inpainting.clean_panel(
            self.painter, page, panel, others=others, balloons=balloons, remove=remove, seed=seed,
            most_windows=max_windows(self.windows),
        )  # fmt: skip


@dataclass(eq=False, kw_only=True)
class PipelineRedrawer(_Inpainting):
    """Change a picture where a mask allows it.

    Attributes:
        windows: "page" paints a window around all that may change, at the scale of the page where that fits: in several
            windows an instruction would be followed several times. "whole" paints all of the picture.
    """

    windows: Windows = "page"

    def redraw(self, picture: Image, mask: Mask, *, prompt: str, references: Sequence[Image], seed: int) -> Image:
        """Change a picture; see the protocol in `tools/redraw`."""
        return inpainting.repaint(
            self.painter, picture, mask, prompt=self._whole_prompt(prompt), references=references,
            seeds=[seed * 1000], most_windows=max_windows(self.windows, 1),
        )[0]  # fmt: skip

    def _whole_prompt(self, prompt: str) -> str:
        """Return what the model reads for a change."""
        return inpainting.redraw_prompt(prompt)


@dataclass(eq=False, kw_only=True)
class PipelineColorist(_Inpainting):
    """Colour a picture, all of it at once: in windows the same things would get different colours."""

    def color(self, picture: Image, *, prompt: str, references: Sequence[Image], seed: int) -> Image:
        """Colour a picture; see the protocol in `tools/color`."""
        return inpainting.repaint(
            self.painter, picture, np.full(picture.shape[:2], 255, np.uint8), prompt=inpainting.color_prompt(prompt),
            references=references, seeds=[seed * 1000], keeps_grey=False,
        )[0]  # fmt: skip


@dataclass(eq=False, kw_only=True)
class PipelineOutpainter(_Inpainting):
    """Outpaint beyond the panels, and return the candidate that fits them best.

    Attributes:
        candidates: How many images are generated, each from another seed.
        grid: Whether they are generated in one grid with the references (NeRFiller), each of which then takes a share
            of the pixels.
        windows: As that of `PipelineCleaner`; in windows of "page", what is beyond the panels grows outwards from them.
    """

    candidates: Candidates = 2
    grid: bool = False
    windows: Windows = "whole"
    _reference_places: Sequence[Sequence[Box]] = field(init=False, repr=False, default=())
    """For each reference, where on the page it counts; empty for everywhere."""

    def outpaint(
        self,
        cutouts: Sequence[Cutout],
        field: tuple[float, float, float, float],
        *,
        revealed: int,
        fill: str,
        prompt: str,
        references: Sequence[Image],
        seed: int,
    ) -> Plate:
        """Make the plate over `field`; see the protocol in `tools/outpaint`. `fill` and `revealed` are ignored."""
        return inpainting.outpaint(
            self._painter_beside(references), cutouts, field, prompt=prompt, references=references, seed=seed,
            candidates=self.candidates, rank=self._ranking(), most_windows=max_windows(self.windows),
            reference_places=self._reference_places,
        )  # fmt: skip

    def _painter_beside(self, references: Sequence[Image]) -> Painter:
        """Return the painter to use with these references: in one grid with them if `grid` is set."""
        return with_grid(self.painter, references, grid=self.grid)

    def _ranking(self) -> Rank:
        """Return the function that ranks candidates."""
        return correspondence.correspondence_score


@dataclass(eq=False, kw_only=True)
class PipelineAnimator(PipelineBackend):
    """Animate a plate with an image-to-video pipeline.

    Attributes:
        frames: Maximum number of frames in one call; None for the number that the model was trained on.
        rate: Frames per second of the model; None for the rate that it was trained on.
        cadence: How many different images per second are shown (`tools/video/retiming.py`).
        longer: How a shot longer than one call is made (`tools/video/retiming.py`).
    """

    looks = False

    frames: Frames | None
    rate: Rate | None
    cadence: Cadence = "twos"
    longer: Longer = "hold"
    _base_sampler: VideoSampler = field(init=False, repr=False)
    """The sampling settings as far as the options define them; `sampler` completes them."""

    @cached_property
    def sampler(self) -> VideoSampler:
        """Return the sampling settings. Raises BackendError if they depend on weights that are not on this machine."""
        spec = self._spec()
        return self._base_sampler.with_spec(spec) if spec else self._base_sampler

    @property
    def pipe(self) -> PipelineSpec:
        """Return the spec of the image-to-video pipeline."""
        return self.sampler.pipe

    def with_prompt_embeds(self, embeds: bytes) -> Self:
        """Return a copy that uses embeddings from `prompt_encoder.encode` and does not load the text encoder."""
        clone = copy.copy(self)
        clone.sampler = with_prompt_embeds(self.sampler, embeds)
        return clone

    @property
    def identity(self) -> str:
        """Return a string that identifies the weights, and how clips are chained where they are.

        Raises BackendError if the weights are not on this machine.
        """
        return super().identity + (f" chain={CHAIN_VERSION}" if self.longer == "chain" else "")

    @property
    def key_frames(self) -> KeyFrames:
        """Return where pictures besides the first may stand in a clip.

        Raises BackendError if that depends on weights that are not on this machine.
        """
        return self.sampler.key_frames

    def animate(
        self,
        plate: Plate,
        *,
        seconds: float,
        prompt: str,
        references: Sequence[Image],
        seed: int,
        keys: Sequence[KeyFrame] = (),
    ) -> Motion:
        """Animate `plate`; see the protocols in `tools/animate`."""
        return image_to_video.generate_motion(
            self.sampler, plate, self._call, seconds=seconds, prompt=prompt, seed=seed, keys=keys,
            assemble=self._assemble,
        )  # fmt: skip

    @abstractmethod
    def _call(self, pipe: DiffusionPipeline, request: VideoRequest) -> PipelineFrames:
        """Call the pipeline and return its frames: PIL images, or arrays in 0..1."""

    def _assemble(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        """Create the pipeline of class `kind`; `arguments` are those of from_pretrained."""
        return self.pipe.from_pretrained(kind, arguments)

    def _spec(self) -> VideoModelSpec | None:
        """Return the spec read from the model's configuration; None if the options define all of it."""
        return None

    def _new_sampler(
        self,
        pipe: PipelineSpec,
        *,
        multiple: int,
        frame_step: int,
        windows: bool = False,
        key_frames: KeyFrames = "none",
        overlap: int = 1,
    ) -> VideoSampler:
        """Return the sampling settings from the backend's options."""
        return VideoSampler(
            pipe,
            self.megapixels,
            multiple=multiple,
            rate=self.rate or 0,
            frame_step=frame_step,
            max_frames=self.frames or 0,
            cadence=self.cadence,
            longer=self.longer,
            windows=windows,
            key_frames=key_frames,
            overlap=overlap,
        )
