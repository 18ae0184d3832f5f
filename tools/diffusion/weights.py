"""Locate a model's weights on this machine, by hub name or folder, and identify their version.

Only safetensors count as weights, and no code comes with them. Nothing is downloaded here: missing weights raise an
error that says how to download them, so that a film never waits for gigabytes that nobody asked for.
"""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.errors import BackendError, KomadoriError, PackageMissing, WeightsMissing
from storage.profiles.names import ModelName, parse_model_name
from tools import devices

FOREIGN = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
"""Suffixes of files that may contain a pickle, which can run any code when it is opened."""
MARK = "komadori-fetched.txt"
"""Beside a model's files, the list of those that were downloaded, written when all were complete."""
_PARTS = ("transformer", "unet", "vae", "text_encoder", "image_encoder")
"""Beginnings of the names of a pipeline's components that have weights."""
HALF = "fp16"
"""The mark of files whose weights have 16 bits, where the same weights also exist in 32."""
_SMALL = 1 << 20
"""Size in bytes of the beginning and the end of a file that enter its fingerprint."""


@dataclass(frozen=True)
class Weights:
    """The weights of a model, by its hub name or its folder.

    Revision and folder may also be part of the name itself: see `storage/profiles/names.py`.
    """

    model: str
    revision: str = ""
    """A commit, "" for the one that was downloaded."""
    inside: str = ""
    """A folder or file within the model, for an adapter that shares its repository with others."""

    def __post_init__(self) -> None:
        name = parse_model_name(self.model)
        object.__setattr__(self, "model", name.model)
        object.__setattr__(self, "revision", self.revision or name.revision)
        object.__setattr__(self, "inside", self.inside or name.inside)

    @property
    def folder(self) -> Path:
        """Return the folder of its files. Raises BackendError if they are not on this machine, or one file is named."""
        path = self._path_in(self._model_folder())
        if not path.is_dir():
            raise BackendError(f"{self._full_name} is a file, and a folder is needed here", "name the folder")
        return path

    @property
    def file(self) -> Path:
        """Return the file of weights: the one that is named, or the only one in the folder.

        Raises BackendError if it is not on this machine, or the folder holds several.
        """
        path = self._path_in(self._model_folder())
        if path.is_file():
            return path
        refuse_pickles(path)
        found = sorted(path.glob("*.safetensors"))
        if len(found) != 1:
            choice = ", ".join(item.name for item in found[:6]) or "none"
            raise BackendError(
                f"{self._full_name} does not say which file is meant: {choice}", f"write {self._full_name}:FILE"
            )
        return found[0]

    @property
    def is_file(self) -> bool:
        """Return whether one file is named."""
        return ModelName(self.model, inside=self.inside).is_file

    @property
    def identity(self) -> str:
        """Return the identity of the weights, for content keys: the commit, or a hash of a local folder's files.

        Of large files in a local folder, only the size, the beginning and the end are hashed.
        """
        root = self._model_folder()
        path = self._path_in(root)
        if self.is_local:
            return f"{'file' if path.is_file() else 'folder'}@{_fingerprint(path)}"
        # a folder of the hub's cache is named after the commit in it
        return f"{self.model}@{root.name}" + (f"/{self.inside}" if self.inside else "")

    @property
    def variant(self) -> str:
        """Return HALF if a component is here in 16 bits alone, else "". Raises BackendError as `folder` does."""
        files = list(self.folder.rglob("*.safetensors"))
        half = {path.parent for path in files if f".{HALF}." in path.name or f".{HALF}-" in path.name}
        whole = {path.parent for path in files if f".{HALF}" not in path.name}
        return HALF if half - whole else ""

    @property
    def is_present(self) -> bool:
        """Return whether the files are on this machine."""
        try:
            return self._path_in(self._model_folder()).exists()
        except (BackendError, ModuleNotFoundError):  # without the hub's package nothing was ever fetched
            return False

    @property
    def fetch_command(self) -> str:
        """Return the shell command that downloads them."""
        revision = f" --revision {self.revision}" if self.revision else ""
        return f"python main.py fetch {shlex.quote(self._full_name)}{revision}"

    @property
    def is_local(self) -> bool:
        """Return whether the model is a folder, and not on the hub."""
        return Path(self.model).expanduser().is_dir()

    @property
    def _full_name(self) -> str:
        return ModelName(self.model, inside=self.inside).part

    def _path_in(self, root: Path) -> Path:
        path = root / self.inside
        if self.inside and not (path.is_file() if self.is_file else path.is_dir()):
            raise self._missing_error()
        return path

    def _missing_error(self) -> BackendError:
        if self.is_local:
            kind = "file" if self.is_file else "folder"
            return BackendError(f"there is no {kind} {self.inside} in {self.model}", "name one that is there")
        suffix = f" at {self.revision[:12]}" if self.revision else ""
        return WeightsMissing(
            f"the weights of {self._full_name}{suffix} are not on this machine", f"fetch them: {self.fetch_command}"
        )

    def _model_folder(self) -> Path:
        path = Path(self.model).expanduser()
        if path.is_dir():
            return path
        if path.is_absolute() or self.model.startswith((".", "~")) or self.model.count("/") != 1:
            raise BackendError(
                f"there is no model folder {self._full_name}", "name a folder, a file, or a model as owner/name"
            )
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

        try:
            return Path(snapshot_download(self.model, revision=self.revision or None, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError):
            if folder := self._fetched_folder():
                return folder
            raise self._missing_error() from None

    def _fetched_folder(self) -> Path | None:
        """Return the folder that `fetch` downloaded: a selection of files, so not complete to the hub's cache."""
        from huggingface_hub import constants
        from huggingface_hub.file_download import repo_folder_name

        cache_folder = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=self.model, repo_type="model")
        ref = cache_folder / "refs" / (self.revision or "main")
        commit = ref.read_text(encoding="utf-8").strip() if ref.is_file() else self.revision
        snapshot = cache_folder / "snapshots" / commit
        mark = snapshot / MARK
        if not commit or not mark.is_file():
            return None
        return (
            snapshot
            if all((snapshot / name).is_file() for name in mark.read_text(encoding="utf-8").split("\n"))
            else None
        )


def refuse_pickles(folder: Path) -> None:
    """Raise BackendError for a folder without safetensors. Pickles beside them do no harm: they are never opened."""
    names = [path.name for path in folder.rglob("*") if path.is_file() or path.is_symlink()]
    if any(name.endswith(".safetensors") for name in names):
        return
    pickles = sorted(name for name in names if name.endswith(FOREIGN))
    reason = f"its weights are pickles ({pickles[0]}), which could run any code" if pickles else "it holds no weights"
    raise BackendError(f"{folder} cannot be loaded: {reason}", "use a model whose weights are safetensors")


def refuse_incomplete(weights: Weights, replaced: Collection[str]) -> None:
    """Raise WeightsMissing for a pipeline without the weights of a component, which were not fetched.

    Args:
        weights: The pipeline, in a folder.
        replaced: Components that are loaded from elsewhere.
    """
    parts = [path.parent for path in weights.folder.glob("*/config.json") if path.parent.name.startswith(_PARTS)]
    lacking = [part.name for part in parts if part.name not in replaced and not any(part.glob("*.safetensors"))]
    if lacking and not weights.is_local and (weights.folder / "model_index.json").is_file():
        raise WeightsMissing(
            f"the weights of the {lacking[0]} of {weights.model} are not on this machine",
            f"fetch them: {weights.fetch_command}",
        )


@contextmanager
def translate_load_errors(classname: str, *weights: Weights) -> Iterator[None]:
    """Turn any error of the block, which loads `weights` as a `classname`, into a BackendError of one line.

    Files from third parties can fail in any way. Errors about memory are passed on unchanged.
    """
    try:
        yield
    except KomadoriError:
        raise
    except Exception as reason:
        if devices.is_out_of_memory(reason):
            raise
        message = " ".join(str(reason).split())[:200] or type(reason).__name__
        models = " with ".join(item._full_name for item in weights)
        if isinstance(reason, ImportError):
            raise PackageMissing(
                f"{models} needs what is not installed: {message}", "pip install -e '.[gpu]'"
            ) from reason
        cure = "name a model that this backend is made for" if len(weights) == 1 else "name models made for each other"
        raise BackendError(f"{models} is no {classname}: {message}", cure) from reason


def _fingerprint(root: Path) -> str:
    """Hash a file, or the files of a folder; of large files, only the size, the beginning and the end."""
    digest = hashlib.sha256()
    for path in [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file()):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(root).as_posix()}\0{size}\0".encode())
        # large files also differ in their first megabyte: a safetensors header names every tensor
        with path.open("rb") as file:
            digest.update(file.read(_SMALL))
            if size > _SMALL:
                file.seek(-min(size, _SMALL), os.SEEK_END)
                digest.update(file.read())
    return digest.hexdigest()[:32]
