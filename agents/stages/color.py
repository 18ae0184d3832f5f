"""Colour the grey panels of every shot that asks for it: the hues are an image editor's, the tones stay the artist's.

A panel is coloured once, before anything is changed, continued or animated, so that all that follows sees it in
colours. Grey portraits of characters are coloured first, once for the film: they are references of all panels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents import backend_jobs, prompt_encoding, shot_references
from agents.executors import Job
from agents.resolved_shot import ResolvedShot, current_round, failed_shots, make_step, resolve_step
from agents.run_context import RunContext
from agents.shot_references import Reference
from agents.shots import ShotToFilm
from agents.stages import clean
from agents.stages.clean import CutoutRef
from agents.state import State
from storage.artifacts import Artifacts
from storage.domain import Balloon, Box, Made
from storage.keys import content_key
from storage.settings import Backends, Options
from tools import png
from tools.color import load_colorist
from tools.cutouts import coloring
from tools.pixels import is_grey
from tools.plates import Cutout

VERSION = 1
"""Raised when a coloured cutout is kept differently: part of the content key."""
TONES_VERSION = 1
"""Raised when a picture counts as grey that did not, or the other way round: part of the content key."""


def run(context: RunContext, state: State) -> State:
    """Colour the grey panels of every shot whose plan, or whose film, says so."""
    current = current_round(context, state)
    make_cutouts(context, current.shots)
    return {"failures": failed_shots(state, "color", current.groups, "tones", "colored_references", "colored")}


def resolve_cutouts(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Resolve the coloured cutouts of shots and the cutouts before them. Makes nothing."""
    clean.resolve_cutouts(context, shots)
    resolve_step(context, shots, "tones", tone_jobs)
    resolve_step(context, shots, "colored_references", reference_jobs)
    resolve_step(context, shots, "colored", jobs)


def make_cutouts(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Make the missing coloured cutouts of the shots whose cutouts exist."""
    clean.resolve_cutouts(context, shots)
    make_step(context, "color", shots, "tones", tone_jobs)
    make_step(context, "color", shots, "colored_references", reference_jobs)
    make_step(context, "color", shots, "colored", jobs)


def tone_jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return the jobs that look whether the cutouts of a shot, and then its references, are grey; none without colour.

    None while a cutout is missing.
    """
    if not is_colored(resolved.shot):
        return []
    cutouts, others = resolved.complete("cutouts"), resolved.complete("pose_cutouts")
    if cutouts is None or others is None:
        return None
    pictures: list[Reference] = [(made.artifacts["cutout"].sha256, None) for made in (*cutouts, *others)]
    pictures += shot_references.choose_references(context, resolved.shot)
    return [_tone_job(resolved.shot, picture, box) for picture, box in pictures]


def reference_jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return one job for each grey portrait among the references of a shot with grey panels.

    None while it is not known what is grey.
    """
    tones = _tones(context, resolved)
    if tones is None:
        return None
    panels, references = tones
    if not any(panels):
        return []
    shot = resolved.shot
    return [_portrait_job(context, shot, picture) for (picture, box), grey in references if grey and box is None]


def jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return one job for each cutout of a shot, then for each other panel that its drawing comes to.

    There is none where all of them are in colours already; a cutout in colours passes through its job. None while it is
    not known what is grey, or a portrait is missing.
    """
    tones, portraits = _tones(context, resolved), resolved.complete("colored_references")
    if tones is None or portraits is None:
        return None
    panels, references = tones
    if not any(panels):
        return []
    shot, coloured = resolved.shot, iter(portraits)
    shown: list[Reference] = []
    for (picture, box), grey in references:
        if not grey:
            shown.append((picture, box))
        elif box is None:
            shown.append((next(coloured).artifacts["picture"].sha256, None))
    own, others = resolved.complete("cutouts") or (), resolved.complete("pose_cutouts") or ()
    lettering = [clean.plain_balloons(shot, panel) for panel in shot.panels] + [[] for _ in others]
    return [
        _color_job(context, shot, clean.cutout_of(made), balloons, shown)
        for made, balloons in zip((*own, *others), lettering, strict=True)
    ]


def is_colored(shot: ShotToFilm) -> bool:
    """Return whether an image editor colours what is grey in a shot."""
    return shot.backends.color != Backends().color


def measure_tones(artifacts: Artifacts, *, picture: str, box: Box | None) -> Made:
    """Look whether a picture, or the part of it in a box, is grey; transparent pixels do not count."""
    pixels = shot_references.crop_reference(png.read_cached(artifacts.open(picture)), box)
    return Made(facts={"grey": is_grey(pixels[..., :3], pixels[..., 3] if pixels.shape[2] > 3 else None)})


def make_portrait(
    artifacts: Artifacts,
    *,
    backend: str,
    options: Options,
    picture: str,
    prompt: str,
    seed: int,
    vividness: float,
    words: str = "",
) -> Made:
    """Colour the portrait of a character, of which only the model's own idea is known."""
    grey = np.ascontiguousarray(png.read_png(artifacts.open(picture))[..., :3])
    colorist = prompt_encoding.with_prompt_embeds(artifacts, load_colorist(backend, **options), words)
    painted = colorist.color(grey, prompt=prompt, references=[], seed=seed)
    free = np.full(grey.shape[:2], 255, np.uint8)
    pixels = coloring.lay_colours(grey, painted, free, vividness=vividness)
    return Made(artifacts={"picture": artifacts.keep(png.encode_png(pixels), "image/png")})


def make(
    artifacts: Artifacts,
    *,
    backend: str,
    options: Options,
    cutout: CutoutRef,
    balloons: list[Balloon],
    prompt: str,
    references: list[Reference],
    seed: int,
    vividness: float,
    words: str = "",
) -> Made:
    """Colour one cutout; what the editor painted is no pixel of it, so that it still counts as the artist's drawing."""
    opened = clean.open_cutout(artifacts, *cutout)
    before = np.zeros(opened.pixels.shape[:2], np.uint8) if opened.redrawn is None else opened.redrawn
    grey, alpha = np.ascontiguousarray(opened.pixels[..., :3]), opened.pixels[..., 3]
    free = coloring.colourable_mask(opened, balloons)
    if not free.any() or not is_grey(grey, alpha):
        return clean.keep_cutout(artifacts, opened, before)
    colorist = prompt_encoding.with_prompt_embeds(artifacts, load_colorist(backend, **options), words)
    images = shot_references.open_references(artifacts, references)
    painted = colorist.color(grey, prompt=prompt, references=images, seed=seed)
    pixels = np.dstack([coloring.lay_colours(grey, painted, free, vividness=vividness), alpha])
    return clean.keep_cutout(artifacts, Cutout(pixels, opened.box), before)


def _tones(context: RunContext, resolved: ResolvedShot) -> tuple[list[bool], list[tuple[Reference, bool]]] | None:
    """Return whether each cutout is grey, own ones first, and each reference with whether it is; None if not known."""
    tones = resolved.complete("tones")
    if tones is None:
        return None
    if not tones:
        return [], []
    grey = [bool(made.facts["grey"]) for made in tones]
    references = shot_references.choose_references(context, resolved.shot)
    count = len(grey) - len(references)
    return grey[:count], list(zip(references, grey[count:], strict=True))


def _tone_job(shot: ShotToFilm, picture: str, box: Box | None) -> Job:
    """Return the job that looks whether a picture is grey."""
    key = content_key("color", "tones", TONES_VERSION, picture=picture, box=box)
    return Job(key, "color", f"{shot.id} tones", measure_tones, {"picture": picture, "box": box})


def _portrait_job(context: RunContext, shot: ShotToFilm, picture: str) -> Job:
    """Return the job that colours a portrait: the same for all shots, whatever they say of their own colours."""
    arguments = {
        "picture": picture, "prompt": context.settings.style.look, "seed": 0, "vividness": context.settings.vividness,
    }  # fmt: skip
    return backend_jobs.build_job(
        context, "color", shot.backends.color, f"{shot.id} portrait", make_portrait, arguments,
        color=VERSION, coloring=coloring.VERSION,
    )  # fmt: skip


def _color_job(
    context: RunContext, shot: ShotToFilm, cutout: CutoutRef, balloons: list[Balloon], references: list[Reference]
) -> Job:
    """Return the job that colours one cutout."""
    arguments = {
        "cutout": cutout, "balloons": balloons, "prompt": color_prompt(context, shot), "references": references,
        "seed": shot.plan.seed, "vividness": context.settings.vividness,
    }  # fmt: skip
    return backend_jobs.build_job(
        context, "color", shot.backends.color, f"{shot.id} colours", make, arguments,
        shot.plan.characters, color=VERSION, coloring=coloring.VERSION,
    )  # fmt: skip


def color_prompt(context: RunContext, shot: ShotToFilm) -> str:
    """Return the words about the colours of a shot: its own, then the look of the film."""
    return "; ".join(filter(None, (shot.plan.render_options.color.prompt, context.settings.style.look)))
