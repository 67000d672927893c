"""Evaluations: drafts, and what was submitted, which no one changes or removes.

Revision 0012, after 0011. Made on 2026-11-25.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEYS = {
    "judgements": ("id = NEW.id", "evaluation_id = NEW.evaluation_id AND n = NEW.n"),
    "marks": ("judgement_id = NEW.judgement_id AND criterion_id = NEW.criterion_id",),
    "findings": ("id = NEW.id", "judgement_id = NEW.judgement_id AND key = NEW.key"),
}


def upgrade() -> None:
    op.create_table(
        "evaluations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ticket",
                "directed",
                "rescore",
                name="evaluation_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "amended",
                name="evaluation_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column(
            "tier",
            sa.Enum("office", "hq", name="evaluation_tier", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("rescore_of", sa.Uuid(), nullable=True),
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_s", sa.Double(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'rescore') = (rescore_of IS NOT NULL)", name=op.f("ck_evaluations_rescore_of_kind")
        ),
        sa.CheckConstraint(
            "(kind = 'ticket') = (ticket_id IS NOT NULL)", name=op.f("ck_evaluations_ticket_of_kind")
        ),
        sa.CheckConstraint("(kind = 'ticket') = (tier IS NOT NULL)", name=op.f("ck_evaluations_tier_of_kind")),
        sa.CheckConstraint(
            "(state = 'draft') = (submitted_at IS NULL)", name=op.f("ck_evaluations_submitted_of_state")
        ),
        sa.CheckConstraint(
            "counted_at IS NULL OR kind = 'ticket'", name=op.f("ck_evaluations_only_tickets_count")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR reviewer_id IS NOT NULL", name=op.f("ck_evaluations_reviewer_of_state")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_evaluations_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["rescore_of"], ["evaluations.id"], name=op.f("fk_evaluations_rescore_of_evaluations")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["accounts.id"], name=op.f("fk_evaluations_reviewer_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["scorecard_id"], ["scorecards.id"], name=op.f("fk_evaluations_scorecard_id_scorecards")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_evaluations_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
        sa.UniqueConstraint("rescore_of", name=op.f("uq_evaluations_rescore_of")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_evaluations_ticket_id")),
    )
    op.create_index("ix_evaluations_call_id", "evaluations", ["call_id"], unique=False)
    op.create_index(
        "ix_evaluations_office_code_submitted_at_id",
        "evaluations",
        ["office_code", "submitted_at", "id"],
        unique=False,
    )
    op.create_index("ix_evaluations_reviewer_id_state", "evaluations", ["reviewer_id", "state"], unique=False)
    op.create_index("ix_evaluations_submitted_at_id", "evaluations", ["submitted_at", "id"], unique=False)
    op.create_index(
        "uq_evaluations_directed_draft",
        "evaluations",
        ["call_id", "reviewer_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'directed' AND state = 'draft'"),
        postgresql_where=sa.text("kind = 'directed' AND state = 'draft'"),
    )
    op.create_table(
        "evaluation_drafts",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_evaluation_drafts_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_evaluation_drafts_evaluation_id_evaluations")
        ),
        sa.PrimaryKeyConstraint("evaluation_id", "account_id", name=op.f("pk_evaluation_drafts")),
    )
    op.create_table(
        "evaluation_texts_set_aside",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("window_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_evaluation_texts_set_aside_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["evaluations.id"],
            name=op.f("fk_evaluation_texts_set_aside_evaluation_id_evaluations"),
        ),
        sa.PrimaryKeyConstraint(
            "evaluation_id", "account_id", "window_id", name=op.f("pk_evaluation_texts_set_aside")
        ),
    )
    op.create_table(
        "judgements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column(
            "grade",
            sa.Enum(
                "excellent",
                "good",
                "pass",
                "fail",
                name="grade",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("critical_failed", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("(n = 1) = (reason = '')", name=op.f("ck_judgements_reason_of_amendment")),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_judgements_author_id_accounts")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_judgements_evaluation_id_evaluations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgements")),
        sa.UniqueConstraint("evaluation_id", "n", name=op.f("uq_judgements_evaluation_id_n")),
    )
    op.create_table(
        "findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("judgement_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "remark",
                "breach",
                "good",
                name="finding_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "category",
            sa.Enum(
                "manner",
                "words",
                "wrong_answer",
                "incomplete",
                "referral",
                "discipline",
                "other",
                name="finding_category",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("clause_id", sa.Uuid(), nullable=True),
        sa.Column("criterion_id", sa.Uuid(), nullable=True),
        sa.Column("by_rule", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clause_id"], ["regulation_clauses.id"], name=op.f("fk_findings_clause_id_regulation_clauses")
        ),
        sa.ForeignKeyConstraint(["criterion_id"], ["criteria.id"], name=op.f("fk_findings_criterion_id_criteria")),
        sa.ForeignKeyConstraint(
            ["judgement_id"], ["judgements.id"], name=op.f("fk_findings_judgement_id_judgements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("judgement_id", "key", name=op.f("uq_findings_judgement_id_key")),
    )
    op.create_table(
        "marks",
        sa.Column("judgement_id", sa.Uuid(), nullable=False),
        sa.Column("criterion_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("critical_failed", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["criterion_id"], ["criteria.id"], name=op.f("fk_marks_criterion_id_criteria")),
        sa.ForeignKeyConstraint(
            ["judgement_id"], ["judgements.id"], name=op.f("fk_marks_judgement_id_judgements")
        ),
        sa.PrimaryKeyConstraint("judgement_id", "criterion_id", name=op.f("pk_marks")),
    )

    for table in KEYS:
        for statement in sqlite(table) if op.get_bind().dialect.name == "sqlite" else postgres(table):
            op.execute(statement)


def sqlite(table: str) -> tuple[str, ...]:
    there = " OR ".join(f"({key})" for key in KEYS[table])
    refuse = "BEGIN SELECT RAISE(ABORT, 'what was submitted is never changed'); END"
    is_there = f"EXISTS (SELECT 1 FROM {table} WHERE {there})"  # noqa: S608 - names of ours
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {is_there} {refuse}",
    )


def postgres(table: str) -> tuple[str, ...]:
    return (
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'what was submitted is never changed'; END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    )


def downgrade() -> None:
    raise NotImplementedError("what was submitted is never taken back")
