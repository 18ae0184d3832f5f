"""Transcriber with Magi v3, which finds characters and speakers too (academic, non-commercial use only).

Runs the model's own code, so it needs a revision pinned by the user and an accepted licence. 1.7 GB of weights in half
precision; a GPU is recommended. The model writes its findings token by token, with boxes on a grid of 1000, and stops
after 1,024 tokens: on a crowded page the last items are missing, and occasionally its output is invalid, which fails
that page. All lettering, Japanese included, is read by RapidOCR.
"""

from __future__ import annotations

from storage.domain import PageTranscript
from tools.plates import Image
from tools.reading.magi_adapter import transcribe_magi
from tools.reading.ocr import read_lines
from tools.remote_code import IMPORTED, LicenceTerms, RemoteCodeModel
from tools.transcribe import Transcriber

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
        lines = read_lines(page, threads=self.threads)
        with self._magi.load() as model:
            answer = model.ask(page)
        return transcribe_magi(page, answer, lines, language=language)


_CHECKED: type[Transcriber] = Backend
