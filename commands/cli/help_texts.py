"""Help texts printed below the options of a command. This module holds text only and imports nothing."""

WAYS = """
ways to use it:
  main.py animate CHAPTER           a folder, a .cbz or a .pdf becomes a film
  main.py read CHAPTER --json T     correct what was read, by hand, and film it:
                                    main.py animate CHAPTER --transcript T
  main.py chat PROJECT              revise it by talking; undo, show, export
  main.py run SCRIPT.toml           a whole project as a file, and all its films
"""

ANIMATE = """
A project keeps its settings: what a later command leaves out stays as it was.
Stopped half-way (Ctrl-C, a full disk, no power), the same command goes on.
KOMADORI_HANDS=4 in the environment lets it use 4 processes at once (else one a
processor, at most 8).

exit status: 0 the film is made; 2 something you can mend (two lines say what
and how); 3 the film is made, but the shots it names failed; 130 interrupted
"""

FIX = """
each FIX is a line in quotes; pages, panels and balloons are counted from 1, as
`read --html` and `fix PROJECT --html` show them; x and y are pixels of the page
  page 3 swap panels 2 4                    in the reading order
  page 3 move panel 5 to 2                  read it as the second of its page
  page 3 merge panels 2 3                   make them one
  page 3 split panel 2 at y 640             or at x; a number of pixels, or half
  page 3 delete panel 6
  page 3 add panel 20,20,380,200 as 1       left,top,right,bottom; without `as`
                                            it comes where a reader comes to it
  page 3 add balloon 10,20,110,220 "Hello!" or: ...220 thought "Hello!"
  page 3 delete balloon 5
  page 3 move balloon 5 to panel 2
  page 3 text 5 "Who is there?"
  page 3 kind 5 thought                     speech thought caption sound other
  page 3 speaker 5 mika                     or nobody
  page 3 accept 5                           the text that a model proposes for it;
                                            accept all, page 3 accept all
  rename mika "Mika Sato"
  merge kid into mika                       two characters are one
  undo, redo, list                          each fix is one step; these stand alone
All fixes of a command are done, or none. Only shots that they touch go stale.
"""

CHAT = """
a line of this language needs no model, and costs nothing; several between ;
  shot 7 slower              much slower, faster; or: shot 7 seconds 5
  page 2 pace fast           very slow, slow, fast, very fast, 1.5
  shot 7 on upper left       whole, center, left, top, lower right ...; or on
                             panel 1, balloon 2, mika, box 10%,20%,40%,50%
  shot 7 closer              wider, much closer; or: shot 7 zoom 1.5
  shot 7 push in             hold, pull out, pan left, tilt down ...
  shot 7 dissolve            cut
  shots 3-6 drop             restore takes them in again
  shot 7 split at 2.5        shots 3-4 merge, shots 3 and 5 swap, shot 7 after 9
  shot 7 drop balloon 2      wait no longer for it; read balloon 2 takes it back
  shot 4 lock                nobody touches it any more; unlock
  shot 7 take 1              as it was filmed then; seed next, or seed 5, films
                             it again
  shot 7 clean lettering     frame, slivers, lettering, nothing
  shot 7 ground blur         auto, tone, blur, paper; prompt "her hair moves"
  shot 7 animate still       outpaint extend; or default, the film's own
  shot 7 outpaint prompt "the street goes on"     what a model paints around it
  shot 7 animate without "rain"                   outpaint without "letters"
  shot 7 refs mika, s003     who and what a model keeps alike, or: "mika.png",
                             none, default
  shot 7 generated 0.3       how much a model may draw; 30%, default
  shot 7 lines on            the artist's lines over drawn frames; off
  film style calm            brisk, still; film aspect 9:16
  undo, undo 2, redo         over all of it; help in the conversation
It is understood as you would type it, too: make shot 7 a bit slower, please;
delete 3 and 4; shot seven 5 s. The answer says in the language what was done.
shots: shot 7, shots 3-6, page 3, all close-ups, all shots of mika, film
Without a MESSAGE it is a conversation with the shots beside it: Tab completes,
the arrows bring back what was said; help, shots, shot 7, film, bye. Ctrl-C
stops the filming. What was filmed anew is shown in a picture, before and after.
What was read is mended by the lines of `fix`, here too. With KOMADORI_MODEL
set, say it in your own words; it asks when it is unclear, and nothing is
dropped on a guess.
"""

SCRIPT = """
a script in full; only the source must be said. Paths are relative to the
script; one that begins with a $variable is as you give it
  source = "$book"                    a variable: [vars], or --var book=...
  project = "chapter.komadori"
  include = ["house.toml"]            what it says is overruled here
  aspects = ["16:9", "9:16", "1:1"]   one plan, framed anew for each
  output = "out/{name}-{aspect}.mp4"
  height = 1080                       fps, pages, order, director, model,
  budget = 0.50                       profile, cast, transcript; and in a table
                                      [settings] max_retakes, best_of, critic
                                      and all of storage/settings.py
  style = "calm"                      or a style sheet, "style.toml"
  edits = [                           the lines of chat and of fix
    "shot 7 slower",
    "all close-ups of mika pace 1.2",
    'page 3 text 5 "Who is there?"',
  ]
  [[export]]
  what = ["srt", "json", "stills"]    film, segments, maps
  to = "out/{name}/{aspect}"
Run again, it makes nothing that stands. Change its edits, and they are done
anew; a shot that you changed or locked by hand stays as you have it. --watch
makes it again when the script changes, or a file that it names, until Ctrl-C.
--chapters DIR makes every book of a folder so, --jobs of them at a time, and
ends in a table; write {name} wherever films and exports go. Exit status 3 where
some of them failed, 2 where all did. --check tries the edits too, where the
project is planned already.
"""
