"""Load a diffusers pipeline with its weights, precision and offloading, and keep it on the device while it is used."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from storage.errors import BackendError
from storage.keys import content_key
from tools import devices
from tools.devices import Relief
from tools.diffusion import denoisers
from tools.diffusion.denoisers import Quantisation
from tools.diffusion.loras import LearnedLora, Lora, activate_loras, load_loras
from tools.diffusion.weights import Weights, refuse_incomplete, refuse_pickles, translate_load_errors
from tools.optional_deps import require, silence_loading

if TYPE_CHECKING:
    import torch
    from diffusers import DiffusionPipeline
    from torch import Generator

Assemble = Callable[[type["DiffusionPipeline"], dict[str, object]], "DiffusionPipeline"]
"""Creates a pipeline from its diffusers class and the arguments of its `from_pretrained`."""
Offload = Literal["none", "model", "group"]
"""Where unused weights are kept: on the device, in main memory by component, or in main memory by block."""
TEXT_ENCODERS, WITHOUT_TEXT_ENCODERS = "text_encoders", "without_text_encoders"
"""Parts of a pipeline: the text encoders alone, and everything but them."""
FLOAT32_VAE = ("WanImageToVideoPipeline", "WanVACEPipeline")
"""Pipelines whose VAE loses detail in half precision; diffusers' own examples load it in float32."""
FILM_TILE, SMALL_TILE = 512, 256
"""Sides of the tiles in pixels in which a video VAE works: always, and when memory runs out."""
TEXT_ENCODER_PARTS = ("text_encoder", "tokenizer", "text_encoder_2", "tokenizer_2")
REQUIRED_PACKAGES = ("torch", "diffusers", "transformers", "accelerate", "ftfy", "sentencepiece")
"""Required packages; some models use the last two, and report a missing one late or not at all."""


@dataclass(frozen=True)
class PipelineSpec:
    """A pipeline class of diffusers with its weights and the way it is loaded.

    Two specs with one `name` are the same model in memory. Making a spec loads and imports nothing.
    """

    classname: str
    """Name of the pipeline's class in diffusers."""
    weights: Weights
    dtype: str = "auto"
    offload: Offload = "none"
    loras: tuple[Lora, ...] = ()
    quant: Quantisation = "none"
    denoisers: tuple[tuple[str, Weights], ...] = ()
    """Weights of components that replace those of the pipeline's own checkpoint: a folder, or one file."""
    config: Weights | None = None
    """The checkpoint that configures `weights` in one file."""
    adapters: tuple[tuple[str, Weights], ...] = ()
    """Weights loaded beside the pipeline's own, each under a name."""
    part: str = ""
    """Which part is loaded: TEXT_ENCODERS, WITHOUT_TEXT_ENCODERS, or "" for all of it."""
    unused: tuple[str, ...] = ()
    """Components that are never loaded: what they do is not asked for."""
    offload_strategy: str = ""
    """Selects one of several ways in which `assemble` can create the pipeline; "" for the usual one."""
    cache: str = "none"
    """The step cache (`step_caches.Cache`); it applies to each call and does not change what is loaded."""
    learned: tuple[LearnedLora, ...] = ()
    """LoRAs of characters; they too apply to each call, and are part of no identity: they have content keys."""

    def __post_init__(self) -> None:
        gguf = ["gguf"] if any(weights.inside.endswith(denoisers.GGUF) for _, weights in self.denoisers) else []
        require(
            *REQUIRED_PACKAGES, *(["peft"] if self.loras else []), *denoisers.PACKAGES[self.quant], *gguf
        )  # fmt: skip

    @property
    def _all_weights(self) -> list[Weights]:
        """Return all weights that are loaded, the pipeline's own first."""
        beside = [weights for _, weights in (*self.denoisers, *self.adapters)]
        return [self.weights, *(lora.weights for lora in self.loras), *beside]

    @property
    def _variant(self) -> str:
        """Return the mark of the files of weights that are loaded; "" for files without one."""
        return "" if self.weights.is_file else self.weights.variant

    @cached_property
    def identity(self) -> str:
        """Return the identity of the weights, for content keys. Raises BackendError if they are not on this machine."""
        extras = [f"{name}={weights.identity}" for name, weights in (*self.denoisers, *self.adapters)]
        extras += [f"config={self.config.identity}"] if self.config else []
        extras += [f"variant={variant}"] if (variant := self._variant) else []
        extras += [] if self.quant == "none" else [f"quant={self.quant}"]
        loras = [lora.identity for lora in self.loras]
        return " ".join([self.classname, self.weights.identity, self.dtype, *loras, *extras])

    @property
    def base_identity(self) -> str:
        """Return the identity of the model that a LoRA is trained for: its class and its denoiser's weights."""
        replaced = [f"{name}={weights.identity}" for name, weights in self.denoisers]
        return " ".join([self.classname, self.weights.identity, *replaced])

    @property
    def name(self) -> str:
        """Return the name under which the pipeline is kept on the device: one name for one load."""
        return content_key(
            "pipe",
            self.classname,
            1,
            identity=self.identity,
            offload=self.offload,
            part=self.part,
            way=self.offload_strategy,
        )

    @contextmanager
    def load(self, assemble: Assemble | None = None) -> Iterator[DiffusionPipeline]:
        """Load the pipeline on its device; it stays there until another model is loaded (`tools/devices.py`).

        `assemble(class, arguments)` creates it where `from_pretrained` alone is not enough. Raises BackendError if this
        version of diffusers lacks the class, or the folder does not contain such a pipeline.
        """
        with devices.load_model(self.name, lambda: self._create(assemble)) as pipe:
            if self.part != TEXT_ENCODERS and hasattr(pipe, "get_list_adapters"):
                activate_loras(pipe, self.loras, self.learned)
            yield pipe

    def _create(self, assemble: Assemble | None) -> DiffusionPipeline:
        """Create the pipeline and move it to the device."""
        import diffusers
        import transformers

        silence_loading(diffusers, transformers)  # before anything of theirs is imported, which warns too
        kind = getattr(diffusers, self.classname, None)
        if kind is None or "dummy" in kind.__module__:
            raise BackendError(f"diffusers {diffusers.__version__} has no {self.classname}", "pip install -e '.[gpu]'")
        for weights in (self.weights, *(weights for _, weights in (*self.denoisers, *self.adapters))):
            if not weights.is_file:
                refuse_pickles(weights.folder)
        device = devices.best_device()
        with translate_load_errors(self.classname, *self._all_weights):
            arguments = self._arguments(kind, device)
            pipe = (assemble or self.from_pretrained)(kind, arguments)
            if self.loras:
                load_loras(pipe, self.loras)
        pipe.set_progress_bar_config(disable=True)
        self._move_to_device(pipe, device)
        return pipe

    def _arguments(self, kind: type[DiffusionPipeline], device: str) -> dict[str, object]:
        """Return the keyword arguments of `from_pretrained`, with the denoisers that replace the checkpoint's own."""
        dtype = devices.torch_dtype(self.dtype, device)
        arguments: dict[str, object] = {
            "dtype": self._precision(dtype), "use_safetensors": True, "local_files_only": True,
        }  # fmt: skip
        if self._variant:
            arguments["variant"] = self._variant
        if self.part != TEXT_ENCODERS:
            for name, weights in self.denoisers:
                model = self.weights.folder
                arguments[name] = denoisers.load_denoiser(kind, name, weights, model, dtype, self.quant)
        arguments |= dict.fromkeys((*self.unused, *_skipped_components(kind, self.part)))
        if not self.weights.is_file:
            refuse_incomplete(self.weights, list(arguments))
        if not self.weights.is_file and (
            config := denoisers.pipeline_quantisation(self.quant, dtype, self.weights.folder, list(arguments))
        ):
            arguments["quantization_config"] = config
        return arguments

    def _precision(self, dtype: torch.dtype) -> torch.dtype | dict[str, torch.dtype]:
        """Return the precision of the weights, by component where they differ."""
        import torch

        return {"vae": torch.float32, "default": dtype} if self.classname in FLOAT32_VAE else dtype

    def from_pretrained(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        """Create a pipeline of class `kind` from its folder or file of weights; for `assemble` functions."""
        if not self.weights.is_file:
            return kind.from_pretrained(str(self.weights.folder), **arguments)
        assert self.config, "a checkpoint in one file is configured by another"
        rest = {name: value for name, value in arguments.items() if name not in ("use_safetensors", "variant")}
        return kind.from_single_file(str(self.weights.file), config=str(self.config.folder), **rest)

    def _move_to_device(self, pipe: DiffusionPipeline, device: str) -> None:
        """Move the pipeline to the device, or set up offloading; with offloading as well if the weights do not fit."""
        if device == "cpu" or self.offload == "none":
            try:
                pipe.to(device)
            except RuntimeError as reason:
                if not devices.is_out_of_memory(reason):
                    raise
                apply_relief(pipe, Relief(offload=True))
        elif self.offload == "model":
            pipe.enable_model_cpu_offload(device=device)
        else:
            enable_group_offload(pipe, device)


def _skipped_components(kind: type[DiffusionPipeline], part: str) -> list[str]:
    """Return the components that are not loaded for this part; the scheduler, which is small, always is."""
    if not part:
        return []
    names = [name for name in inspect.signature(kind.__init__).parameters if name != "self"]
    image_parts = (
        "transformer", "unet", "vae", "image_encoder", "image_processor", "feature_extractor", "guider", "connectors",
        "audio_vae", "vocoder",
    )  # fmt: skip
    return [
        name
        for name in names
        if (name.startswith(image_parts) if part == TEXT_ENCODERS else name in TEXT_ENCODER_PARTS)
    ]


def apply_relief(pipe: DiffusionPipeline, relief: Relief) -> None:
    """Reduce the memory that a loaded pipeline needs, as far as it supports it; this stays until it is released.

    Raises BackendError if its weights cannot be offloaded to main memory; the pipeline is released then.
    """
    if relief.tile:
        enable_tiling(pipe, SMALL_TILE)
    if relief.offload and not getattr(pipe, "_komadori_grouped", False) and devices.best_device() != "cpu":
        try:
            pipe.remove_all_hooks()  # of accelerate, which carried it by component so far: two ways do not go together
            pipe.to("cpu")
            enable_group_offload(pipe, devices.best_device())
        except Exception as reason:
            devices.release_model()  # half of it may be carried in the new way: the next shot begins with a fresh one
            message = " ".join(str(reason).split())[:160]
            raise BackendError(
                f"memory does not suffice, and weights cannot wait in main memory: {message}",
                "choose a smaller --profile, or fewer megapixels or frames in your own",
            ) from reason


def enable_tiling(pipe: DiffusionPipeline, side: int) -> None:
    """Let the VAE work in tiles and one image at a time, if it supports that.

    The tiles of a video VAE have `side` pixels and overlap by a quarter; an image VAE has its own size of tiles.
    """
    sizes = {"tile_sample_min": side, "tile_sample_stride": side * 3 // 4}
    if ratio := getattr(getattr(pipe, "vae", None), "spatial_compression_ratio", 0):  # some VAEs do not derive this one
        sizes["tile_latent_min"] = side // ratio
    arguments = {f"{name}_{edge}": size for name, size in sizes.items() for edge in ("height", "width")}
    with suppress(AttributeError, NotImplementedError):
        known = inspect.signature(pipe.vae.enable_tiling).parameters
        pipe.vae.enable_tiling(**{name: size for name, size in arguments.items() if name in known})
    with suppress(AttributeError, NotImplementedError):
        pipe.vae.enable_slicing()


def enable_group_offload(pipe: DiffusionPipeline, device: str) -> None:
    """Keep the weights in main memory, and move each block to the device when it is needed.

    A VAE that its pipeline turns to float32 for a moment stays on the device: the weights that wait keep the precision
    that they had, and would meet images of another.
    """
    import torch

    is_upcast = bool(getattr(getattr(getattr(pipe, "vae", None), "config", None), "force_upcast", False))
    pipe.enable_group_offload(
        onload_device=torch.device(device), offload_device=torch.device("cpu"), offload_type="leaf_level",
        use_stream=device == "cuda", exclude_modules=["vae"] if is_upcast else [],
    )  # fmt: skip
    pipe._komadori_grouped = True


def generator(seed: int) -> Generator:
    """Return a CPU random generator, which gives the same numbers for every device."""
    import torch

    return torch.Generator("cpu").manual_seed(seed)


def size_bucket(width: float, height: float, *, megapixels: float, multiple: int, least: int = 0) -> tuple[int, int]:
    """Return the (width, height) closest to an aspect ratio and an area, both sides multiples of `multiple` pixels.

    Only a few sizes occur, so that shots of similar shape share a compiled graph and a batch.
    """
    side = math.sqrt(megapixels * 1e6)
    aspect = math.sqrt(width / height)
    wide, tall = (max(least, multiple, round(edge / multiple) * multiple) for edge in (side * aspect, side / aspect))
    return int(wide), int(tall)
