"""Build tiny checkpoints with random weights from published configurations that are made small."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

from tests.tiny.published import ITSELF, published
from tests.tiny.shrinking import small


class Checkpoint:
    """A published model whose components are small."""

    def __init__(self, name: str) -> None:
        self.model = published(name)
        self.components = {key: small(part).make() for key, part in self.model.components.items()}

    def save_pretrained(self, folder: str) -> None:
        """Save it as its repository has it: a pipeline, one model, or a folder for each component."""
        if ITSELF in self.components:
            for component in self.components.values():
                component.save_pretrained(folder)
        elif self.model.classname:
            self.pipeline().save_pretrained(folder)
        else:
            for name, component in self.components.items():
                component.save_pretrained(str(Path(folder) / name))

    def pipeline(self) -> Any:
        """Return the pipeline, of the class that the repository names."""
        import diffusers

        kind = getattr(diffusers, self.model.classname)
        given = {**self.components, **self.model.arguments}
        required = [
            name
            for name, parameter in inspect.signature(kind).parameters.items()
            if parameter.default is parameter.empty
        ]
        return kind(**{**dict.fromkeys(required), **given})  # a safety checker that is left out is None


class QwenEdit(Checkpoint):
    """Its processor is saved in parts: the one of transformers needs torchvision."""

    def save_pretrained(self, folder: str) -> None:
        super().save_pretrained(folder)
        processor = self.components["processor"]
        for part in (processor.tokenizer, processor.image_processor):
            part.save_pretrained(str(Path(folder) / "processor"))
        index = Path(folder) / "model_index.json"
        kind = self.model.components["processor"]
        entry = {"processor": [kind.library, kind.classname]}
        index.write_text(json.dumps({**json.loads(index.read_text(encoding="utf-8")), **entry}), encoding="utf-8")


class FramePack(Checkpoint):
    """Everything in one repository, the image encoder and FramePack's own transformer too."""

    def pipeline(self) -> Any:
        from diffusers import HunyuanVideoFramepackPipeline

        other = {**Checkpoint("framepack_transformer").components, **Checkpoint("flux_redux").components}
        other["transformer"] = other.pop(ITSELF)
        return HunyuanVideoFramepackPipeline(**self.components, **other)


class IpAdapter(Checkpoint):
    """The weights of an IP-Adapter for the tiny SDXL, with its image encoder."""

    def save_pretrained(self, folder: str) -> None:
        import torch
        from safetensors.torch import save_file

        super().save_pretrained(folder)
        unet = small(published("sdxl_any").components["unet"]).make()
        looked, words, tokens = 32, 64, 4
        kept = {
            "image_proj.proj.weight": torch.randn(tokens * words, looked) * 0.2,
            "image_proj.proj.bias": torch.zeros(tokens * words),
            "image_proj.norm.weight": torch.ones(words),
            "image_proj.norm.bias": torch.zeros(words),
        }
        layers = [name.rsplit(".processor", 1)[0] for name in unet.attn_processors if "attn2" in name]
        for number, name in enumerate(layers):
            out = unet.get_submodule(name).to_q.out_features
            for part in ("k", "v"):
                kept[f"ip_adapter.{2 * number + 1}.to_{part}_ip.weight"] = torch.randn(out, words) * 0.2
        save_file(kept, f"{folder}/ip.safetensors")


class ZImage(Checkpoint):
    """Its transformer leaves the tokens of padding without a value until weights are loaded."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        for token in ("x_pad_token", "cap_pad_token"):
            getattr(self.components["transformer"], token).data.fill_(1.0)


class ControlNet(Checkpoint):
    """A ControlNet that has learned something: a new one adds nothing, because its last layers are zero."""

    def save_pretrained(self, folder: str) -> None:
        import torch

        for parameter in self.components[ITSELF].parameters():
            if not parameter.any():
                torch.nn.init.normal_(parameter, std=0.2)
        super().save_pretrained(folder)
        config = Path(folder) / "config.json"
        said = json.loads(config.read_text(encoding="utf-8"))
        config.write_text(json.dumps({**said, "_class_name": "ControlNetModel"}), encoding="utf-8")


_SPECIAL = {
    "qwen_edit": QwenEdit, "qwen_edit_2511": QwenEdit, "qwen_layered": QwenEdit, "zimage_inpaint": ZImage,
    "framepack": FramePack, "ip_adapter": IpAdapter,
    "controlnet_union": ControlNet, "controlnet_sdxl": ControlNet,
}  # fmt: skip


def tiny(name: str) -> Checkpoint:
    """Return the tiny checkpoint of a published model."""
    return _SPECIAL.get(name, Checkpoint)(name)
