"""Make the film's file. The job is a module of its own, so that a worker process loads little else to join a film."""

from __future__ import annotations

from storage.artifacts import Artifacts
from storage.domain import Made
from storage.frame_rate import FrameRate
from tools.video import clips, subtitles


def make(
    artifacts: Artifacts,
    *,
    segments: list[str],
    cues: list[subtitles.Cue],
    chapters: list[clips.Chapter],
    title: str,
    comment: str,
    language: str,
    rate: FrameRate = 24,
    poster: str = "",
    audio: str = "",
    mix_key: str = "",
) -> Made:
    """Join segments and their sound by stream copy; keep the film, its subtitles, and its poster where it has one."""
    subtitle_path = artifacts.temporary(".srt")
    subtitles.write_srt(subtitle_path, cues)
    film = artifacts.temporary(".mp4")
    clips.join_segments(
        [artifacts.open(sha) for sha in segments],
        path=film,
        subtitles=subtitle_path if cues else None,
        chapters=chapters,
        title=title,
        comment=comment,
        language=language,
        rate=rate,
        poster=artifacts.open(poster) if poster else None,
        audio=artifacts.open(audio) if audio else None,
    )
    facts = clips.probe_clip(film)
    return Made(
        artifacts={
            "film": artifacts.keep(film, "video/mp4"),
            "subtitles": artifacts.keep(subtitle_path, "application/x-subrip"),
            **({"poster": artifacts.keep(artifacts.open(poster).read_bytes(), "image/jpeg")} if poster else {}),
        },
        facts={"frames": facts.frames, "seconds": facts.seconds, **({"mix": mix_key} if mix_key else {})},
    )
