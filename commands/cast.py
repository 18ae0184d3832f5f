"""The `cast` command: list who speaks a book, hear a voice, and choose voices. It films nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

from agents import output_files
from agents.comprehension import comprehension_of
from agents.corrections import SetVoice, grammar, replan
from agents.sound.speech import RECORDINGS
from agents.sound.speech_facts import choose_backends, find_facts
from agents.voices.cast_list import CastList, CastMember, list_cast, table_of
from agents.voices.voice_table import FILE_NAME, VoiceTable, read_voice_table, write_voice_table
from commands.output.tables import table
from commands.output.terminal import PrintConsole, print_fact, show_progress
from storage.errors import SettingsError
from storage.library import Library
from storage.settings import Settings
from tools.audio.files import write_wav
from tools.speak import SpeechBackend, Voice, load_speech_backend


def run(command: argparse.Namespace) -> int:
    """Choose voices, speak a line, save the table, or list. Return 0."""
    project, console = Path(command.project), PrintConsole()
    if command.voice:
        choices = [_choice(said) for said in command.voice]
        with show_progress(PrintConsole(stderr=True)) as say:
            outcome = replan.correct_project(project, choices, say=say)
        for said in outcome.summary:
            print_fact(console, "chosen", said, "bold green")
    name, cast, settings = _cast_of(project)
    if command.play:
        backend = load_speech_backend(name, **settings.options_of("speak", name))
        _play(cast, backend, command.play, command.output, by_balloon=name == RECORDINGS)
    elif command.save:
        _save(cast, settings)
    elif command.voices:
        _print_voices(cast)
    elif not command.voice:
        _print_cast(cast)
    return 0


def _cast_of(project: Path) -> tuple[str, CastList, Settings]:
    """Return what speaks a film, who speaks it, and its settings; the voices are those of the film's own backend."""
    with Library.open(project, readonly=True) as library:
        transcript, settings = library.require_transcript(), library.settings() or Settings()
        if not (names := choose_backends(settings, library)):
            raise SettingsError(
                "nobody speaks in this film",
                "install the extra voice (pip install -e '.[voice]'), or film it with --voice",
            )

        def voices_of(language: str) -> tuple[Voice, ...]:
            facts = find_facts(settings, library, names[0], [language], ask=True)
            return facts.voices.get(language, ()) if facts else ()

        cast = list_cast(
            transcript,
            voices_of,
            _table_of(settings),
            book_language=library.info().language,
            seen=comprehension_of(library, settings, transcript).voice_kinds(),
        )
    return names[0], cast, settings


def _table_of(settings: Settings) -> VoiceTable:
    return read_voice_table(Path(settings.cast)) if settings.cast else VoiceTable()


def _choice(said: str) -> SetVoice:
    """Parse NAME=VOICE[:PITCH[:RATE]]."""
    name, equals, rest = said.partition("=")
    voice, *numbers = rest.split(":")
    words = [f"{word} {number}" for word, number in zip(("pitch", "rate"), numbers, strict=False)]
    if not (equals and name.strip() and voice.strip()) or len(numbers) > 2:
        raise SettingsError(f"{said!r} chooses no voice", "write it as --voice mika=jf_alpha, or mika=jf_alpha:+2:1.1")
    line = " ".join(["voice", f'"{name.strip()}"', f'"{voice.strip()}"', *words])
    if voice.strip().lower() == grammar.ANY_VOICE:
        line = line.replace(f'"{voice.strip()}"', grammar.ANY_VOICE)
    correction = grammar.parse_line(line)
    assert isinstance(correction, SetVoice)
    return correction


def _print_cast(cast: CastList) -> None:
    rows = ((one.name, *_voice_columns(one), one.lines, one.sample.text if one.lines else "") for one in cast.members)
    PrintConsole().print_table(table("name voice pitch+ rate+ chosen_by lines+ a_line", rows))
    for name in cast.casting.unknown_voices:
        print(f"there is no voice {name}: another one speaks")


def _voice_columns(member: CastMember) -> tuple[str, str, str, str]:
    voice = member.voice
    if voice is None:
        return "none", "", "", ""
    return voice.name, f"{voice.pitch:+g}" if voice.pitch else "", f"{voice.rate:g}", voice.chosen_by


def _print_voices(cast: CastList) -> None:
    users: dict[str, list[str]] = {}
    for member in cast.members:
        if member.voice:
            users.setdefault(member.voice.name, []).append(member.name)
    rows = ((one.name, one.gender, one.age, ", ".join(users.get(one.name, []))) for one in cast.voices)
    PrintConsole().print_table(table("voice gender age speaks", rows))


def _play(cast: CastList, backend: SpeechBackend, name: str, output: Path | None, *, by_balloon: bool) -> None:
    """Write a line of a character as a WAV file; a recording is found by its balloon."""
    member = cast.find(name)
    if member is None:
        raise SettingsError(
            f"there is no character {name}", "the cast is " + ", ".join(one.name for one in cast.members)
        )
    if member.voice is None:
        raise SettingsError(f"no voice speaks {cast.language}", "film it with another --voice")
    path = output or Path(f"{Path(member.id).name}.wav")
    output_files.refuse_unwritable(path)
    voice, said = member.voice, member.sample
    source = f"{voice.name}/{member.balloon}" if by_balloon else voice.name
    speech = backend.speak(
        said.text, language=said.language, voice=source, rate=voice.rate, pitch=voice.pitch, emotion=said.emotion
    )
    write_wav(path, speech.samples)
    print_fact(
        PrintConsole(),
        "written",
        f"{path} ({member.name}, {voice.name}, {speech.seconds:.1f} s): {said.text}",
        "bold green",
    )


def _save(cast: CastList, settings: Settings) -> None:
    """Write the voices of this book beside the pictures of the cast, for the next book of the series."""
    if not settings.cast:
        raise SettingsError("this film has no folder of its cast", "film it with --cast DIR first")
    path = Path(settings.cast) / FILE_NAME
    output_files.refuse_unwritable(path)
    path.write_text(write_voice_table(table_of(cast, _table_of(settings))), encoding="utf-8")
    print_fact(PrintConsole(), "written", str(path), "bold green")
