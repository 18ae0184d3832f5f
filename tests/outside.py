"""Third-party backends named by dotted path, with which tests make failures happen or work cost nothing."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from storage.domain import Box, CameraKey, Ease, Polygon, VideoFormat
from storage.errors import BackendError
from tools import devices
from tools.backends import KeyFrames
from tools.composite import Layer, PlacedEffect
from tools.composite.camera import Backend as Camera
from tools.cutouts.backgrounds import cutout_mask
from tools.devices import Relief
from tools.diffusion.clip_spans import place_keys, show_keys
from tools.layers import CutRefusal, PageLayers, PanelPlanes
from tools.locate import LocatedPlace, NotLocated
from tools.outpaint.extend import Backend as Extend
from tools.plates import Cutout, FrameFunction, Image, KeyFrame, Mask, Motion, Plate
from tools.speak import SAMPLE_RATE, Emotion, Speech, SpeechMark, Voice


class Drifting:
    """An animator that really makes frames: eight per second, each slightly brighter."""

    version = 1
    generates = True

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        count = max(2, round(seconds * 8))
        frames = [np.clip(plate.pixels.astype(np.int16) + n // 2, 0, 255).astype(np.uint8) for n in range(count)]
        return Motion(np.stack(frames), plate.box, 8.0)


class Painting(Extend):
    """An outpainter that fills the area beyond the panels with a tone that depends on the seed."""

    generates = True

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
        assert revealed == len(cutouts), "what is still to come is no matter of a model"
        plate = super().outpaint(
            cutouts, field, revealed=revealed, fill="paper", prompt=prompt, references=references, seed=seed
        )
        beyond = cutout_mask(cutouts, plate.box) == 0
        plate.pixels[beyond] = 100 + seed
        return plate


class Inverting:
    """A redrawer that inverts whatever it may change, but leaves it as it is where the prompt is "nothing"."""

    version = 1
    generates = True

    def redraw(self, picture: Image, mask: Mask, *, prompt: str, references: Sequence[Image], seed: int) -> Image:
        return picture if prompt == "nothing" else np.where(mask[..., None] > 0, 255 - picture, picture)


class Tinting:
    """A colourist that paints everything in the mean colour of the first reference, orange without one, and darker."""

    version = 1
    generates = True

    def color(self, picture: Image, *, prompt: str, references: Sequence[Image], seed: int) -> Image:
        hue = references[0].reshape(-1, 3).mean(axis=0) if references else np.array([250.0, 140.0, 20.0])
        return np.asarray(np.clip(0.3 * picture + 0.7 * hue, 0, 255), np.uint8)


class Lipping:
    """A redrawer of faces, which dirties all that it may change by a few tones.

    It opens the mouth in the lower half of the place, shuts the two eyes in its upper half, and draws no closed mouth:
    the artist's is closed.
    """

    version = 1
    generates = True

    def redraw(self, picture: Image, mask: Mask, *, prompt: str, references: Sequence[Image], seed: int) -> Image:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        dirty = picture.astype(np.int16) + np.where(np.indices(picture.shape).sum(axis=0) % 2, 9, -9)
        drawn = np.clip(dirty, 0, 255).astype(np.uint8)
        (y, x), high, wide = (rows[0], columns[0]), len(rows), len(columns)
        places = {"mouth is wide": [(0.7, 0.5)], "eyes": [(0.3, 0.3), (0.3, 0.7)]}
        for down, across in next((where for word, where in places.items() if word in prompt), []):
            at = slice(y + round(down * high) - 6, y + round(down * high) + 6)
            beside = slice(x + round(across * wide) - 8, x + round(across * wide) + 8)
            drawn[at, beside] = np.where(picture[at, beside] > 127, 0, 255)
        return np.where(mask[..., None] > 0, drawn, picture)


class FindingTop:
    """A locator that finds everything in the upper third of a picture, but nothing that is "nowhere"."""

    version = 1

    def locate(self, picture: Image, words: str) -> LocatedPlace | NotLocated:
        mask = np.zeros(picture.shape[:2], np.uint8)
        mask[: len(mask) // 3] = 255
        return NotLocated(0.1) if words == "nowhere" else LocatedPlace(mask, 0.9)


class Doubling:
    """An upscaler that repeats every pixel."""

    version = 1

    def upscale(self, picture: Image) -> Image:
        return picture.repeat(2, axis=0).repeat(2, axis=1)


class Listening(Drifting):
    """An animator that depends on its prompt and seed: both darken its frames by a tone."""

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        darker = (zlib.crc32(prompt.encode()) + 7 * seed) % 61
        frames = [np.clip(plate.pixels.astype(np.int16) - darker - n, 0, 255).astype(np.uint8) for n in range(6)]
        return Motion(np.stack(frames), plate.box, 2.0)


class Absorbed(Drifting):
    """An animator that uses no references."""

    looks = False


class Swaying(Drifting):
    """An animator that moves the left half of the image, and at most a quarter of it with seed 1."""

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        wide = plate.pixels.shape[1] // (4 if seed == 1 else 2)
        frames = np.stack([plate.pixels] * 6)
        for number, frame in enumerate(frames):
            frame[:, :wide] = np.roll(plate.pixels[:, :wide], 3 * number, axis=0)
        return Motion(frames, plate.box, 4.0)


class Posing(Drifting):
    """An animator that fades to black and back between key pictures, twelve drawings a second."""

    key_frames: KeyFrames = "any"

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
        count = round(seconds * 12) + 1
        frames = np.stack([plate.pixels // (1 + number % 3) for number in range(count)])
        placed = place_keys(keys, seconds=seconds, rate=12.0, shown_rate=12.0)
        shown, numbers = show_keys(frames, placed, plate.pixels, count)
        return Motion(shown, plate.box, 12.0, numbers if keys else ())


class Tuned(Drifting):
    """An animator with settings, and a model that must be on the device."""

    model_id = "tuned"
    identity = "tuned@1"

    def __init__(self, *, steps: int = 2, offload: str = "none") -> None:
        self.steps = steps


class Listener:
    """A prompt encoder that records its prompts, and fails for those that begin with "mumble"."""

    encoder_id, denoiser_id = "listener", "deaf"

    def key(self, prompt: str) -> str:
        return hashlib.sha256(prompt.encode()).hexdigest()

    def encode(self, prompt: str) -> bytes:
        if prompt.startswith("mumble"):
            raise ValueError("nobody understands this")
        return prompt.encode()


class Reciting(Drifting):
    """An animator with a separate prompt encoder; its first pixel is the number of letters in the prompt."""

    model_id, identity, prompt_encoder = "whole", "reciting@1", Listener()

    def __init__(self, *, heard: str = "") -> None:
        self.heard = heard

    def with_prompt_embeds(self, words: bytes) -> Reciting:
        return Reciting(heard=words.decode())

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        motion = super().animate(plate, seconds=seconds, prompt=prompt, references=references, seed=seed)
        motion.frames[:, 0, 0] = len(self.heard)
        return motion


class Refusing(Drifting):
    """An animator that always fails."""

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        raise RuntimeError("this model was never trained")


class Black(Drifting):
    """An animator whose model fails silently: every frame is black, unless the seed is 1."""

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        pixels = plate.pixels if seed == 1 else np.zeros_like(plate.pixels)
        return Motion(pixels[np.newaxis], plate.box, 0.0)


class Fatal(Drifting):
    """An animator that kills its process."""

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        os._exit(9)


class Counting(Camera):
    """The camera backend, which leaves a file in the folder KOMADORI_TEST_MARKS each time it runs."""

    def compose(
        self,
        layers: Sequence[Layer],
        camera: Sequence[CameraKey],
        *,
        ease: Ease,
        seconds: float,
        screen: VideoFormat,
        effects: Sequence[PlacedEffect] = (),
    ) -> FrameFunction:
        folder = Path(os.environ["KOMADORI_TEST_MARKS"])
        (folder / os.urandom(8).hex()).touch()
        return super().compose(layers, camera, ease=ease, seconds=seconds, screen=screen, effects=effects)


class Noise(Drifting):
    """An animator that generates only noise."""

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        luck = np.random.default_rng(seed)
        height, width = plate.pixels.shape[:2]
        return Motion(luck.integers(0, 255, (4, height, width, 3)).astype(np.uint8), plate.box, 4.0)


class Starved(Drifting):
    """An animator on a device whose memory never suffices."""

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        def film(relief: Relief) -> Motion:
            raise MemoryError

        return devices.with_relief(film)


class Cramped(Drifting):
    """An animator on a device with memory for a smaller image, and for a tiled one with seed 1."""

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        def film(relief: Relief) -> Motion:
            if not relief.tile or (seed != 1 and relief.size == 1):
                raise MemoryError
            return super(Cramped, self).animate(plate, seconds=seconds, prompt=prompt, references=references, seed=seed)

        return devices.with_relief(film)


class Uncut:
    """A cutter whose model does not fit into memory."""

    version = 1
    needs_seeds = True

    def cut(
        self,
        page: Image,
        panel: Polygon,
        *,
        seeds: Sequence[Box],
        held: Sequence[Polygon],
        layers: PageLayers | None,
    ) -> PanelPlanes | CutRefusal:
        raise BackendError("memory does not suffice", "choose a smaller model")


class Tones:
    """A free voice that says each character of a line as a tenth of a second of one tone; it does not know one word."""

    version = 1

    def voices(self, language: str) -> tuple[Voice, ...]:
        return (Voice("low", "en", "male", "adult"), Voice("high", "en", "female", "adult")) if language == "en" else ()

    def speak(
        self, text: str, *, language: str, voice: str, rate: float = 1.0, pitch: float = 0.0, emotion: Emotion = ""
    ) -> Speech:
        if "unspeakable" in text:
            raise BackendError("nobody can say unspeakable", "say something else")
        at = np.arange(round(len(text) * 0.1 * SAMPLE_RATE / rate)) / SAMPLE_RATE
        pitches = {"low": 110.0, "high": 220.0}
        return Speech((0.3 * np.sin(2 * np.pi * pitches[voice] * at)).astype(np.float32), (SpeechMark(text, 0.0, 1.0),))


class PaidTones(Tones):
    """The same voice for a cent a character."""

    price_a_character = 0.01


class CreditedTones(Tones):
    """The same voice, which asks to be named."""

    def speak(
        self, text: str, *, language: str, voice: str, rate: float = 1.0, pitch: float = 0.0, emotion: Emotion = ""
    ) -> Speech:
        plain = super().speak(text, language=language, voice=voice, rate=rate, pitch=pitch, emotion=emotion)
        return Speech(plain.samples, plain.marks, "TONES:low")
