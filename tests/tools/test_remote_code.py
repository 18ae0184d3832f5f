"""Model code runs only after the user agreed to it, and missing parts are reported with a hint."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from storage.errors import BackendError, KomadoriError, SettingsError
from tests.magi import HERE, set_up
from tools import backends
from tools.magi import process
from tools.remote_code import LicenceTerms, RemoteCodeModel, missing_packages

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def refused(**settings: object) -> KomadoriError:
    with pytest.raises(KomadoriError) as refusal:
        backends.load_backend("transcribe", "magi2", **settings)
    assert "\n" not in refusal.value.what + refusal.value.hint
    return refusal.value


def folder_with(folder: Path, code: str = "", **config: object) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "modelling.py").write_text(code, encoding="utf-8")
    return folder


def test_without_a_yes_to_the_licence_nothing_runs() -> None:
    error = refused(revision=COMMIT)
    assert isinstance(error, SettingsError)
    assert "academic, non-commercial" in error.what
    assert "--accept-magi-licence" in error.hint


def test_a_name_on_the_hub_needs_a_pinned_revision() -> None:
    assert "--magi-revision" in refused(licence_accepted=True).hint


@pytest.mark.parametrize("revision", ["main", "v2.0", COMMIT[:12], COMMIT.upper()])
def test_a_branch_a_tag_or_half_a_hash_pins_nothing(revision: str) -> None:
    error = refused(licence_accepted=True, revision=revision)
    assert isinstance(error, SettingsError)
    assert "full hash" in error.what


def test_missing_weights_are_named_with_the_command_that_fetches_them() -> None:
    error = refused(licence_accepted=True, revision=COMMIT)
    assert isinstance(error, BackendError)
    assert error.hint.endswith(f"hf download ragavsachdeva/magiv2 --revision {COMMIT}")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    assert "config.json" in refused(licence_accepted=True, model=str(tmp_path)).what


def test_code_that_is_taken_from_elsewhere_is_refused(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "m", auto_map={"AutoModel": "somebody/else--modelling.Model"})
    error = refused(licence_accepted=True, model=str(folder))
    assert isinstance(error, SettingsError)
    assert "somebody/else" in error.what


def test_packages_its_code_needs_are_named_before_it_runs(tmp_path: Path) -> None:
    optional = "try:\n    import no_such_luxury\nexcept ImportError:\n    pass\n"
    code = f"import json\nimport no_such_solver\nfrom .near import x\n{optional}"
    folder = folder_with(tmp_path / "m", code, auto_map={"AutoModel": "modelling.Model"})
    assert missing_packages(folder) == ["no_such_solver"]
    error = refused(licence_accepted=True, model=str(folder))
    assert error.hint == "pip install no-such-solver"


def test_the_identity_follows_the_code_and_not_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terms = LicenceTerms("magi2", "owner/name", "any use", "--yes", "--pin")
    config = json.loads((HERE / "v2" / "config.json").read_text(encoding="utf-8"))

    monkeypatch.setattr(process, "require_pinned", lambda: None)

    def identity(folder: Path) -> str:
        return RemoteCodeModel(terms, model=str(folder), revision="", accepted=True, device="cpu").identity

    one = identity(folder_with(tmp_path / "one", "x = 1", **config))
    assert one == identity(folder_with(tmp_path / "two", "x = 1", **config))
    assert one != identity(folder_with(tmp_path / "three", "x = 2", **config))


def test_whatever_its_code_raises_becomes_one_line_and_the_next_page_may_try_again(tmp_path: Path) -> None:
    terms = LicenceTerms("magi2", "owner/name", "any use", "--yes", "--pin")
    folder = set_up("v2", tmp_path / "m", answer={"panels": "nowhere"})
    guest = RemoteCodeModel(terms, model=str(folder), revision="", accepted=True, device="cpu")
    page = np.zeros((40, 30, 3), np.uint8)
    numbers: list[int] = []

    def ask() -> None:
        with guest.load() as model:
            numbers.append(model.pid)
            model.ask(page)

    for _ in range(2):
        with pytest.raises(BackendError, match="magi2 failed: ") as refusal:
            ask()
        assert "\n" not in refusal.value.what
    assert len({*numbers}) == 1, "the model stays loaded"


def test_the_packages_of_its_process_are_named_with_the_command_that_installs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "FOLDER", tmp_path / "nothing")
    folder = folder_with(tmp_path / "m", auto_map={"AutoModel": "modelling.Model"})
    error = refused(licence_accepted=True, model=str(folder))
    assert error.hint.endswith(" ".join(process.PINNED))
    assert str(tmp_path / "nothing") in error.hint
