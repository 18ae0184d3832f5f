"""What a person corrected of the reading, state by state."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("order", sa.String(), nullable=True),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("merged", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["correction.number"], name=op.f("fk_correction_parent_correction")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_correction")),
    )
    op.create_table(
        "corrected_page",
        sa.Column("correction", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("reading", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction"], ["correction.number"], name=op.f("fk_corrected_page_correction_correction")
        ),
        sa.ForeignKeyConstraint(["reading"], ["artifact.sha256"], name=op.f("fk_corrected_page_reading_artifact")),
        sa.PrimaryKeyConstraint("correction", "page", name=op.f("pk_corrected_page")),
    )
    # SQLite adds a column with its reference only in its own words
    op.execute(
        "ALTER TABLE project ADD COLUMN corrected INTEGER "
        "CONSTRAINT fk_project_corrected_correction REFERENCES correction (number)"
    )
