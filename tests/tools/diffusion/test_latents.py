"""A mask at latent resolution covers every latent that the mask touches."""

from __future__ import annotations

from PIL import Image

from tools.diffusion import latents


def test_a_latent_that_a_mask_touches_is_to_be_painted() -> None:
    mask = Image.new("L", (32, 16), 0)
    mask.putpixel((9, 3), 255)
    small = latents.scale_mask(mask, (2, 4))
    assert small.shape == (1, 1, 2, 4)
    assert small[0, 0].tolist() == [[0, 1, 0, 0], [0, 0, 0, 0]]


def test_noise_is_of_its_seed() -> None:
    one, again, other = (latents.gaussian_noise((1, 4, 2, 2), seed=seed) for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).any()
