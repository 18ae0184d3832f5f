"""Transcriber with Magi v3, which finds characters and speakers too (academic, non-commercial use only).

Runs the model's own code, so it needs a revision pinned by the user and an accepted licence. 1.7 GB of weights in half
precision; a GPU is recommended. The model writes its findings token by token, with boxes on a grid of 1000, and stops
after 1,024 tokens: on a crowded page the last items are missing, and occasionally its output is invalid, which fails
that page. All lettering, Japanese included, is read by RapidOCR.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from storage.domain import PageTranscript
from tools.plates import Image
from tools.reading.magi_adapter import Answer, transcribe_magi
from tools.reading.ocr import read_lines
from tools.remote_code import IMPORTED, LicenceTerms, RemoteCodeModel
from tools.transcribe import Transcriber

if TYPE_CHECKING:
    from transformers import PreTrainedModel, ProcessorMixin

TERMS = LicenceTerms(backend="magi3", model="ragavsachdeva/magiv3")


class Backend:
    """Magi v3.

    `device` is torch's name of the device, "" for the GPU if there is one. `threads` is the number of processor threads
    that the reader of lettering may use.
    """

    version = 1
    packages = IMPORTED

    def __init__(
        self, *, model: str = "", revision: str = "", licence_accepted: bool = False, device: str = "", threads: int = 4
    ) -> None:
        self._magi = RemoteCodeModel(TERMS, model=model, revision=revision, accepted=licence_accepted, device=device)
        self.identity = self._magi.identity
        self.threads = threads

    @property
    def model_id(self) -> str:
        """Name of the model that occupies the device while it reads."""
        return self._magi.name

    def read(self, page: Image, *, language: str = "") -> PageTranscript:
        """Find panels, balloons, characters and speakers on `page`, (h, w, 3) RGB uint8.

        Raises:
            BackendError: The output of the model is invalid.
        """
        with self._magi.load(_load_model) as (model, processor):
            lines = read_lines(page, threads=self.threads)
            answer = _ask_model(model, processor, page)
        return transcribe_magi(page, answer, lines, language=language)


_CHECKED: type[Transcriber] = Backend


def _ask_model(model: PreTrainedModel, processor: ProcessorMixin, page: Image) -> Answer:
    """Return the model's answer for one page."""
    import torch

    with torch.inference_mode():
        return dict(model.predict_detections_and_associations([page], processor)[0])


def _load_model(folder: Path, device: str) -> tuple[PreTrainedModel, ProcessorMixin]:
    """Load the model, in half precision except on the CPU, and its processor."""
    import torch
    import transformers

    half = device != "cpu"
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, trust_remote_code=True, local_files_only=True, dtype=torch.float16 if half else torch.float32
    )
    processor = transformers.AutoProcessor.from_pretrained(folder, trust_remote_code=True, local_files_only=True)
    return model.to(device).eval(), processor
