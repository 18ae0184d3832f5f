"""Read the configurations that models publish (`models/*.toml`), and make their components without any weights' file.

`models/components.toml` holds components that several models share. Tokenizers are tiny ones whatever the model: what a
prompt costs depends on its length in tokens, which pipelines pad.
"""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.tiny import parts

DATA = Path(__file__).parent / "models"
ITSELF = "model_itself"
"""The component of a repository that holds one model instead of a pipeline."""


@dataclass(frozen=True)
class Component:
    """One component of a pipeline, with its published configuration."""

    library: str
    """diffusers, transformers, or the folder of a pipeline in diffusers, as model_index.json has it."""
    classname: str
    config: Mapping[str, Any]
    source: str
    inferred: frozenset[str]
    """The fields whose values were read in no public file; "*" for all."""

    @property
    def kind(self) -> Any:
        """Return the class."""
        is_package = self.library in ("diffusers", "transformers")
        return getattr(
            importlib.import_module(self.library if is_package else f"diffusers.pipelines.{self.library}"),
            self.classname,
        )

    @property
    def is_transformer_model(self) -> bool:
        """Return whether it is a model of transformers, not a tokenizer or a processor."""
        return self.library == "transformers" and hasattr(self.kind, "config_class")

    def with_config(self, **changes: Any) -> Component:
        """Return a copy with some fields changed."""
        return replace(self, config={**self.config, **changes})

    def make(self) -> Any:
        """Create the component; a model has random weights."""
        if self.classname in _TOKENIZERS:
            return _TOKENIZERS[self.classname](**self.config)
        if self.is_transformer_model:
            return self.kind(self.kind.config_class(**self.config)).eval()
        if self.library == "transformers":
            return self.kind(**self.config)
        made = self.kind.from_config(dict(self.config))
        return made.eval() if hasattr(made, "eval") else made


@dataclass(frozen=True)
class PublishedModel:
    """A repository: the class in its model_index.json ("" where it holds no pipeline), and its components."""

    model: str
    """Its name on the hub."""
    classname: str
    arguments: Mapping[str, Any]
    """Further arguments of the pipeline's constructor."""
    components: Mapping[str, Component]


def model_names() -> list[str]:
    """Return the names of all models, those of their files."""
    return sorted(path.stem for path in DATA.glob("*.toml") if path.stem != "components")


@cache
def published(name: str) -> PublishedModel:
    """Read the configuration of a model, whose text encoders count with the tokens of the tiny tokenizers."""
    data = tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))
    shared = tomllib.loads((DATA / "components.toml").read_text(encoding="utf-8"))
    tables = {key: shared[part] for key, part in data.get("parts", {}).items()}
    tables |= {key: table for key, table in data.items() if isinstance(table, dict) and "class" in table}
    return PublishedModel(
        data["model"], data.get("class", ""), data.get("arguments", {}),
        {key: _with_tokens(_component(table)) for key, table in tables.items()},
    )  # fmt: skip


def _component(table: Mapping[str, Any]) -> Component:
    library, _, classname = table["class"].partition(".")
    return Component(library, classname, table["config"], table["source"], frozenset(table.get("inferred", ())))


def _with_tokens(component: Component) -> Component:
    """Give a language model the numbers that special tokens have in the tiny tokenizers."""
    if component.classname == "LlamaModel":
        return component.with_config(bos_token_id=1, eos_token_id=2, pad_token_id=3)
    if component.classname == "Gemma3ForConditionalGeneration":
        tokenizer = parts.gemma_tokenizer()
        return component.with_config(image_token_id=tokenizer.convert_tokens_to_ids("<image_soft_token>"))
    if not component.classname.startswith(("Qwen3", "Qwen2_5_VL")):
        return component
    tokenizer = parts.qwen_tokenizer()
    number = tokenizer.convert_tokens_to_ids
    tokens = {"bos_token_id": None, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    if component.classname == "Qwen2_5_VLForConditionalGeneration":
        tokens |= {
            "image_token_id": number("<|image_pad|>"), "video_token_id": number("<|video_pad|>"),
            "vision_start_token_id": number("<|vision_start|>"), "vision_end_token_id": number("<|vision_end|>"),
        }  # fmt: skip
    return component.with_config(**tokens)


_TOKENIZERS: dict[str, Callable[..., Any]] = {
    "CLIPTokenizer": parts.clip_tokenizer,
    "T5Tokenizer": parts.t5_tokenizer,
    "Qwen2Tokenizer": parts.qwen_tokenizer,
    "LlamaTokenizer": parts.llama_tokenizer,
    "ByT5Tokenizer": parts.byt5_tokenizer,
    "GemmaTokenizer": parts.gemma_tokenizer,
    "Qwen2VLProcessor": parts.qwen_processor,
}
