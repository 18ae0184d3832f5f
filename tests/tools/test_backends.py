"""The catalogue of backends, and the errors for backends that do not exist."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from collections.abc import Callable

import pytest

from storage.errors import BackendError
from tests.program import HOUSE
from tools import backends
from tools.animate import Animator, load_animator
from tools.clean import Cleaner, load_cleaner
from tools.color import Colorist, load_colorist
from tools.composite import Compositor, load_compositor
from tools.layers import LayerCutter, load_cutter
from tools.learn import LoraTrainer, load_trainer
from tools.likeness import LikenessMeasure, load_likeness_measure
from tools.locate import Locator, load_locator
from tools.motion import EffectMaker, load_effect
from tools.music import MusicBackend, load_music_backend
from tools.outpaint import Outpainter, load_outpainter
from tools.redraw import Redrawer, load_redrawer
from tools.speak import SpeechBackend, load_speech_backend
from tools.transcribe import Transcriber, load_transcriber
from tools.upscale import Upscaler, load_upscaler

PROTOCOLS: dict[str, type] = {
    "transcribe": Transcriber,
    "clean": Cleaner,
    "outpaint": Outpainter,
    "color": Colorist,
    "redraw": Redrawer,
    "upscale": Upscaler,
    "animate": Animator,
    "layers": LayerCutter,
    "locate": Locator,
    "motion": EffectMaker,
    "composite": Compositor,
    "likeness": LikenessMeasure,
    "learn": LoraTrainer,
    "speak": SpeechBackend,
    "music": MusicBackend,
}
LOADERS: dict[str, Callable[[str], backends.Backend]] = {
    "transcribe": load_transcriber,
    "clean": load_cleaner,
    "outpaint": load_outpainter,
    "color": load_colorist,
    "redraw": load_redrawer,
    "upscale": load_upscaler,
    "animate": load_animator,
    "layers": load_cutter,
    "locate": load_locator,
    "motion": load_effect,
    "composite": load_compositor,
    "likeness": load_likeness_measure,
    "learn": load_trainer,
    "speak": load_speech_backend,
    "music": load_music_backend,
}
PLAIN = {
    "transcribe": "classic",
    "clean": "classic",
    "outpaint": "extend",
    "color": "original",
    "redraw": "original",
    "upscale": "lines",
    "animate": "still",
    "layers": "grabcut",
    "locate": "unknown",
    "motion": "rain",
    "composite": "camera",
    "likeness": "tones",
    "learn": "sdxl",
    "speak": "cast",
    "music": "soundfont",
}
EVERY = [(capability, name) for capability in backends.CAPABILITIES for name in backends.backend_names(capability)]


def test_the_folder_is_the_catalogue() -> None:
    assert backends.backend_names("clean")[0] == "classic"
    assert {"still"} <= set(backends.backend_names("animate"))


@pytest.mark.parametrize(("capability", "name"), EVERY)
def test_mypy_checks_every_backend_against_the_protocol_of_its_capability(capability: str, name: str) -> None:
    module = importlib.import_module(f"tools.{capability}.{name}")
    assert inspect.get_annotations(module)["_CHECKED"] == f"type[{PROTOCOLS[capability].__name__}]"
    assert vars(module)["_CHECKED"] is backends.backend_class(capability, name)


@pytest.mark.parametrize("capability", backends.CAPABILITIES)
def test_the_loader_of_a_capability_gives_what_keeps_its_protocol_and_nothing_else(capability: str) -> None:
    backend = LOADERS[capability](PLAIN[capability])
    assert isinstance(backend, PROTOCOLS[capability])
    assert backend is backends.load_backend(capability, PLAIN[capability])
    other = "tests.outside.Drifting" if capability != "animate" else "tests.outside.Painting"
    with pytest.raises(BackendError) as refusal:
        LOADERS[capability](other)
    assert PROTOCOLS[capability].__name__ in refusal.value.hint


def test_a_class_without_a_version_is_no_backend() -> None:
    with pytest.raises(BackendError):
        backends.load_backend("animate", "tests.outside.Listener")


def test_options_and_their_defaults_are_those_of_the_constructor() -> None:
    assert backends.backend_options("animate", "still") == {}
    assert backends.backend_options("outpaint", "extend") == {"dim": 0.42, "veil": 0.16}
    assert backends.backend_options("clean", "classic") == {"lean": 0.02}
    wan = backends.backend_options("animate", "wan_i2v")
    assert wan is not None
    assert (wan["model"], wan["steps"], wan["frames"]) == ("Wan-AI/Wan2.2-TI2V-5B-Diffusers", 30, None)
    assert backends.backend_options("animate", "tests.outside.Tuned") is None


def test_what_a_backend_has_not_said_of_itself_has_its_default() -> None:
    plain, drawing = backends.load_backend("animate", "still"), backends.load_backend("animate", "tests.outside.Tuned")
    assert (backends.weights_identity(plain), backends.device_model(plain)) == ("", "")
    assert (backends.weights_identity(drawing), backends.device_model(drawing)) == ("tuned@1", "tuned")
    assert (backends.uses_references(plain), backends.is_shared(plain)) == (True, False)
    assert not backends.uses_references(backends.load_backend("animate", "tests.outside.Absorbed"))


def test_the_catalogue_and_all_options_are_told_without_anything_heavy() -> None:
    program = """
import sys
from tools import backends
found = [backends.backend_options(one.capability, one.name) for one in backends.list_backends()]
heavy = {'torch', 'diffusers', 'transformers', 'rapidocr', 'onnxruntime', 'scipy', 'huggingface_hub', 'moviepy'}
print(len(found), sorted(heavy & set(sys.modules)))
"""
    said = subprocess.run([sys.executable, "-c", program], cwd=HOUSE, capture_output=True, text=True, check=True).stdout
    assert said.split() == [str(len(EVERY)), "[]"]


def test_a_backend_that_imports_at_its_top_what_is_missing_is_listed_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name="torch")

    monkeypatch.setattr(importlib, "import_module", missing)
    item = backends.describe_backend("animate", "svd")
    assert (item.needs, item.missing) == (("torch",), ("torch",))


def test_every_backend_says_what_it_is() -> None:
    for item in backends.list_backends():
        assert item.about.endswith("."), item
    assert {item.capability for item in backends.list_backends()} <= set(backends.CAPABILITIES)


def test_a_backend_is_made_once_for_its_settings() -> None:
    assert backends.load_backend("animate", "still") is backends.load_backend("animate", "still")


def test_a_backend_from_outside_has_a_dotted_path() -> None:
    assert type(backends.load_backend("animate", "tests.outside.Drifting")).__name__ == "Drifting"


@pytest.mark.parametrize(
    ("name", "settings", "what"),
    [
        ("dreams", {}, "there is no animate backend named dreams"),
        ("tests.nowhere.Backend", {}, "there is no animate backend named tests.nowhere"),
        ("tests.outside.Backend", {}, "tests.outside has no Backend"),
        ("still", {"speed": 3}, "refuses its settings"),
    ],
)
def test_what_is_not_there_is_said_with_its_cure(name: str, settings: dict[str, object], what: str) -> None:
    with pytest.raises(BackendError, match=what) as refusal:
        backends.load_backend("animate", name, **settings)
    assert refusal.value.hint
