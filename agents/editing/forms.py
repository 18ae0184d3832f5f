"""The forms of the grammar of edits: for each an example of the line that asks for it, and what it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from storage.effects import EffectKind
from storage.sound import AmbienceKind, Mood, SoundKind

EFFECTS: tuple[str, ...] = tuple(kind for kind in get_args(EffectKind) if kind != "impact")
DEFAULT_WORD = "default"
"""The word for the project's own backend, limit or references."""


@dataclass(frozen=True)
class EditForm:
    """One form of the grammar: an edit, and an example of the line that asks for it, with its description."""

    do: str
    """The `do` of the edit."""
    example: str
    about: str


FORMS = (
    EditForm("seconds", "shot 7 seconds 5", "how long it lasts"),
    EditForm("pace", "shot 7 slower", "slower, faster, much slower, much faster"),
    EditForm("pace", "page 2 pace fast", "very slow, slow, fast, very fast, or so many times as long"),
    EditForm("longer", "shot 7 longer by 1", "so many seconds longer; or: shorter by 0.5"),
    EditForm("frame", "shot 7 on upper left", "where the camera rests: whole, center, left, top, lower right ..."),
    EditForm("frame", "shot 7 on balloon 2", "on a balloon of the shot"),
    EditForm("frame", "shot 7 on panel 1", "on a panel of the shot"),
    EditForm("frame", "shot 7 on box 10%,20%,40%,50%", "left,top,right,bottom in pixels or % of the page"),
    EditForm("frame", "shot 7 on mika", "on somebody the reader has seen"),
    EditForm("zoom", "shot 7 closer", "closer, wider, much closer, much wider"),
    EditForm("zoom", "shot 7 zoom 1.5", "so many times as near"),
    EditForm("move", "shot 7 push in", "hold, push in, pull out, pan left/right, tilt up/down"),
    EditForm("transition", "shot 7 dissolve", "how it begins: cut or dissolve"),
    EditForm("clean", "shot 7 clean frame lettering", "what is cleaned off: frame, slivers, lettering, nothing"),
    EditForm("ground", "shot 7 ground blur", "what surrounds the panel: page, auto, tone, blur, paper"),
    EditForm("backend", "shot 7 animate still", f"who extends or animates it (see: show backends), or {DEFAULT_WORD}"),
    EditForm("prompt", 'shot 7 prompt "her hair moves"', "what moves, where a model draws it"),
    EditForm("painted", 'shot 7 outpaint prompt "the street goes on"',
             "what a model paints beyond the panel, where that is not what moves"),
    EditForm("without", 'shot 7 animate without "rain"', "what must not be seen in what it paints or moves"),
    EditForm("seed", "shot 7 seed next", "film it again with another seed"),
    EditForm("generated", "shot 7 generated 0.3",
             f"how much of its picture a model may draw: 0 to 1, 30%, or {DEFAULT_WORD}"),
    EditForm("lettering", "shot 7 lettering drawn", "timed: letters come up when they are read"),
    EditForm("lettering", "shot 7 lettering pop", "they come up, and their balloons swell for a moment"),
    EditForm("effect", "shot 7 effect rain", f"moves without a model: {', '.join(EFFECTS)}"),
    EditForm("effect", "shot 7 effect boil on box 10%,20%,40%,50%", "there only; or: on mika, on upper left"),
    EditForm("effect", "shot 7 effect snow 80%", "how much of it, or how far it moves: 0 to 1, or 80%; else 50%"),
    EditForm("effect", "shot 7 effect parallax on box 20%,30%,60%,90%",
             "the ground moves behind the figure in the box; also: background-pan; on mika"),
    EditForm("effect", "shot 7 impact at 1.2", "something hits at that second: the camera jolts"),
    EditForm("no effects", "shot 7 no effects", "takes all effects off it"),
    EditForm("color", 'shot 7 color "her scarf is red"', "an image editor colours what is grey; the tones stay"),
    EditForm("color", "shot 7 color on", f"as its references are coloured; none: grey; {DEFAULT_WORD}: as the film"),
    EditForm("redraw", 'shot 7 redraw "close her eyes"', "an image editor changes the drawing; or: on mika, on box"),
    EditForm("redraw", 'shot 7 redraw "close them" on "the eyes"', "there only, where a model finds the words"),
    EditForm("redraw", "shot 7 no redraw", "as it was drawn"),
    EditForm("pose", 'shot 7 end "she lowers her arm"', "an image editor draws its end, and a model moves to it"),
    EditForm("pose", "shot 7 end panel 8", "it ends as that panel of its page, where both show one movement"),
    EditForm("pose", 'shot 7 pose "her arm is half down" at 0.5', "what it comes to at that second; or: pose panel 8"),
    EditForm("no poses", "shot 7 no poses", "it comes to nothing any more"),
    EditForm("mouth", "shot 7 mouth on mika", "an editor draws her mouth open and her eyes closed, and she speaks"),
    EditForm("mouth", "shot 7 mouth", "the same for all who speak in it"),
    EditForm("mouth", "shot 7 no mouth", "faces stay as they were drawn"),
    EditForm("louder", "shot 7 voice louder", "voice, effects, ambience, music or all; quieter, much louder"),
    EditForm("louder", "shot 7 quieter by 6", "so many decibels"),
    EditForm("level", "shot 7 music -6", "how much louder than usual, in decibels; 0 is the usual; volume: all of it"),
    EditForm("mute", "shot 7 mute music", "not heard in these shots: voice, effects, ambience, music, or all"),
    EditForm("unmute", "shot 7 unmute", "heard again; or: unmute music"),
    EditForm("sound", "shot 7 sound thunder", f"is heard: {', '.join(get_args(SoundKind))}"),
    EditForm("sound", "shot 7 sound knock at 1.5 for 2 s -6 dB", "when, for how long, how loud; or: with balloon 2"),
    EditForm("sound", 'shot 7 sound "door.wav"', "from a file"),
    EditForm("no sounds", "shot 7 sound thunder none", "takes it off it; or: sound none, for all of them"),
    EditForm("place", "shot 7 place rain",
             f"what is heard behind all from there on: {', '.join(get_args(AmbienceKind))}; none: as before"),
    EditForm("music", "shot 7 music tense",
             f"from there on: {', '.join(get_args(Mood))}, a file, none for silence, auto: as before"),
    EditForm("music", 'page 2 music "theme.ogg"', "from a file"),
    EditForm("lines", "shot 7 lines on", "on: the artist's lines lie over frames that a model drew"),
    EditForm("refs", "shot 7 refs mika, s003, mika.png",
             f"who and what a model keeps alike: characters, shots, pictures; none, or {DEFAULT_WORD}"),
    EditForm("lock", "shot 4 lock", "nothing changes it any more"),
    EditForm("unlock", "shot 4 unlock", "it may be changed again"),
    EditForm("drop", "shots 3-6 drop", "leave it out of the film"),
    EditForm("restore", "shot 5 restore", "take it in again"),
    EditForm("drop line", "shot 7 drop balloon 2", "give no time to read it"),
    EditForm("read line", "shot 7 read balloon 2", "have it read in this shot"),
    EditForm("split", "shot 7 split at 2.5", "cut it in two"),
    EditForm("merge shots", "shots 3-4 merge", "make neighbours one shot"),
    EditForm("move shot", "shot 7 after 9", "show it there"),
    EditForm("swap shots", "shots 3 and 5 swap", "exchange their places"),
    EditForm("take", "shot 7 take 1", "film it as that take was filmed (see: takes)"),
    EditForm("style", "film style calm", "calm, brisk or still"),
    EditForm("aspect", "film aspect 9:16", "frame the whole film for another screen"),
)  # fmt: skip
