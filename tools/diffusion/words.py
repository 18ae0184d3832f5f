"""A pipeline and a prompt in, the prompt encoded out, by the text encoder alone; and pipelines that need none then.

A text encoder may weigh more than the rest (UMT5: 11 GB). All prompts of a film are encoded first, kept under their
content keys, and the encoder leaves memory before the first frame is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tools.diffusion.pipes import Pipe

LONGEST = 512
"""Tokens, as many as the pipelines' own calls take."""
EAR = ("text_encoder", "tokenizer", "text_encoder_2", "tokenizer_2")


def encoded(pipe: Pipe, prompt: str, negative: str, *, guided: bool) -> bytes:
    """`prompt` (and `negative`, where the model is `guided`) as the pipeline's own embeddings, in safetensors."""
    import torch
    from safetensors.torch import save

    with pipe.awake(_ear(pipe)) as awake, torch.inference_mode():
        device = awake.text_encoder.device if pipe.offload == "none" else None
        found, against = awake.encode_prompt(
            prompt, negative, do_classifier_free_guidance=guided, device=device, max_sequence_length=LONGEST
        )
        kept = {"prompt_embeds": found} | ({"negative_prompt_embeds": against} if against is not None else {})
        data: bytes = save({name: value.contiguous().cpu() for name, value in kept.items()})
        return data


def decoded(words: bytes) -> Mapping[str, Any]:
    """The embeddings by the names of the pipeline's arguments."""
    from safetensors.torch import load

    found: Mapping[str, Any] = load(words)
    return found


def deafened(pipe: Pipe) -> Callable[[Any, dict[str, Any]], Any]:
    """Makes the pipeline without what encodes words."""

    def assemble(kind: Any, arguments: dict[str, Any]) -> Any:
        nothing = dict.fromkeys(_parts(kind, inside=True))
        return kind.from_pretrained(str(pipe.weights.folder), **nothing, **arguments)

    return assemble


def _ear(pipe: Pipe) -> Callable[[Any, dict[str, Any]], Any]:
    """Makes the pipeline with nothing but what encodes words."""

    def assemble(kind: Any, arguments: dict[str, Any]) -> Any:
        nothing = dict.fromkeys(_parts(kind, inside=False))
        return kind.from_pretrained(str(pipe.weights.folder), **nothing, **arguments)

    return assemble


def _parts(kind: Any, *, inside: bool) -> list[str]:
    """The components of a pipeline that encode words (`inside`), or all others but the scheduler."""
    import inspect

    names = [name for name in inspect.signature(kind.__init__).parameters if name != "self"]
    models = [name for name in names if _is_component(name)]
    return [name for name in models if (name in EAR) == inside]


def _is_component(name: str) -> bool:
    return name in EAR or name.startswith(("transformer", "vae", "image_encoder", "image_processor"))
