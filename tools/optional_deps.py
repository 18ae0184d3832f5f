"""Check that optional packages are installed, and silence the progress bars of those that load weights."""

from __future__ import annotations

import logging
import threading
from importlib.util import find_spec
from types import ModuleType

_TALKATIVE = ("torchao", "bitsandbytes", "torch.utils._pytree")
"""Loggers that warn of kernels for other machines whenever diffusers imports the packages of the extra quant."""


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

    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)
    tqdm.set_lock(threading.RLock())
    for library in libraries:
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
