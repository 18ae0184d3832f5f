"""Under which content key the planes of a page are kept that its artist drew apart; none for older projects."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("page", sa.Column("layers", sa.String(), nullable=False, server_default=""))
