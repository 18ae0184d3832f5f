"""Train a LoRA on a few pictures of one subject, for any pipeline that can say its loss at one step.

Hu et al., LoRA (2021); Ruiz et al., DreamBooth (2023). Only the attention layers of the denoiser learn. The pipeline is
the one that draws the film, so that training loads no second copy of it, and it is left as it was.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar, Generic, TypeVar

import cv2
from pydantic import Field

from storage.errors import BackendError
from tools import devices
from tools.diffusion import pipelines
from tools.diffusion.loras import LEARNED, denoiser_name
from tools.diffusion.pipelines import REQUIRED_PACKAGES, Offload, PipelineSpec
from tools.diffusion.weights import Weights
from tools.options import Megapixels, Precision
from tools.pixels import as_image
from tools.plates import Image

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline, ModelMixin
    from PIL.Image import Image as Picture
    from torch import Generator, Tensor
    from torch.nn import Parameter

SampleT = TypeVar("SampleT")
"""What a trainer computes once of a picture before it learns from it: latents, and what belongs to them."""
ATTENTION_LAYERS = ["to_q", "to_k", "to_v", "to_out.0"]
"""The layers that learn, as in the training scripts of diffusers."""
CLIP_NORM = 1.0
"""Largest norm of a gradient, as in the training scripts of diffusers."""


@dataclass(eq=False, kw_only=True)
class PipelineTrainer(ABC, Generic[SampleT]):
    """Train a LoRA for one pipeline of diffusers.

    Attributes:
        model: The checkpoint, as in the backend that draws with it.
        revision: Its commit, "" for the one that was downloaded.
        dtype: Precision of its weights; the LoRA learns in float32.
        config: The checkpoint that configures a `model` in one file, "" for the usual one.
        offload: Where its weights wait when it draws. All of them are on the device while it learns.
        steps: How many times the weights are changed, each time by one picture.
        rate: Learning rate of AdamW.
        rank: Rank of the LoRA: how much it can learn, and the size of its file.
        megapixels: The largest area of a picture, in millions of pixels; smaller ones are not enlarged.
    """

    packages = (*REQUIRED_PACKAGES, "peft")
    generates = True
    version = 1
    pipeline_class: ClassVar[str]
    usual_config: ClassVar[str] = ""
    multiple: ClassVar[int]
    """Both sides of a picture are multiples of this number of pixels."""

    model: str
    revision: str = ""
    dtype: Precision = "auto"
    config: str = ""
    offload: Offload = "none"
    steps: Annotated[int, Field(ge=1, le=20_000)] = 800
    rate: Annotated[float, Field(gt=0, le=0.1)] = 1e-4
    rank: Annotated[int, Field(ge=1, le=256)] = 16
    megapixels: Megapixels = 0.4
    pipe: PipelineSpec = field(init=False, repr=False)

    def __post_init__(self) -> None:
        weights = Weights(self.model, self.revision)
        config = Weights(self.config or self.usual_config) if weights.is_file else None
        self.pipe = PipelineSpec(self.pipeline_class, weights, self.dtype, self.offload, config=config)

    @property
    def identity(self) -> str:
        """Return a string that identifies the weights. Raises BackendError if they are not on this machine."""
        return self.pipe.identity

    @property
    def model_id(self) -> str:
        """Return the name of the model on the device while it learns."""
        return self.pipe.name

    @abstractmethod
    def _prepare(self, pipe: DiffusionPipeline, picture: Picture, generator: Generator) -> SampleT:
        """Return what is computed once of a picture."""

    @abstractmethod
    def _new_loss(self, pipe: DiffusionPipeline, caption: str) -> Callable[[SampleT, Generator], Tensor]:
        """Return the function of the loss of a sample at a random moment of denoising."""

    def train(self, images: Sequence[Image], *, caption: str, seed: int) -> bytes:
        """Train a LoRA; see the protocol in `tools/learn`."""
        import torch

        if not images:
            raise BackendError("there is no picture to learn from", "name a character who is seen in the book")
        with self.pipe.load() as pipe:
            try:
                with torch.random.fork_rng(devices=[]):
                    torch.manual_seed(seed)
                    return self._train(pipe, images, caption, pipelines.generator(seed))
            except RuntimeError as reason:
                if not devices.is_out_of_memory(reason):
                    raise
                devices.release_model()
                raise BackendError(
                    "memory does not suffice to learn", "choose fewer megapixels or a smaller rank, or a smaller model"
                ) from reason

    def _train(self, pipe: DiffusionPipeline, images: Sequence[Image], caption: str, generator: Generator) -> bytes:
        import torch

        with torch.no_grad():
            samples = [self._prepare(pipe, self._picture(image), generator) for image in images]
            loss_of = self._new_loss(pipe, caption)
        denoiser = getattr(pipe, denoiser_name(pipe))
        with _new_adapter(denoiser, self.rank) as learned, torch.enable_grad():
            optimizer = torch.optim.AdamW(learned, lr=self.rate)
            for sample in _shuffled(samples, self.steps, generator):
                torch.autograd.backward(loss_of(sample, generator))
                torch.nn.utils.clip_grad_norm_(learned, CLIP_NORM)
                optimizer.step()
                optimizer.zero_grad()
            return _to_bytes(denoiser, denoiser_name(pipe))

    def _picture(self, image: Image) -> Picture:
        """Return a picture at a size that the model takes, no larger than `megapixels` and than the image itself."""
        from PIL import Image as Pictures

        height, width = image.shape[:2]
        area = min(self.megapixels, height * width / 1e6)
        size = pipelines.size_bucket(width, height, megapixels=area, multiple=self.multiple, least=self.multiple)
        return Pictures.fromarray(as_image(cv2.resize(image, size, interpolation=cv2.INTER_AREA)))


def random_hole(height: int, width: int, generator: Generator) -> Tensor:
    """Return a mask with one random rectangle, (1, 1, height, width) float32, 1 in it: from a quarter to all of a side.

    Checkpoints with an input for the mask learn to fill such holes, as in RealFill (Tang et al. 2024).
    """
    import torch

    def stretch(side: int) -> slice:
        length = int(torch.randint(max(1, side // 4), side + 1, (), generator=generator))
        start = int(torch.randint(0, side - length + 1, (), generator=generator))
        return slice(start, start + length)

    mask = torch.zeros(1, 1, height, width)
    mask[..., stretch(height), stretch(width)] = 1
    return mask


@contextmanager
def _new_adapter(denoiser: ModelMixin, rank: int) -> Iterator[list[Parameter]]:
    """Add a LoRA that learns to a denoiser, yield its weights in float32, and remove it afterwards."""
    from diffusers.training_utils import cast_training_params
    from peft import LoraConfig

    denoiser.requires_grad_(False)
    denoiser.add_adapter(
        LoraConfig(r=rank, lora_alpha=rank, init_lora_weights="gaussian", target_modules=ATTENTION_LAYERS),
        adapter_name=LEARNED,
    )
    saves_memory = denoiser.is_gradient_checkpointing
    try:
        denoiser.set_adapters([LEARNED])
        denoiser.enable_adapters()
        denoiser.enable_gradient_checkpointing()
        denoiser.train()
        cast_training_params(denoiser)
        yield [weight for weight in denoiser.parameters() if weight.requires_grad]
    finally:
        denoiser.eval()
        if not saves_memory:
            denoiser.disable_gradient_checkpointing()
        denoiser.delete_adapters(LEARNED)
        denoiser.requires_grad_(False)


def _shuffled(samples: Sequence[SampleT], steps: int, generator: Generator) -> Iterator[SampleT]:
    """Yield `steps` samples: all of them in random order, again and again."""
    import torch

    for step in range(steps):
        if step % len(samples) == 0:
            order = torch.randperm(len(samples), generator=generator).tolist()
        yield samples[order[step % len(samples)]]


def _to_bytes(denoiser: ModelMixin, name: str) -> bytes:
    """Return the LoRA of a denoiser as safetensors, its weights under the name of the pipeline's component."""
    from peft import get_peft_model_state_dict
    from safetensors.torch import save

    weights = get_peft_model_state_dict(denoiser, adapter_name=LEARNED)
    data: bytes = save({f"{name}.{key}": value.float().cpu().contiguous() for key, value in weights.items()})
    return data
