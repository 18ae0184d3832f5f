"""Test that the revisions page is self-contained and shows every changed shot before and after."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from commands.output.revisions_html import WIDE, ShotImages
from main import main
from storage.library import Library


def test_every_change_is_shown_before_and_after(filmed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, page = filmed / "chapter.komadori", filmed / "changes.html"
    main(["chat", str(folder), "shot 3 on upper left", "--no-film"])
    main(["chat", str(folder), "shot 2 drop", "--no-film"])
    main(["undo", str(folder), "--no-film"])
    assert main(["show", "revisions", str(folder), "--html", str(page)]) == 0
    text = page.read_text()
    assert text.count("data:image/jpeg;base64,") >= 3
    assert "undone" in text
    assert "left out" in text
    assert 'src="http' not in text
    capsys.readouterr()
    assert main(["show", "revisions", str(folder)]) == 0
    numbers = [line.partition("20")[0].split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert numbers == [["*", "fix", "1"], ["*", "1"], ["*", "2"], ["3"]]
    assert main(["show", "shot", "3", str(folder), "--history"]) == 0
    planned, changed = capsys.readouterr().out.splitlines()[1:]
    assert re.search(r"1 .* director \(rules\)  take 1  planned: .* panel", planned)
    assert changed.endswith("shot 3 on upper left")


def test_a_shot_that_is_not_filmed_is_shown_as_the_camera_will_see_it(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    with Library.open(folder, readonly=True) as library:
        plan = library.shot("s003")
        album = ShotImages(library, [plan])
        filmed_looks = album.looks(plan)
        planned = album.looks(plan.model_copy(update={"seconds": plan.seconds + 1}))
    assert {look.shape for look in (*filmed_looks, *planned)} == {(WIDE * 9 // 16, WIDE, 3)}
    seen, expected = (looks[0][60:120, 140:180].astype(float) for looks in (filmed_looks, planned))
    assert float(np.abs(seen - expected).mean()) < 12
