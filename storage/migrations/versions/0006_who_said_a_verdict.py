"""Who said a verdict: the measures, or the critic."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("verdict", sa.Column("author", sa.String(), nullable=False, server_default="measures"))
