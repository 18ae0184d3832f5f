"""Plan and run the download of a model from the Hugging Face Hub.

Only safetensors and small data files are downloaded: nothing that could contain code, and no second copy of the weights
in another precision. A download is marked when it is complete, so that a partial one is never taken for the model.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from storage.errors import BackendError, KomadoriError, StorageError
from storage.files import is_disk_full
from storage.profiles.names import ModelName
from tools.diffusion.weights import HALF, MARK

DATA = (".json", ".txt", ".model", ".jinja")
SMALL = 64 << 20
"""Size in bytes of the largest data file that is downloaded: a tokenizer's vocabulary."""
_VARIANT = re.compile(r"\.(fp16|bf16|fp32|fp8|ema|non_ema)(?=[.-])")


@dataclass(frozen=True)
class DownloadRequest:
    """A model to download, and which of its files are not needed."""

    name: ModelName
    half: bool = False
    """Whether weights in 16 bits suffice where the repository has them."""
    without: tuple[str, ...] = ()
    """Components whose weights are not needed, because others replace them."""
    data_only: bool = False
    """Whether only configuration and tokenizers are needed."""

    def merge(self, other: DownloadRequest) -> DownloadRequest:
        """Return the request for all that this one or another one for the same model needs."""
        without = tuple(part for part in self.without if part in other.without)
        return DownloadRequest(self.name, self.half and other.half, without, self.data_only and other.data_only)


@dataclass(frozen=True)
class Download:
    """The files of a model to download, at one commit."""

    model: str
    commit: str
    revision: str
    files: Mapping[str, int]
    """The size of each file in bytes, by its name."""
    licence: str
    bytes_present: int
    """How many of these bytes are on this machine already."""

    @property
    def size(self) -> int:
        """Return the total size of all files in bytes."""
        return sum(self.files.values())


def plan_download(request: DownloadRequest) -> Download:
    """Ask the hub which files a model, or a folder or file in its repository, consists of.

    Raises BackendError if there is no such model or file, no safetensors, no network, or no huggingface_hub package.
    """
    name = request.name
    model, revision = name.model, name.revision
    with _open_hub(model, revision) as hub:
        info = hub.HfApi().model_info(model, revision=revision or None, files_metadata=True)
        sizes = {sibling.rfilename: int(sibling.size or 0) for sibling in info.siblings or ()}
        files = _requested_files(request, sizes)
        cached = (hub.try_to_load_from_cache(model, path, revision=info.sha) for path in files)
        bytes_present = sum(size for size, place in zip(files.values(), cached, strict=True) if isinstance(place, str))
        card = info.card_data
        return Download(
            model, str(info.sha), revision, files, str(getattr(card, "license", None) or "unknown"), bytes_present
        )


def run_download(fetch: Download, watch: Callable[[int], None] = lambda so_far: None) -> Path:
    """Download the files of a model, except files, and parts of files, that are present already.

    `watch` is called with the number of bytes downloaded so far, about twice a second, from another thread. Raises
    BackendError if the network fails during the download, StorageError if the disk is full.
    """
    with _open_hub(fetch.model, fetch.revision) as hub:
        hub.utils.disable_progress_bars()
        cache_folder = Path(hub.constants.HF_HUB_CACHE) / hub.file_download.repo_folder_name(
            repo_id=fetch.model, repo_type="model"
        )
        with _report_progress(cache_folder / "blobs", watch):
            snapshot = hub.snapshot_download(
                fetch.model,
                revision=fetch.revision or None,
                allow_patterns=[_exact_pattern(name) for name in fetch.files],
            )
        missing = [name for name in fetch.files if not (Path(snapshot) / name).is_file()]
        if missing:
            raise BackendError(f"{fetch.model} changed while it was fetched: {missing[0]} is gone", "fetch it again")
        mark = Path(snapshot) / MARK
        marked = mark.read_text(encoding="utf-8").split("\n") if mark.is_file() else []
        mark.write_text("\n".join(sorted({*marked, *fetch.files} - {""})), encoding="utf-8")
        return Path(snapshot)


def _requested_files(request: DownloadRequest, sizes: Mapping[str, int]) -> dict[str, int]:
    """Return the files of a request, with their sizes, of all files in the repository."""
    name = request.name
    if name.is_file:
        if name.inside not in sizes:
            raise BackendError(f"there is no file {name.inside} in {name.model}", "name one that is there")
        return {name.inside: sizes[name.inside]}
    folder = f"{name.inside}/" if name.inside else ""
    selected = files_to_load(sizes, half=request.half, without=request.without, data_only=request.data_only)
    files = {path: size for path, size in selected.items() if path.startswith(folder)}
    if not request.data_only and not any(path.endswith(".safetensors") for path in files):
        raise BackendError(f"{name.part} holds no safetensors", "choose a model whose weights are safetensors")
    return files


def files_to_load(
    found: Mapping[str, int], *, half: bool = False, without: Collection[str] = (), data_only: bool = False
) -> dict[str, int]:
    """Select, of all files in a repository, those needed to load the model, with their sizes in bytes.

    Of weights in several precisions, those without a mark are selected, or those in 16 bits if `half`.
    """
    weights = {name for name in found if name.endswith(".safetensors") and not data_only}
    full_precision_folders = {_folder(name) for name in weights if not _VARIANT.search(name)}
    half_folders = {_folder(name) for name in weights if half and _precision(name) == HALF}
    is_pipeline = "model_index.json" in found  # a pipeline: weights at its root are another form of the same
    needed = {
        name
        for name in weights
        if (
            _precision(name) == HALF
            if _folder(name) in half_folders
            else not (_precision(name) and _folder(name) in full_precision_folders)
        )
        and not (is_pipeline and not _folder(name))
        and _folder(name) not in without
    }
    data = {name for name, size in found.items() if name.endswith(DATA) and size <= SMALL}
    return {name: found[name] for name in sorted(needed | data)}


def _precision(name: str) -> str:
    """Return the mark of a file's precision, "" for none."""
    match = _VARIANT.search(name)
    return match[1] if match else ""


def _folder(name: str) -> str:
    """Return the folder part of a file name."""
    return name.rpartition("/")[0]


def _exact_pattern(name: str) -> str:
    """Return a glob pattern that matches this name alone."""
    return re.sub(r"([*?\[])", r"[\1]", name)


@contextmanager
def _open_hub(model: str, revision: str) -> Iterator[ModuleType]:
    """Import huggingface_hub, and translate what it raises in the block into errors with a hint."""
    try:
        import huggingface_hub as hub
        from huggingface_hub import errors
    except ImportError:
        raise BackendError("fetching needs the package huggingface_hub", "pip install -e '.[gpu]'") from None
    suffix = f" at {revision[:12]}" if revision else ""
    try:
        yield hub
    except KomadoriError:
        raise
    except errors.GatedRepoError:
        raise BackendError(
            f"{model} is handed out only to those who agreed to its licence",
            f"agree at https://huggingface.co/{model}, then: hf auth login",
        ) from None
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.HFValidationError):
        raise BackendError(f"there is no model {model}{suffix} on the hub", "a model is named owner/name") from None
    except OSError as reason:
        if is_disk_full(reason):
            raise StorageError(f"the disk is full: {model} did not fit", "free some space and fetch it again") from None
        raise _download_error(model, reason) from None
    except Exception as reason:
        # every version of the hub's package brings another HTTP library with errors of its own
        raise _download_error(model, reason) from None


def _download_error(model: str, reason: Exception) -> BackendError:
    """Return the error for a download that failed for any other reason."""
    message = " ".join(str(reason).split())[:120] or type(reason).__name__
    return BackendError(f"{model} could not be fetched: {message}", "look after the network, then run the same command")


@contextmanager
def _report_progress(folder: Path, watch: Callable[[int], None]) -> Iterator[None]:
    """Report to `watch` how many bytes were added to `folder`, until the block ends."""
    bytes_before, is_done = _folder_bytes(folder), threading.Event()

    def report() -> None:
        while not is_done.wait(0.5):
            watch(_folder_bytes(folder) - bytes_before)

    watcher = threading.Thread(target=report, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_done.set()
        watcher.join()
        watch(_folder_bytes(folder) - bytes_before)


def _folder_bytes(folder: Path) -> int:
    """Return the total size of the files in `folder`, in bytes."""
    total = 0
    for path in folder.glob("*"):
        try:
            total += path.stat().st_size
        except OSError:
            continue  # it was renamed: it has come whole
    return total
