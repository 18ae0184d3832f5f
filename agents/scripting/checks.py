"""Check a script before anything is made, and work out the settings and paths that it asks for."""

from __future__ import annotations

from pathlib import Path

from agents import output_files, preflight, project_path, run, settings_update
from agents.corrections import replan, transcript_overlay
from agents.editing import Plan, Reading, SetAspect, SetReferences, resolve
from agents.editing.apply import apply_edit
from agents.editing.recordings import check_recording
from agents.editing.references import is_picture
from agents.editing.sound_edits import AddSound, RemoveSounds, SetMusic
from agents.run import RunOptions
from agents.scripting import aspect_variants, script_edits, transcripts
from agents.scripting.scripts import LoadedScript, Script
from agents.scripting.toml_positions import KeyPath
from agents.sound import speech
from storage.domain import Transcript
from storage.errors import SettingsError
from storage.library import Library
from storage.project import is_project
from storage.settings import Settings
from storage.video_format import screen_of
from tools.characters import reference_images
from tools.ingest import books

PLAN_SETTINGS = (
    "screen",
    "order",
    "pages",
    "director",
    "model",
    "style",
    "cast",
    "magi",
    "voice",
    "voice_fallback",
    "sound",
)
"""Settings that change the plan."""


def check_script(loaded: LoadedScript) -> None:
    """Check everything that can fail before anything is made.

    Raises:
        KomadoriError: The script cannot run; the message names the line at fault.
    """
    script = loaded.script
    if not script.source:
        raise SettingsError(f"{loaded.files[0]} names no source", 'write: source = "chapter.cbz"')
    source, settings = Path(script.source), settings_of(loaded)
    with loaded.locate_errors("source"):
        pages = books.open_book(source).pages
    with loaded.locate_errors("pages"):
        chosen = books.choose_pages(pages, settings.pages)
    with loaded.locate_errors("cast"):
        if settings.cast:
            reference_images.check_pictures(Path(settings.cast))
    with loaded.locate_errors("profile"):
        preflight.refuse_settings(settings)
    _check_voices(loaded, settings)
    with loaded.locate_errors("director"):
        run.check_run(settings, RunOptions())
    if len(script.aspects) > 1:
        refuse_shared(loaded, "{aspect}", f"{len(script.aspects)} aspects")
    for aspect in script.aspects:
        with loaded.locate_errors("output"):
            output_files.film_path(output_of(loaded, project_of(script), aspect))
    given = corrections_of(loaded)
    with loaded.locate_errors("transcript"):
        if given is not None:
            transcript_overlay.check_transcript(given, (page.name for page in chosen))
    for at, edit in loaded.lines():
        with loaded.locate_errors("edits", at):
            if isinstance(edit, SetAspect):
                raise SettingsError("a script frames for all its aspects", f'write: aspects = ["{edit.aspect}"]')
            preflight.refuse_edits(settings, [edit])


def _check_voices(loaded: LoadedScript, settings: Settings) -> None:
    for name in ("voice", "voice_fallback"):
        with loaded.locate_errors("settings", name):
            speech.check_voice(settings, getattr(settings, name))


def try_on_current_plan(loaded: LoadedScript) -> bool:
    """Try the edits of a script on the present plan, and return whether all of them could be tried.

    They cannot be tried if nothing is planned yet, or if the script changes the plan.

    Raises:
        SettingsError: An edit is not possible.
    """
    project = project_of(loaded.script)
    if not is_project(project):
        return False
    with Library.open(project, readonly=True) as library:
        transcript, board = library.transcript(), script_edits.director_revision(library)
        if transcript is None or board is None or not _is_planned_with(library, settings_of(loaded)):
            return False
        done = script_edits.scripted_fixes(library)
        for at, edit in loaded.lines():
            with loaded.locate_errors("edits", at):
                if not isinstance(edit, Reading):
                    board = apply_edit(board, _resolve_readonly(library, edit))
                elif edit.model_dump(mode="json") not in done:
                    replan.apply_with_proposals(library, transcript, edit)
                    return False
    return True


def settings_of(loaded: LoadedScript) -> Settings:
    """Return the settings that a script asks for, on top of its base settings.

    Raises:
        SettingsError: A value is not possible; the message names its line.
    """
    script, settings = loaded.script, loaded.base
    head = {
        name: value
        for name in ("profile", "pages", "order", "director", "model", "cast", "cards", "style")
        if (value := getattr(script, name)) is not None
    }
    if "profile" in head:
        with loaded.locate_errors("profile"):
            settings = settings_update.update_setting(settings, "profile", head.pop("profile"))
    for name in sorted(script.settings, key=lambda name: name != "profile"):
        with loaded.locate_errors("settings", name):
            settings = settings_update.update_setting(settings, name, script.settings[name])
    for name, value in head.items():
        with loaded.locate_errors(name):
            settings = settings_update.update_setting(settings, name, value)
    if script.budget is not None:
        settings = settings.model_copy(update={"max_cost": script.budget})
    screen = settings.screen.model_copy(update={"fps": script.fps or settings.screen.fps})
    if script.height is not None:
        wide, tall = (int(side) for side in script.aspects[0].split(":"))
        short = script.height if wide >= tall else round(script.height * wide / tall)
        screen = screen.model_copy(update={"width": short, "height": short})
    with loaded.locate_errors("aspects"):
        for aspect in script.aspects:
            screen_of(aspect, screen)
    return settings.model_copy(update={"screen": screen_of(script.aspects[0], screen)})


def project_of(script: Script) -> Path:
    """Return the project's folder: the one the script names, or one in the current folder with the source's name.

    Raises:
        ProjectError: That folder belongs to another book.
    """
    if script.project:
        return Path(script.project)
    return project_path.project_for(Path(script.source), cure='say another folder for this book: project = "..."')


def output_of(loaded: LoadedScript, project: Path, aspect: str) -> Path:
    """Return the path of the film for an aspect ratio."""
    pattern = loaded.script.output or str(project / "films" / "{name}-{aspect}.mp4")
    return expand_path(pattern, project, aspect)


def expand_path(pattern: str, project: Path, aspect: str) -> Path:
    """Expand {aspect} and {name} in a path of a script."""
    return Path(pattern.replace("{aspect}", aspect.replace(":", "x")).replace("{name}", project.stem))


def refuse_shared(loaded: LoadedScript, mark: str, several: str) -> None:
    """Raise SettingsError if `several` films or exports would share a path because it lacks `mark`."""
    script = loaded.script
    outputs: list[tuple[KeyPath, str]] = [(("output",), script.output)] if script.output else []
    outputs += [(("export", at, "to"), one.to) for at, one in enumerate(script.export)]
    for way, place in outputs:
        if mark not in place:
            what = "films" if way == ("output",) else "exports"
            raise loaded.fault(f"the {what} of {several} would go to {place}", f"write {mark} in it", *way)


def corrections_of(loaded: LoadedScript) -> Transcript | None:
    """Return the transcript that a script names; None if it names none.

    Raises:
        SettingsError: The file is not a transcript.
    """
    with loaded.locate_errors("transcript"):
        return transcripts.read_transcript(Path(loaded.script.transcript)) if loaded.script.transcript else None


def _is_planned_with(library: Library, settings: Settings) -> bool:
    """Return whether the project was planned with these settings."""
    own, known = aspect_variants.base_revision(library), library.settings()
    if own is None or known is None:
        return False
    known = known.model_copy(update={"screen": own.screen or known.screen})
    return all(getattr(known, name) == getattr(settings, name) for name in PLAN_SETTINGS)


def _resolve_readonly(library: Library, edit: Plan) -> Plan:
    """Return an edit with the things that it names filled in, as far as nothing has to be stored."""
    if isinstance(edit, (AddSound, RemoveSounds, SetMusic)):
        check_recording(edit)
        return edit
    if not isinstance(edit, SetReferences):
        return resolve.resolve_edits(library, [edit])[0]
    for said in edit.who or ():
        if is_picture(said) and not Path(said).is_file():
            raise SettingsError(f"{said} cannot be read: there is no such file", "name a picture that is there")
    return edit.model_copy(update={"pictures": {said: said for said in edit.who or () if is_picture(said)}})
