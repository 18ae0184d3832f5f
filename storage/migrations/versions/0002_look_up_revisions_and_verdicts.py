"""Look up revisions by key and verdicts by take."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("ix_revision_key", "revision", ["key"])
    op.create_index("ix_verdict_take", "verdict", ["take"])
