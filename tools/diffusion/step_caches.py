"""Reuse results between denoising steps of a pipeline, to save computation.

Consecutive steps are very similar. A cache belongs to one call of the pipeline: it starts empty and is removed after
the call, even if the call fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Literal

from storage.errors import BackendError

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline, ModelMixin

Cache = Literal["none", "first_block", "pyramid", "taylor"]
"""How results of earlier steps are reused.

`first_block`: if the first block's output is the same as at the step before, the other blocks are skipped (First
Block Cache, after TeaCache, Liu et al. 2025). `pyramid`: attention is reused from the step before, at every other step
(Pyramid Attention Broadcast, Zhao et al. 2025). `taylor`: attention is predicted from its changes, and computed at
every fifth step (TaylorSeer, Liu et al. 2025).
"""
THRESHOLD = 0.1
"""Largest relative change of the first block's output at which the other blocks are skipped."""
EARLY, LATE = 100, 800
"""Timesteps (of 1000) between which attention may be reused (`pyramid`): the first and the last decide too much."""
UNCACHED = ("FluxFillPipeline",)
"""Pipelines that do not tell their model which call is conditional; they call it once a step."""


def check_cache(cache: str, *ways: Cache, never_with: str = "") -> str:
    """Return `cache` if it is one of `ways` or "none", else raise BackendError.

    `never_with` names an active option that excludes every cache; "" for none.
    """
    if cache == "none":
        return cache
    if cache not in ways:
        raise BackendError(f"this model has no step cache {cache}", f"write cache = none, {', '.join(ways)}")
    if never_with:
        raise BackendError(f"a step cache does not go with {never_with}", f"leave out cache, or {never_with}")
    return cache


@contextmanager
def with_step_cache(pipe: DiffusionPipeline, cache: str) -> Iterator[None]:
    """Let the models of `pipe` use a step cache until the end of the block, which is one call of the pipeline."""
    models = [getattr(pipe, name, None) for name in ("transformer", "transformer_2")] if cache != "none" else []
    with ExitStack() as stack:
        for model in models:
            if model is not None:
                model.enable_cache(_config(pipe, model, cache))
                stack.callback(model.disable_cache)
                if type(pipe).__name__ in UNCACHED:
                    stack.enter_context(_with_cache_context(model))
        yield


@contextmanager
def _with_cache_context(model: ModelMixin) -> Iterator[None]:
    """Declare every call of the model as conditional: without that, diffusers refuses to use the cache."""
    has_own_forward, forward = "forward" in vars(model), model.forward

    @wraps(forward)
    def conditional_forward(*args: object, **kwargs: object) -> object:
        with model.cache_context("cond"):
            return forward(*args, **kwargs)

    model.forward = conditional_forward
    try:
        yield
    finally:
        if has_own_forward:
            model.forward = forward
        else:
            del model.forward


def _config(pipe: DiffusionPipeline, model: ModelMixin, cache: str) -> object:
    """Return the configuration of a step cache in diffusers."""
    from diffusers import hooks

    def current_timestep() -> object:
        return pipe.current_timestep

    if cache == "first_block":
        return hooks.FirstBlockCacheConfig(threshold=THRESHOLD)
    if cache == "pyramid":
        return hooks.PyramidAttentionBroadcastConfig(
            spatial_attention_block_skip_range=2, spatial_attention_timestep_skip_range=(EARLY, LATE),
            current_timestep_callback=current_timestep,
        )  # fmt: skip
    # diffusers' own pattern matches no attention whose name ends in a number, as Wan's and LTX's do
    return hooks.TaylorSeerCacheConfig(
        taylor_factors_dtype=model.dtype, cache_identifiers=[r"(single_)?(transformer_)?blocks\.\d+\.attn\d?"]
    )
