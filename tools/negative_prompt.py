"""Join a prompt and a negative prompt into one text, and split it again for a pipeline.

The joined prompt reads as plain sentences, for models that take no negative prompt. For the others it is split, and the
backend's default negative prompt is added.
"""

from __future__ import annotations

import re

_NEVER = "Never: "
_THEN = re.compile(r"[\s,;.]+(?:and\s+)?then[\s,]+", re.IGNORECASE)


def join_prompt(positive: str, without: str) -> str:
    """Join a prompt and what to avoid into one text; the prompt itself if there is nothing to avoid."""
    if not without:
        return positive
    return f"{positive.rstrip(' .')}. {_NEVER}{without}" if positive else f"{_NEVER}{without}"


def split_prompt(prompt: str) -> tuple[str, str]:
    """Split a joined prompt into the prompt and what to avoid, "" for nothing."""
    positive, separator, without = prompt.rpartition(_NEVER)
    return (positive.rstrip(" .,;"), without) if separator else (prompt, "")


def to_pipeline_args(prompt: str, usual: str, *, guided: bool) -> tuple[str, str]:
    """Return the prompt and the negative prompt of a pipeline's call.

    The negative prompt is what to avoid in this image, followed by the default `usual`. If the pipeline is not `guided`
    a negative prompt has no effect, and the prompt stays joined.
    """
    if not guided:
        return prompt, usual
    positive, without = split_prompt(prompt)
    return positive, ", ".join(filter(None, (without, usual)))


def split_schedule(prompt: str) -> tuple[str, ...]:
    """Split a prompt at "then" into one prompt for each clip ("she turns, then smiles").

    The text after the first semicolon that follows the last "then", and what to avoid, are repeated in each. Returns at
    least one prompt.
    """
    positive, without = split_prompt(prompt)
    actions = [action for action in _THEN.split(positive) if action]
    if len(actions) < 2:
        return (prompt,)
    last_action, semicolon, shared = actions[-1].partition("; ")
    return tuple(join_prompt(f"{action}{semicolon}{shared}", without) for action in (*actions[:-1], last_action))
