"""Transcriber with Magi v2, which finds characters and speakers too (academic, non-commercial use only).

Runs the model's own code, so it needs a revision pinned by the user and an accepted licence. About 2 GB of weights and
4 GB of memory; slow without a GPU. All lettering, Japanese included, is read by RapidOCR. Source: Sachdeva, Shin and
Zisserman, "Tails Tell Tales", 2024.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from storage.domain import PageTranscript
from tools.plates import Image
from tools.reading.magi_adapter import Answer, transcribe_magi
from tools.reading.ocr import read_lines
from tools.remote_code import IMPORTED, LicenceTerms, RemoteCodeModel, load_remote_model
from tools.transcribe import Transcriber

if TYPE_CHECKING:
    from transformers import PreTrainedModel

TERMS = LicenceTerms(backend="magi2", model="ragavsachdeva/magiv2")


class Backend:
    """Magi v2.

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
            BackendError: The model fails on this page.
        """
        with self._magi.load(_load_model) as model:
            lines = read_lines(page, threads=self.threads)
            answer = _ask_model(model, page)
        return transcribe_magi(page, answer, lines, language=language)


_CHECKED: type[Transcriber] = Backend


def _ask_model(model: PreTrainedModel, page: Image) -> Answer:
    """Return the model's answer for one page, given in grey in three equal channels as in its training."""
    import torch

    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), np.uint8)
    with torch.inference_mode():
        answers = model.predict_detections_and_associations([np.repeat(grey[:, :, None], 3, axis=2)])
    return dict(answers[0])


def _load_model(folder: Path, device: str) -> PreTrainedModel:
    """Load the model without its reader of English, which would come from a second repository."""
    return load_remote_model(
        folder, device, without=("disable_ocr",)
    )  # its reader of English comes from a second repository
