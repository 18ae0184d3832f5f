"""Where a balloon's tail ends, and the picture that shows a character best."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("balloon", sa.Column("tail", sa.JSON(), nullable=True))
    op.add_column("character", sa.Column("reference", sa.String(), nullable=False, server_default=""))
