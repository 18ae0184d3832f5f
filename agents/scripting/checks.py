"""Check a script before anything is made, and work out the settings and paths that it asks for."""

from __future__ import annotations

from pathlib import Path

from agents import output_files, preflight, project_path, run, settings_update
from agents.corrections import replan, transcript_overlay
from agents.editing import Plan, Reading, SetAspect, SetReferences, resolve
from agents.editing.apply import apply_edit
from agents.editing.references import is_picture
from agents.run import RunOptions
from agents.scripting import aspect_variants, script_edits, transcripts
from agents.scripting.scripts import LoadedScript, Script
from agents.scripting.toml_positions import Way
from storage.domain import Transcript
from storage.errors import SettingsError
from storage.library import Library
from storage.project import is_project
from storage.settings import Settings
from storage.video_format import screen_of
from tools.characters import reference_images
from tools.ingest import books

PLANNED_BY = ("screen", "order", "pages", "director", "model", "style", "cast", "magi")
"""Settings that a plan is another for."""


def check_script(loaded: LoadedScript) -> None:
    """Refuse what can be told to go wrong before anything is made. Raises KomadoriError."""
    script = loaded.script
    if not script.source:
        raise SettingsError(f"{loaded.files[0]} names no source", 'write: source = "chapter.cbz"')
    source, settings = Path(script.source), settings_of(loaded)
    with loaded.blaming("source"):
        pages = books.open_book(source).pages
    with loaded.blaming("pages"):
        chosen = books.choose_pages(pages, settings.pages)
    with loaded.blaming("cast"):
        if settings.cast:
            reference_images.check_pictures(Path(settings.cast))
    with loaded.blaming("profile"):
        preflight.refuse_settings(settings)
    with loaded.blaming("director"):
        run.check_run(settings, RunOptions())
    if len(script.aspects) > 1:
        refuse_shared(loaded, "{aspect}", f"{len(script.aspects)} aspects")
    for aspect in script.aspects:
        with loaded.blaming("output"):
            output_files.film_path(output_of(loaded, project_of(script), aspect))
    given = corrections_of(loaded)
    with loaded.blaming("transcript"):
        if given is not None:
            transcript_overlay.check_transcript(given, (page.name for page in chosen))
    for at, edit in loaded.lines():
        with loaded.blaming("edits", at):
            if isinstance(edit, SetAspect):
                raise SettingsError("a script frames for all its aspects", f'write: aspects = ["{edit.aspect}"]')
            preflight.refuse_edits(settings, [edit])


def foresee(loaded: LoadedScript) -> bool:
    """Refuse edits that cannot be done on the plan that stands; whether all of them could be tried.

    They could not where nothing is planned yet, or the script has it planned anew. Raises SettingsError.
    """
    project = project_of(loaded.script)
    if not is_project(project):
        return False
    with Library.open(project, readonly=True) as library:
        transcript, board = library.transcript(), script_edits.director_revision(library)
        if transcript is None or board is None or not _stands(library, settings_of(loaded)):
            return False
        done = script_edits.scripted_fixes(library)
        for at, edit in loaded.lines():
            with loaded.blaming("edits", at):
                if not isinstance(edit, Reading):
                    board = apply_edit(board, _looked_up(library, edit))
                elif edit.model_dump(mode="json") not in done:
                    replan.apply_with_proposals(library, transcript, edit)
                    return False
    return True


def settings_of(loaded: LoadedScript) -> Settings:
    """The settings that a script asks for, over those that it is laid over. SettingsError that names the line."""
    script, settings = loaded.script, loaded.base
    head = {
        name: value
        for name in ("profile", "pages", "order", "director", "model", "cast", "style")
        if (value := getattr(script, name)) is not None
    }
    if "profile" in head:
        with loaded.blaming("profile"):
            settings = settings_update.update_setting(settings, "profile", head.pop("profile"))
    for name in sorted(script.settings, key=lambda name: name != "profile"):
        with loaded.blaming("settings", name):
            settings = settings_update.update_setting(settings, name, script.settings[name])
    for name, value in head.items():
        with loaded.blaming(name):
            settings = settings_update.update_setting(settings, name, value)
    if script.budget is not None:
        settings = settings.model_copy(update={"max_cost": script.budget})
    screen = settings.screen.model_copy(update={"fps": script.fps or settings.screen.fps})
    if script.height:
        wide, tall = (int(side) for side in script.aspects[0].split(":"))
        short = script.height if wide >= tall else round(script.height * wide / tall)
        screen = screen.model_copy(update={"width": short, "height": short})
    with loaded.blaming("aspects"):
        for aspect in script.aspects:
            screen_of(aspect, screen)
    return settings.model_copy(update={"screen": screen_of(script.aspects[0], screen)})


def project_of(script: Script) -> Path:
    """The project's folder: as said, or beside where the user stands, under the source's name.

    Raises ProjectError where that name belongs to another book.
    """
    if script.project:
        return Path(script.project)
    return project_path.project_for(Path(script.source), cure='say another folder for this book: project = "..."')


def output_of(loaded: LoadedScript, project: Path, aspect: str) -> Path:
    """Where the film of an aspect goes."""
    pattern = loaded.script.output or str(project / "films" / "{name}-{aspect}.mp4")
    return expand_path(pattern, project, aspect)


def expand_path(pattern: str, project: Path, aspect: str) -> Path:
    """A place in a script, as it is meant for one project and one aspect."""
    return Path(pattern.replace("{aspect}", aspect.replace(":", "x")).replace("{name}", project.stem))


def refuse_shared(loaded: LoadedScript, mark: str, several: str) -> None:
    """Raise SettingsError where `several` films, or what is taken from them, would go to one place without `mark`."""
    script = loaded.script
    said: list[tuple[Way, str]] = [(("output",), script.output)] if script.output else []
    said += [(("export", at, "to"), one.to) for at, one in enumerate(script.export)]
    for way, place in said:
        if mark not in place:
            what = "films" if way == ("output",) else "exports"
            raise loaded.fault(f"the {what} of {several} would go to {place}", f"write {mark} in it", *way)


def corrections_of(loaded: LoadedScript) -> Transcript | None:
    """The transcript that a script names. SettingsError where it is none."""
    with loaded.blaming("transcript"):
        return transcripts.read_transcript(Path(loaded.script.transcript)) if loaded.script.transcript else None


def _stands(library: Library, settings: Settings) -> bool:
    """Whether the project is planned as these settings would have it planned."""
    own, known = aspect_variants.base_revision(library), library.settings()
    if own is None or known is None:
        return False
    known = known.model_copy(update={"screen": own.screen or known.screen})
    return all(getattr(known, name) == getattr(settings, name) for name in PLANNED_BY)


def _looked_up(library: Library, edit: Plan) -> Plan:
    """The edit with what it names put in, as far as that writes nothing."""
    if not isinstance(edit, SetReferences):
        return resolve.resolve_edits(library, [edit])[0]
    for said in edit.who or ():
        if is_picture(said) and not Path(said).is_file():
            raise SettingsError(f"{said} cannot be read: there is no such file", "name a picture that is there")
    return edit.model_copy(update={"pictures": {said: said for said in edit.who or () if is_picture(said)}})
