"""What models.py has and the newest revision has not goes in, the draft of the next revision comes out."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from storage import migrations
from storage.database import migration_engine


def draft(message: str) -> None:
    """Write versions/NNNN_message.py with what must change."""
    with tempfile.TemporaryDirectory() as folder:
        engine = migration_engine(Path(folder) / "library.db")
        with engine.connect() as connection:
            migrations.upgrade(connection)
        with engine.connect() as connection:
            number = f"{int(migrations.head()) + 1:04d}" if migrations.known() else "0001"
            command.revision(migrations.config(connection), message, autogenerate=True, rev_id=number)


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]) or "change")
