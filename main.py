"""The only door: parse a command, run it, and say in two lines what the user can mend."""

from __future__ import annotations

import sys

from commands.arguments import parse
from storage.errors import KomadoriError


def main(words: list[str] | None = None) -> int:
    """Run one command. Returns 0 done, 2 the user can mend it, 3 the film is made but shots failed, 130 interrupted."""
    command = parse(words)
    try:
        return int(command.run(command))
    except KomadoriError as error:
        print(f"error: {error.what}\nhint: {error.hint}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has left (`| head`): nothing more to say
        return 0
    except KeyboardInterrupt:
        print("interrupted: the same command goes on from here", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
