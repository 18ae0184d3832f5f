"""The nouns of a film."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "artifact",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_artifact")),
    )
    op.create_table(
        "character",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("appearances", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_character")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_table(
        "failure",
        sa.Column("shot", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shot", "stage", name=op.f("pk_failure")),
    )
    op.create_table(
        "made",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("tool", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_made")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_table(
        "page_reading",
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("image", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("doubts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_page_reading")),
    )
    op.create_table(
        "revision",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["revision.number"], name=op.f("fk_revision_parent_revision")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_revision")),
    )
    op.create_table(
        "shot",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_shot")),
    )
    op.create_table(
        "transcript",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order", sa.String(), nullable=False),
        sa.Column("backend", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_transcript_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcript")),
    )
    op.create_table(
        "cut",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("film", sa.String(), nullable=True),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["film"], ["artifact.sha256"], name=op.f("fk_cut_film_artifact")),
        sa.ForeignKeyConstraint(["revision"], ["revision.number"], name=op.f("fk_cut_revision_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cut")),
    )
    op.create_table(
        "made_artifact",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("artifact", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["artifact"], ["artifact.sha256"], name=op.f("fk_made_artifact_artifact_artifact")),
        sa.ForeignKeyConstraint(["key"], ["made.key"], name=op.f("fk_made_artifact_key_made")),
        sa.PrimaryKeyConstraint("key", "role", name=op.f("pk_made_artifact")),
    )
    op.create_table(
        "page",
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("artifact", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["artifact"], ["artifact.sha256"], name=op.f("fk_page_artifact_artifact")),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_page")),
    )
    op.create_table(
        "panel",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("box", sa.JSON(), nullable=False),
        sa.Column("polygon", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["page"], ["page_reading.index"], name=op.f("fk_panel_page_page_reading")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel")),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("info", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("head", sa.Integer(), nullable=True),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_project_single")),
        sa.ForeignKeyConstraint(["head"], ["revision.number"], name=op.f("fk_project_head_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
    )
    op.create_table(
        "revision_shot",
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("shot", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["revision"], ["revision.number"], name=op.f("fk_revision_shot_revision_revision")),
        sa.ForeignKeyConstraint(["shot"], ["shot.digest"], name=op.f("fk_revision_shot_shot_shot")),
        sa.PrimaryKeyConstraint("revision", "ordinal", name=op.f("pk_revision_shot")),
    )
    op.create_table(
        "take",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shot", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("artifact", sa.String(), nullable=False),
        sa.Column("backend", sa.String(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["artifact"], ["artifact.sha256"], name=op.f("fk_take_artifact_artifact")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_take")),
        sa.UniqueConstraint("shot", "key", name=op.f("uq_take_shot_key")),
        sa.UniqueConstraint("shot", "number", name=op.f("uq_take_shot_number")),
    )
    op.create_table(
        "appearance",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("box", sa.JSON(), nullable=False),
        sa.Column("character", sa.String(), nullable=True),
        sa.Column("panel", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["character"], ["character.id"], name=op.f("fk_appearance_character_character")),
        sa.ForeignKeyConstraint(["page"], ["page_reading.index"], name=op.f("fk_appearance_page_page_reading")),
        sa.ForeignKeyConstraint(["panel"], ["panel.id"], name=op.f("fk_appearance_panel_panel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appearance")),
    )
    op.create_table(
        "balloon",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("box", sa.JSON(), nullable=False),
        sa.Column("panel", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("vertical", sa.Boolean(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("speaker", sa.String(), nullable=True),
        sa.Column("outline", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["page"], ["page_reading.index"], name=op.f("fk_balloon_page_page_reading")),
        sa.ForeignKeyConstraint(["panel"], ["panel.id"], name=op.f("fk_balloon_panel_panel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_balloon")),
    )
    op.create_table(
        "cut_take",
        sa.Column("cut", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("take", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cut"], ["cut.id"], name=op.f("fk_cut_take_cut_cut")),
        sa.ForeignKeyConstraint(["take"], ["take.id"], name=op.f("fk_cut_take_take_take")),
        sa.PrimaryKeyConstraint("cut", "position", name=op.f("pk_cut_take")),
    )
    op.create_table(
        "verdict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("take", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["take"], ["take.id"], name=op.f("fk_verdict_take_take")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
    )
