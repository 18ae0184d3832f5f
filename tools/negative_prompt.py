"""Join a prompt and a negative prompt into one text, and split it again for a pipeline.

The joined prompt reads as plain sentences, for models that take no negative prompt. For the others it is split, and the
backend's default negative prompt is added.
"""

from __future__ import annotations

import re

_NEVER = "Never: "
_THEN = re.compile(r"[\s,;.]+(?:and\s+)?then[\s,]+", re.IGNORECASE)


def join_prompt(wish: str, without: str) -> str:
    """One prompt that holds both; the wish itself where nothing is unwanted."""
    if not without:
        return wish
    return f"{wish.rstrip(' .')}. {_NEVER}{without}" if wish else f"{_NEVER}{without}"


def split_prompt(prompt: str) -> tuple[str, str]:
    """The wish, and what must not be seen; "" for nothing."""
    wish, never, without = prompt.rpartition(_NEVER)
    return (wish.rstrip(" .,;"), without) if never else (prompt, "")


def to_pipeline_args(prompt: str, usual: str, *, guided: bool) -> tuple[str, str]:
    """The prompt and the negative prompt of a pipeline: `usual`, and what must not be seen in this picture.

    Where the pipeline is not `guided` it hears no negative prompt, and the prompt stays whole.
    """
    if not guided:
        return prompt, usual
    wish, without = split_prompt(prompt)
    return wish, ", ".join(filter(None, (without, usual)))


def split_schedule(prompt: str) -> tuple[str, ...]:
    """A prompt for each thing that follows another ("she turns, then smiles"); what holds for all is said in each.

    That is what stands behind the first semicolon after the last "then", and what must not be seen.
    """
    wish, without = split_prompt(prompt)
    told = [one for one in _THEN.split(wish) if one]
    if len(told) < 2:
        return (prompt,)
    own, mark, shared = told[-1].partition("; ")
    return tuple(join_prompt(f"{one}{mark}{shared}", without) for one in (*told[:-1], own))
