"""What no GPU refuses and is wrong all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def replacements() -> Iterator[tuple[object, str, object]]:
    """Yield (object, attribute, replacement) for what is checked as a model is called."""
    from diffusers import QwenImageTransformer2DModel

    yield QwenImageTransformer2DModel, "forward", _same_sizes(QwenImageTransformer2DModel.forward)


def _same_sizes(forward: Any) -> Any:
    """Check that a picture is drawn at the size at which the model is shown it: what is drawn is shifted otherwise."""

    def checked(self: Any, *args: Any, img_shapes: Any = None, **kwargs: Any) -> Any:
        drawn, shown = (shape[1:] for shape in img_shapes[0][:2])
        if drawn != shown:
            sizes = " looking at ".join(f"{16 * width} x {16 * height}" for height, width in (drawn, shown))
            raise ValueError(f"drawn at {sizes}")
        return forward(self, *args, img_shapes=img_shapes, **kwargs)

    return checked
