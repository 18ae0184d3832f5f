"""Find a model that comes with its own code, only after the user agreed to its licence and pinned its version.

Such code can do anything on this machine. It is taken only from a folder that the user named, or from a commit that the
user pinned by its full hash: a branch or a tag could be another program tomorrow. Nothing is downloaded. It runs in a
process of its own (`tools/magi/process.py`).
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from storage.errors import BackendError, SettingsError
from tools import devices
from tools.magi import process
from tools.magi.process import ModelProcess, ModelProcessError
from tools.optional_deps import require

HASH = re.compile(r"[0-9a-f]{40}")
SMALL = 1 << 20
"""Files up to this many bytes are identified by their content, larger ones by name and size."""
IMPORTED = (
    "torch", "timm", "einops", "scipy", "pulp", "shapely", "networkx", "matplotlib", "pytorch_metric_learning",
    "safetensors", "regex", "requests",
)  # fmt: skip
"""Packages that the code of the Manga Whisperer models and its transformers import; the extra `magi` installs them."""
MODULES = {"cv2": "opencv-python-headless", "PIL": "pillow", "skimage": "scikit-image", "sklearn": "scikit-learn"}
"""Names of packages whose modules are named otherwise."""


@dataclass(frozen=True)
class LicenceTerms:
    """What the user must agree to before a model's code runs; the default licence and options are those of Magi."""

    backend: str
    model: str
    licence: str = "academic, non-commercial use only"
    accept: str = "--accept-magi-licence"
    """The command line option that accepts the licence."""
    pin: str = "--magi-revision"
    """The command line option that pins the revision."""
    otherwise: str = "read this page by hand (--transcript), leave it out (--pages), or choose --transcribe classic"
    """Hint for what to do if the model fails."""


class RemoteCodeModel:
    """A model with its own code: checked when made, loaded when it is used, released when another model loads.

    It takes the one place for a large model (`tools/devices.py`), so only one caller uses it at a time.

    Attributes:
        identity: Identifies the code and weights, for the content key of what they make.
        name: Name of the model on the device.
    """

    def __init__(
        self, terms: LicenceTerms, *, model: str, revision: str, accepted: bool, device: str, task: str = "pages"
    ) -> None:
        """Check that the model can be loaded; `task` is "pages" or "crops".

        Raises SettingsError for a missing consent, BackendError for missing files, ModuleNotFoundError for torch.
        """
        require("torch")
        self.terms = terms
        self._task, self._device = f"{terms.backend} {task}", device
        self.folder, self.identity = _locate(terms, model or terms.model, revision, accepted)
        _check_folder(self.folder, terms)
        process.require_pinned()
        self.name = f"{self._task} {self.identity} {device}".strip()

    @contextmanager
    def load(self) -> Iterator[ModelProcess]:
        """Load the model. Whatever its code raises becomes a BackendError of one line."""
        try:
            with devices.load_model(self.name, lambda: ModelProcess(self._task, self.folder, self._device)) as model:
                yield model
        except ModelProcessError as reason:
            if reason.has_ended:
                devices.release_model()
            raise BackendError(f"{self.terms.backend} failed: {_shorten(reason)}", self.terms.otherwise) from reason


def _locate(terms: LicenceTerms, model: str, revision: str, accepted: bool) -> tuple[Path, str]:
    """Return the folder of the model's files and its identity; refuse a model that the user did not agree to."""
    if not accepted:
        raise SettingsError(
            f"{terms.backend} runs the code and weights of {model}, which are for {terms.licence}",
            f"if that is your use, say so once with {terms.accept}",
        )
    if Path(model).is_dir():
        return Path(model), _fingerprint(Path(model))
    if not revision:
        raise SettingsError(
            f"{terms.backend} runs code that comes with {model}, and no revision of it is pinned",
            f"look at its files, then give the full commit hash, or a folder that holds them, with {terms.pin}",
        )
    if not HASH.fullmatch(revision):
        raise SettingsError(
            f"{revision} is not the full hash of a commit, and no folder", f"give all 40 digits with {terms.pin}"
        )
    return _snapshot(terms, model, revision), f"{model}@{revision}"


def _snapshot(terms: LicenceTerms, model: str, revision: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, revision=revision, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        raise BackendError(
            f"{terms.backend}: {model} at {revision[:12]} is not on this machine",
            f"fetch it once: hf download {shlex.quote(model)} --revision {revision}",
        ) from None


def _fingerprint(folder: Path) -> str:
    """Hash the files of a folder, independent of its path."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        size = path.stat().st_size
        digest.update(f"{path.name}\0{size}\0".encode())
        if size <= SMALL:
            digest.update(path.read_bytes())
    return f"folder@{digest.hexdigest()}"


def _check_folder(folder: Path, terms: LicenceTerms) -> None:
    """Refuse a folder without a model, or with code that is taken from elsewhere or lacks packages."""
    try:
        auto_map = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("auto_map", {})
    except (OSError, ValueError, AttributeError):
        raise BackendError(
            f"{terms.backend}: {folder} holds no model: its config.json cannot be read",
            "name the folder that config.json, the weights and the code lie in",
        ) from None
    # "owner/other--file.Class" sends transformers to the newest commit of another repository
    foreign_code = [str(place) for place in auto_map.values() if "--" in str(place)]
    if foreign_code:
        raise SettingsError(
            f"{terms.backend}: the code of {folder.name} is taken from elsewhere, unpinned ({foreign_code[0]})",
            "put that code into a folder with the weights, correct auto_map in its config.json, and name the folder",
        )
    missing = missing_packages(folder)
    if missing:
        packages = " ".join(shlex.quote(MODULES.get(package, package).replace("_", "-")) for package in missing)
        raise BackendError(
            f"the code of {terms.backend} needs what is not installed: {', '.join(missing)}", f"pip install {packages}"
        )


def missing_packages(folder: Path) -> list[str]:
    """Return the packages that the code in `folder` imports when loaded and that are not installed; runs none of it."""
    imported: set[str] = set()
    for path in folder.glob("*.py"):
        # only the outermost statements: what stands in a `try` or an `if` is optional
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.partition(".")[0])
    imported -= {*sys.stdlib_module_names, *(package.partition("==")[0] for package in process.PINNED)}
    return sorted(name for name in imported if find_spec(name) is None)


def _shorten(reason: Exception) -> str:
    message = " ".join(str(reason).split())
    return message if len(message) <= 200 else message[:197] + "..."
