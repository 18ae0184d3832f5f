"""What each plan was made from, and the edits that a rebase lost; both are unknown for older revisions."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    # SQLite adds a column with its reference only in its own words
    op.execute(
        "ALTER TABLE revision ADD COLUMN inputs VARCHAR "
        "CONSTRAINT fk_revision_inputs_artifact REFERENCES artifact (sha256)"
    )
    op.add_column("revision", sa.Column("lost", sa.JSON(), nullable=False, server_default="[]"))
