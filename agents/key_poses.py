"""Decide which key poses of a shot are met, and why others are not: no model, none that takes them, or no editor."""

from __future__ import annotations

from typing import Literal

from agents.run_context import RunContext
from agents.shots import ShotToFilm
from storage.domain import KeyPose, Panel
from tools import backends

UnmetReason = Literal["no_model", "no_key_frames", "no_editor", "panel_gone"]
"""Why a pose is not met: no model animates the shot; its model takes no picture besides the first; no image editor
draws what is asked for in words; the panel is not on the page any more.
"""


def poses_to_meet(context: RunContext, shot: ShotToFilm) -> tuple[KeyPose, ...]:
    """Return the key poses that the animation of a shot comes to."""
    return tuple(pose for pose in shot.plan.render_options.key_poses if unmet_reason(context, shot, pose) is None)


def unmet_reason(context: RunContext, shot: ShotToFilm, pose: KeyPose) -> UnmetReason | None:
    """Return why a key pose of a shot is not met; None where it is."""
    if lack := animator_lack(context, shot):
        return lack
    if pose.prompt:
        return None if context.generates("redraw", shot.backends.redraw) else "no_editor"
    return None if pose_panel(shot, pose) else "panel_gone"


def animator_lack(context: RunContext, shot: ShotToFilm) -> UnmetReason | None:
    """Return why the animator of a shot comes to no picture at all; None where it does.

    Raises:
        BackendError: That depends on weights that are not on this machine.
    """
    animator = shot.backends.animate
    if not context.generates("animate", animator):
        return "no_model"
    return "no_key_frames" if backends.key_frames(context.backend("animate", animator)) == "none" else None


def describe_unmet(context: RunContext, shot: ShotToFilm) -> str:
    """Say why a shot does not come to its key poses; "" where it comes to all of them."""
    reasons = [unmet_reason(context, shot, pose) for pose in shot.plan.render_options.key_poses]
    first = next((reason for reason in reasons if reason is not None), None)
    said: dict[UnmetReason, str] = {
        "no_model": "no model animates it",
        "no_key_frames": f"{shot.backends.animate} takes no picture besides the first",
        "no_editor": "no image editor draws it",
        "panel_gone": "its panel is not on the page any more",
    }
    return f"what it was to come to is left out: {said[first]}" if first else ""


def pose_panel(shot: ShotToFilm, pose: KeyPose) -> Panel | None:
    """Return the panel that a pose names; None where it is not on the page."""
    return next((panel for panel in shot.page_transcript.panels if panel.id == pose.panel), None)
