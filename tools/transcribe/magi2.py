"""Transcriber with Magi v2, which finds characters and speakers too (academic, non-commercial use only).

Runs the model's own code, so it needs a revision pinned by the user and an accepted licence. About 2 GB of weights and
4 GB of memory; slow without a GPU. All lettering, Japanese included, is read by RapidOCR. Source: Sachdeva, Shin and
Zisserman, "Tails Tell Tales", 2024.
"""

from __future__ import annotations

import cv2

from storage.domain import PageTranscript
from tools.pixels import as_image
from tools.plates import Image
from tools.reading.magi_adapter import transcribe_magi
from tools.reading.ocr import read_lines
from tools.remote_code import IMPORTED, LicenceTerms, RemoteCodeModel
from tools.transcribe import Transcriber

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
        lines = read_lines(page, threads=self.threads)
        grey = cv2.cvtColor(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)  # as in its training
        with self._magi.load() as model:
            answer = model.ask(as_image(grey))
        return transcribe_magi(page, answer, lines, language=language)


_CHECKED: type[Transcriber] = Backend
