"""Check that optional packages are installed, and silence the progress bars of those that load weights."""

from __future__ import annotations

import threading
from importlib.util import find_spec
from types import ModuleType


def require(*packages: str) -> None:
    """Raise ModuleNotFoundError for the first package that is not installed; imports none of them."""
    for package in packages:
        if find_spec(package) is None:
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)


def silence_loading(*libraries: ModuleType) -> None:
    """Turn off the warnings and progress bars with which `diffusers` and `transformers` load weights.

    The lock of tqdm is replaced by one within the process: without bars, the lock between processes is useless, and
    Python reports it as leaked when a worker is stopped.
    """
    from tqdm import tqdm

    tqdm.set_lock(threading.RLock())
    for library in libraries:
        logging = library.utils.logging
        logging.set_verbosity_error()
        logging.disable_progress_bar()
