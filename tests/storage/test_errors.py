"""Errors: each says what is wrong and how to mend it, and belongs to one family."""

from __future__ import annotations

import pickle

from storage import errors


def test_an_error_travels_from_a_worker_with_its_cure() -> None:
    error = pickle.loads(pickle.dumps(errors.ProjectLocked("it is in use", "wait")))
    assert isinstance(error, errors.ProjectError)
    assert (error.what, error.hint, str(error)) == ("it is in use", "wait", "it is in use (wait)")


def test_whatever_the_user_can_mend_is_one_family() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert len(kinds) == 14
    assert all(issubclass(kind, errors.KomadoriError) for kind in kinds)
