"""Generate the next migration from the difference between models.py and the newest revision."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import Script

from storage import migrations
from storage.database import migration_engine


def draft_revision(message: str, folder: Path = migrations.VERSIONS) -> Path:
    """Write the necessary changes to NNNN_message.py in `folder`, and return its path."""
    with tempfile.TemporaryDirectory() as scratch:
        engine = migration_engine(Path(scratch) / "library.db")
        with engine.connect() as connection:
            migrations.upgrade(connection)
        with engine.connect() as connection:
            config = migrations.alembic_config(connection)
            config.set_main_option("path_separator", "os")
            config.set_main_option("version_locations", os.pathsep.join({str(migrations.VERSIONS), str(folder)}))
            number = f"{int(migrations.newest_revision()) + 1:04d}"
            written = command.revision(config, message, autogenerate=True, rev_id=number, version_path=str(folder))
        engine.dispose()
    assert isinstance(written, Script)
    return Path(written.path)


if __name__ == "__main__":
    draft_revision(" ".join(sys.argv[1:]) or "change")
