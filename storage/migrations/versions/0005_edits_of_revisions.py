"""What was asked for to make a revision, and the screen that its cameras are framed for."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("revision", sa.Column("edits", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("revision", sa.Column("screen", sa.JSON(), nullable=True))
