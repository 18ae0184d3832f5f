"""Help texts printed below the options of a command. This module holds text only and imports nothing."""

WAYS = """
ways to use it:
  main.py animate CHAPTER           make a film of a folder, a .cbz, a .pdf, ...
  main.py read CHAPTER --json T     write what was read to T, correct it by hand
                                    and film it: animate CHAPTER --transcript T
  main.py chat PROJECT              revise the film; see also undo, show, export
  main.py run SCRIPT.toml           describe a project and its films in one file
"""

ANIMATE = """
A project keeps its settings: options that you leave out keep their last value.
If a run is stopped (Ctrl-C, a full disk, a power cut), the same command
continues it.
Set KOMADORI_HANDS=4 in the environment to use 4 processes at once (default: one
per processor, at most 8).

exit status: 0 the film is made; 2 an error that you can correct (two lines say
what is wrong and how to correct it); 3 the film is made, but the shots that it
names failed; 130 interrupted
"""

FIX = """
Each FIX is one line in quotes. Pages, panels and balloons are counted from 1,
as `read --html` and `fix PROJECT --html` show them; x and y are page pixels.
  page 3 swap panels 2 4                    swap them in the reading order
  page 3 move panel 5 to 2                  make it the second panel of the page
  page 3 merge panels 2 3                   make one panel of them
  page 3 split panel 2 at y 640             or at x; in pixels, or: half
  page 3 delete panel 6
  page 3 add panel 20,20,380,200 as 1       left,top,right,bottom; without `as`
                                            it is placed in reading order
  page 3 add balloon 10,20,110,220 "Hello!" or: ...220 thought "Hello!"
  page 3 delete balloon 5
  page 3 move balloon 5 to panel 2
  page 3 text 5 "Who is there?"
  page 3 kind 5 thought                     speech thought caption sound other
  page 3 speaker 5 mika                     or: nobody
  page 3 accept 5                           use the text that a model proposes;
                                            also: accept all, page 3 accept all
  rename mika "Mika Sato"
  merge kid into mika                       these two are the same character
  voice mika jf_alpha pitch +2              choose a voice (also: rate 1.1), or auto;
                                            the narrator has one too
  mika sounds female young                  what voice to look for (also: male,
                                            child, adult, old)
  undo, redo, list                          one fix per step; give these alone
A command makes all its fixes or, if one is refused, none. Only the shots that
they touch become stale.
"""

CHAT = """
These lines need no language model and cost nothing. Separate them by ";".
  shot 7 slower              much slower, faster; or: shot 7 seconds 5
  shot 7 longer by 1         a second longer; or: shorter by 0.5
  page 2 pace fast           very slow, slow, fast, very fast, 1.5
  shot 7 on upper left       whole, center, left, top, lower right ...; or on
                             panel 1, balloon 2, mika, box 10%,20%,40%,50%
  shot 7 closer              wider, much closer; or: shot 7 zoom 1.5
  shot 7 push in             hold, pull out, pan left, tilt down ...
  shot 7 dissolve            how the shot begins: dissolve or cut
  shots 3-6 drop             leave them out; restore puts them back
  shot 7 split at 2.5        shots 3-4 merge, shots 3 and 5 swap, shot 7 after 9
  shot 7 drop balloon 2      give no time to read it; undo it: read balloon 2
  shot 4 lock                nothing changes this shot any more; unlock ends it
  shot 7 take 1              film it as take 1 was filmed; seed next or seed 5:
                             film it again with another seed
  shot 7 clean lettering     remove frame, slivers, lettering or nothing
  shot 7 ground blur         around the panel: page, auto, tone, blur, paper
  shot 7 prompt "her hair moves"                  what moves, if a model draws
  shot 7 animate still       the backend; also: outpaint extend; default: the
                             film's own
  shot 7 outpaint prompt "the street goes on"     what a model paints around it
  shot 7 animate without "rain"                   or: outpaint without "letters"
  shot 7 refs mika, s003     what a model keeps alike: characters, shots or
                             pictures such as "mika.png"; or none, default
  shot 7 generated 0.3       the share that a model may draw; or 30%, default
  shot 7 lettering drawn     the letters are there from the start; timed: they
                             come up when they are read; pop: and their balloon
                             swells for a moment
  shot 7 effect rain         moves without a model: boil, sway, breathe, water,
                             smoke, rain, snow, petals, speed-lines, flicker;
                             on mika, on upper left, on box 10%,20%,40%,50%; or
                             rain 80%
  shot 7 effect parallax on mika   the ground moves behind a figure with the
                             camera; background-pan: it runs past; or name the
                             figure by a box around it
  shot 7 impact at 1.2       the camera jolts there; no effects removes all
  shot 7 color "her scarf is red"   an editor colours what is grey, after the
                             shot's references; color on, none, default
  shot 7 redraw "close her eyes"   an image editor changes the drawing; on mika,
                             on upper left, on box ...; no redraw: as drawn
  shot 7 end "she lowers her arm"   an editor draws its end, and a model moves
                             to it; end panel 8: as that panel of its page;
                             pose "..." at 0.5; no poses
  shot 7 mouth on mika       an editor draws her mouth and her closed eyes, and
                             she speaks and blinks; mouth: all who speak in it;
                             no mouth: as drawn
  shot 7 voice louder        voice, effects, ambience, music or, without one of
                             them, all: quieter, much louder, louder by 3
  page 2 music -6            its level in decibels, 0 is the usual; volume: all
  shot 7 mute music          not heard in these shots; mute: nothing is; unmute
  shot 7 sound thunder       is heard: hit, door, rain ... or "door.wav"; and
                             at 1.5, with balloon 2, for 2 s, -6 dB; sound none
                             or sound thunder none takes it off again
  shot 7 place rain          what is heard behind everything from there on:
                             room, street, crowd, nature, night, sea, rain,
                             wind, machine; none: as before
  shot 7 music tense         from there on: calm, cheerful, sad, tense, action,
                             mystery, romance, "theme.ogg"; none: silence;
                             auto: as before
  shot 7 lines on            draw the artist's lines over generated frames; off
  film style calm            or brisk, still; film aspect 9:16
  undo, undo 2, redo         these cover all changes
Everyday words work too, in English and Japanese, and the commonest in Chinese,
Korean, French, German and Spanish; a misspelt word is forgiven: make it all a
bit slower, please; skip page 2; put shot 3 before shot 2; zoom in on mika in
shot 3; no music on page 2; add thunder to shot 4; ショット3を削除して. The
answer repeats the change in the forms above.
Questions: what is shot 4? why? how long is the film? show me shot 4.
What may mean several edits, or none, is not done: you get the nearest edits
with numbers, and say 1 or 2, also in a later command. "again" repeats the last
change; "never mind" takes back what your last message changed, or drops the
proposals.
shots: shot 7, shots 3-6, page 3, all close-ups, all shots of mika, film

Without a MESSAGE a conversation starts, with the list of shots beside it. Tab
completes a line and the arrow keys bring back earlier ones; type help, shots,
shot 7, film or bye. Ctrl-C stops the filming, not the conversation. When shots
were filmed again, a picture shows them before and after.
The lines of `fix` correct what was read, here too. If KOMADORI_MODEL is set,
you can write in your own words. The model asks if a message is unclear, and
nothing is dropped on a guess.
"""

SCRIPT = """
All keys of a script; only source is required. Paths are relative to the script;
a path that begins with a $variable is used as you give it.
  source = "$book"                    a variable: [vars], or --var book=...
  project = "chapter.komadori"
  include = ["house.toml"]            this script overrides its values
  aspects = ["16:9", "9:16", "1:1"]   one plan, framed again for each aspect
  output = "out/{name}-{aspect}.mp4"
  height = 1080                       fps, pages, order, director, model,
  budget = 0.50                       profile, cast, transcript, cards; a table
                                      [settings] max_retakes, best_of, critic
                                      and all others of storage/settings.py
  style = "calm"                      or a style sheet, "style.toml"
  learn = ["mika"]                    characters of whom a LoRA is trained
  edits = [                           lines as in chat and fix
    "shot 7 slower",
    "all close-ups of mika pace 1.2",
    'page 3 text 5 "Who is there?"',
  ]
  [[export]]
  what = ["srt", "json", "stills"]    also: film, poster, segments, stems, maps
  to = "out/{name}/{aspect}"
A second run makes only what is missing. If you change the edits, they are
applied again; shots that you changed or locked by hand stay as they are.
--watch runs the script again when it or a file that it names changes, until
Ctrl-C. --chapters DIR makes every book in a folder, --jobs of them at a time,
and prints a table at the end; use {name} in all paths of films and exports. The
exit status is 3 if some chapters failed and 2 if all did. --check also tries
the edits if the project is already planned.
"""

GC = """\
Kept is all that is needed to film the storyboard as it is, as the last 50 steps
of undo and redo find it, and as it was last framed for every other aspect;
locked shots, chosen takes and the takes in the film; and everything that was
read, understood or given by you. After it, the same film is made without making
anything again. Takes that nothing needs stay listed, and are filmed again where
they are chosen.
"""
