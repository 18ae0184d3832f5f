"""Say who and what made a film: the people of its book, and the models that really drew, read or directed it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from agents.resolved_shot import ResolvedShot
from agents.run_context import RunContext
from agents.sound import speech
from storage.book_info import BookInfo, CreditRole
from storage.profiles import licences
from tools.cards import CreditLine, EndCard

ROLES: Mapping[CreditRole, str] = {
    "author": "Author", "story": "Story", "art": "Art", "inks": "Inks", "colours": "Colours", "lettering": "Lettering",
    "cover": "Cover", "translation": "Translation", "editing": "Editing", "publisher": "Publisher",
}  # fmt: skip
JAPANESE_ROLES: Mapping[CreditRole, str] = {
    "author": "著者", "story": "原作", "art": "作画", "inks": "ペン入れ", "colours": "彩色", "lettering": "写植",
    "cover": "表紙", "translation": "翻訳", "editing": "編集", "publisher": "出版",
}  # fmt: skip
MAKER = "Filmed with Komadori"
_WORK = {
    "clean": "Clean-up", "color": "Colouring", "redraw": "Redrawing", "outpaint": "Painting", "upscale": "Upscaling",
    "animate": "Animation", "composite": "Camera",
}  # fmt: skip
"""What a credit says that a model did, by the tool that used it."""
_BUNDLED_MODELS = {
    ("transcribe", "classic"): ("PP-OCRv6",),
    ("upscale", "waifu2x"): ("waifu2x",),
    ("speak", "kokoro"): ("Kokoro-82M",),
}
"""Models that come with the package of a backend, by its capability and name."""
_BUNDLED_LICENCES = {"PP-OCRv6": "apache-2.0", "waifu2x": "mit", "Kokoro-82M": "apache-2.0"}
MAX_NAMES = 12
"""Names of one role that are listed."""


def end_card(context: RunContext, info: BookInfo, shots: Sequence[ResolvedShot]) -> EndCard:
    """Return the credits of a film.

    Args:
        context: The run's context.
        info: The metadata of the book.
        shots: The shots in the film, resolved.
    """
    words = JAPANESE_ROLES if info.language == "ja" else ROLES
    return EndCard(
        credits=tuple(CreditLine(role=role, names=names) for role, names in _merge_roles(info, words)),
        notes=(*_model_lines(context, shots), *([info.rights] if info.rights else [])),
        maker=MAKER,
    )


def byline(info: BookInfo) -> str:
    """Return the names of who wrote and drew the book, each once."""
    names = [name for credit in info.credits if credit.role in ("author", "story", "art") for name in credit.names]
    return " · ".join(list(dict.fromkeys(names))[:4])


def _merge_roles(info: BookInfo, words: Mapping[CreditRole, str]) -> Iterable[tuple[str, str]]:
    """Return roles and names; what the same people did is one line."""
    roles: dict[tuple[str, ...], list[str]] = {}
    for credit in info.credits:
        roles.setdefault(credit.names[:MAX_NAMES], []).append(words[credit.role])
    return ((", ".join(said), ", ".join(names)) for names, said in roles.items())


def _model_lines(context: RunContext, shots: Sequence[ResolvedShot]) -> list[str]:
    """Return a line for each model, with what it did and its licence."""
    licence_of = {name: entry.licence for name, entry in licences.known_models().items()} | _BUNDLED_LICENCES
    work: dict[str, list[str]] = {}
    made_by = (
        *_directors(context, shots), *_readers(context, shots), *_painters(context, shots), *_speakers(context),
    )  # fmt: skip
    for credit, model in made_by:
        if credit not in work.setdefault(model, []):
            work[model].append(credit)
    return [
        f"{', '.join(done)}: {model}" + (f" ({licence_of[model]})" if licence_of.get(model) else "")
        for model, done in work.items()
    ]


def _directors(context: RunContext, shots: Sequence[ResolvedShot]) -> Iterator[tuple[str, str]]:
    if context.settings.model and any(resolved.shot.plan.director == "llm" for resolved in shots):
        yield "Direction", context.settings.model


def _readers(context: RunContext, shots: Sequence[ResolvedShot]) -> Iterator[tuple[str, str]]:
    """Yield the models that read the pages, unless a person gave all of them."""
    transcript, correction = shots[0].shot.transcript if shots else None, context.library.correction()
    by_hand = correction.pages if correction else {}
    if transcript is None or all(page.artifact in by_hand for page in context.library.pages()):
        return
    backend = transcript.backend
    options = context.settings.options_of("transcribe", backend)
    models = [model for _, model in licences.models_used(backend, options)]
    for model in (*_BUNDLED_MODELS.get(("transcribe", backend), ()), *models):
        yield "Reading", model


def _painters(context: RunContext, shots: Sequence[ResolvedShot]) -> Iterator[tuple[str, str]]:
    """Yield the models of the backends that made the shots as they are in the film."""
    used = {
        (job.tool, str(job.arguments["backend"]))
        for resolved in shots
        for step in resolved.steps.values()
        for job in step.jobs or ()
        if "backend" in job.arguments
    }
    for tool, credit in _WORK.items():
        for backend in sorted(name for one, name in used if one == tool):
            options = context.settings.options_of(tool, backend)
            models = [model for _, model in licences.models_used(backend, options)]
            for model in (*_BUNDLED_MODELS.get((tool, backend), ()), *models):
                yield credit, model


def _speakers(context: RunContext) -> Iterator[tuple[str, str]]:
    """Yield the models that speak in the film, and what voices ask to be named as."""
    transcript = context.library.transcript()
    if transcript is None:
        return
    book = speech.spoken_book(context.settings, context.library, transcript)
    recorded = speech.recorded_lines(context.settings, context.library, book).values()
    speaking = [name for name in book.backends if any(line.backend == name for line in recorded)]
    named = sorted({str(line.made.facts["credit"]) for line in recorded if line.made.facts.get("credit")})
    models = [model for name in speaking for model in _BUNDLED_MODELS.get(("speak", name), ())]
    for model in (*models, *named):
        yield "Voices", model
