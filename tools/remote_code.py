"""Load a model that comes with its own code, only after the user agreed to its licence and pinned its version.

Such code can do anything on this machine. It is taken only from a folder that the user named, or from a commit that the
user pinned by its full hash: a branch or a tag could be another program tomorrow. Nothing is downloaded.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from storage.errors import BackendError, SettingsError
from tools import devices
from tools.optional_deps import require, silence_loading

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Model = TypeVar("Model")
HASH = re.compile(r"[0-9a-f]{40}")
SMALL = 1 << 20
"""Files up to this many bytes are identified by their content, larger ones by name and size."""
IMPORTED = (
    "torch", "transformers", "timm", "einops", "scipy", "pulp", "shapely", "networkx", "matplotlib",
    "pytorch_metric_learning",
)  # fmt: skip
"""Packages that the code of the Manga Whisperer models imports; the extra `magi` installs them."""
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

    It takes the one place for a large model in its process (`tools/devices.py`), so only one caller uses it at a time.

    Attributes:
        identity: Identifies the code and weights, for the content key of what they make.
        name: Name of the model on the device; `part` distinguishes different loads of the same weights.
    """

    def __init__(
        self, terms: LicenceTerms, *, model: str, revision: str, accepted: bool, device: str, part: str = ""
    ) -> None:
        """Raise SettingsError for a missing consent, BackendError for missing files, ModuleNotFoundError for torch."""
        require("torch", "transformers")
        self.terms = terms
        self._device = device
        self.folder, self.identity = _locate(terms, model or terms.model, revision, accepted)
        _check_folder(self.folder, terms)
        self.name = " ".join(
            part_of_name for part_of_name in (terms.backend, part, self.identity, device) if part_of_name
        )

    @contextmanager
    def load(self, wake: Callable[[Path, str], Model]) -> Iterator[Model]:
        """Load the model with `wake(folder, device)`. Whatever its code raises becomes a BackendError of one line."""
        try:
            with devices.load_model(self.name, lambda: self._load(wake)) as model:
                yield model
        except (BackendError, MemoryError):
            raise
        except Exception as reason:  # a stranger's code raises whatever it stumbles on
            raise BackendError(
                f"{self.terms.backend} failed: {type(reason).__name__}: {_shorten(reason)}",
                self.terms.otherwise,
            ) from reason

    def _load(self, wake: Callable[[Path, str], Model]) -> Model:
        import transformers

        silence_loading(transformers)
        return wake(self.folder, self._device or _device())


def load_remote_model(folder: Path, device: str, *, without: Sequence[str] = ()) -> PreTrainedModel:
    """Load the model in `folder` with its own code, on `device`, without the parts that the config can switch off.

    `without` names settings of its config, such as "disable_ocr", that are set to True if the config has them.
    """
    import transformers

    config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=True, local_files_only=True)
    for part in without:
        if hasattr(config, part):
            setattr(config, part, True)
    # the first weights of its detector would be fetched from elsewhere
    detector = getattr(config, "detection_model_config", None)
    if detector is not None and hasattr(detector, "use_pretrained_backbone"):
        detector.use_pretrained_backbone = False
    model = transformers.AutoModel.from_pretrained(folder, config=config, trust_remote_code=True, local_files_only=True)
    return model.to(device).eval()


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
    return sorted(name for name in imported if name not in sys.stdlib_module_names and find_spec(name) is None)


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _shorten(reason: Exception) -> str:
    message = " ".join(str(reason).split())
    return message if len(message) <= 200 else message[:197] + "..."
