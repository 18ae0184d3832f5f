"""What is missing is named; libraries that load weights draw no bars."""

from __future__ import annotations

import pytest

from tools.installed import hush, require


def test_the_first_missing_package_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="'no_such_package'") as caught:
        require("json", "no_such_package", "nor_this_one")
    assert caught.value.name == "no_such_package"


def test_packages_that_are_there_raise_nothing() -> None:
    require("json", "numpy")


def test_a_hushed_library_draws_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    transformers = pytest.importorskip("transformers")
    hush(transformers)
    for _ in transformers.utils.logging.tqdm(range(3)):
        pass
    transformers.utils.logging.get_logger("transformers").warning("not to be heard")
    said = capsys.readouterr()
    assert said.out + said.err == ""
