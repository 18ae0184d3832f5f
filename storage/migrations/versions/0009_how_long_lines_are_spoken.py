"""How long a voice takes to say each line."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("balloon", sa.Column("spoken_seconds", sa.Float(), nullable=False, server_default="0"))
