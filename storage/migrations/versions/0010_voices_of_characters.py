"""What a person said of the voices of characters and of the narrator."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("character", sa.Column("voice", sa.JSON(), nullable=True))
    op.add_column("transcript", sa.Column("narrator", sa.JSON(), nullable=True))
    op.add_column("correction", sa.Column("voices", sa.JSON(), nullable=False, server_default="{}"))
