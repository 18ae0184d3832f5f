"""Use Komadori from Python: film the sample chapter, revise it, undo, and render it again in portrait format."""

from __future__ import annotations

import sys
from pathlib import Path

from komadori import animate, open_project, render, revise, undo


def main(out: Path, height: int) -> None:
    """Film, revise, undo, and render once more for a phone."""
    project = open_project(Path(__file__).parent / "komadori", out / "komadori.komadori")
    report = animate(project, out / "first.mp4", height=height)
    print(f"{report.shots} shots, {report.seconds:.0f} s: {report.film}")
    print(revise(project, "shot 7 slower", "shot 3 on upper left", message="let us look longer").price())
    render(project, out / "revised.mp4")
    print("taken back:", *undo(project).summary)
    print(render(project, out / "tall.mp4", aspect="9:16").film)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out"), int(sys.argv[2] if len(sys.argv) > 2 else 720))
