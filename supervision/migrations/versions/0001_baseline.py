"""The whole schema, and the first regulation and scorecard. Made by scripts/baseline.py.

Revision 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from supervision.migrations.first_norms import insert_first_norms

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


TRIGGERS = {
    "sqlite": [
        "CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END",
        "CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries BEGIN SELECT RAISE(ABORT, 'audit entries are never removed'); END",
        "CREATE TRIGGER audit_entries_no_replace BEFORE INSERT ON audit_entries WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + 1 FROM audit_entries) OR EXISTS (SELECT 1 FROM audit_entries WHERE hash = NEW.hash) BEGIN SELECT RAISE(ABORT, 'audit entries are never replaced, only added at the end'); END",
        "CREATE TRIGGER audit_checkpoints_no_update BEFORE UPDATE ON audit_checkpoints BEGIN SELECT RAISE(ABORT, 'audit_checkpoints are never changed'); END",
        "CREATE TRIGGER audit_checkpoints_no_delete BEFORE DELETE ON audit_checkpoints BEGIN SELECT RAISE(ABORT, 'audit_checkpoints are never removed'); END",
        "CREATE TRIGGER audit_checkpoints_no_replace BEFORE INSERT ON audit_checkpoints WHEN EXISTS (SELECT 1 FROM audit_checkpoints WHERE number = NEW.number) BEGIN SELECT RAISE(ABORT, 'audit_checkpoints are never replaced'); END",
        "CREATE TRIGGER office_audit_entries_no_update BEFORE UPDATE ON office_audit_entries BEGIN SELECT RAISE(ABORT, 'office_audit_entries are never changed'); END",
        "CREATE TRIGGER office_audit_entries_no_delete BEFORE DELETE ON office_audit_entries BEGIN SELECT RAISE(ABORT, 'office_audit_entries are never removed'); END",
        "CREATE TRIGGER office_audit_entries_no_replace BEFORE INSERT ON office_audit_entries WHEN EXISTS (SELECT 1 FROM office_audit_entries WHERE node_code = NEW.node_code AND epoch = NEW.epoch AND n = NEW.n) BEGIN SELECT RAISE(ABORT, 'office_audit_entries are never replaced'); END",
        "CREATE TRIGGER judgements_no_update BEFORE UPDATE ON judgements BEGIN SELECT RAISE(ABORT, 'what was submitted is never changed'); END",
        "CREATE TRIGGER judgements_no_delete BEFORE DELETE ON judgements BEGIN SELECT RAISE(ABORT, 'what was submitted is never changed'); END",
        "CREATE TRIGGER judgements_no_replace BEFORE INSERT ON judgements WHEN EXISTS (SELECT 1 FROM judgements WHERE (id = NEW.id) OR (evaluation_id = NEW.evaluation_id AND n = NEW.n)) BEGIN SELECT RAISE(ABORT, 'what was submitted is never changed'); END",
        "CREATE TRIGGER marks_no_update BEFORE UPDATE ON marks BEGIN SELECT RAISE(ABORT, 'what was submitted is never changed'); END",
        "CREATE TRIGGER marks_no_delete BEFORE DELETE ON marks BEGIN SELECT RAISE(ABORT, 'what was submitted is never changed'); END",
        "CREATE TRIGGER marks_no_replace BEFORE INSERT ON marks WHEN EXISTS (SELECT 1 FROM marks WHERE (judgement_id = NEW.judgement_id AND criterion_id = NEW.criterion_id)) BEGIN SELECT RAISE(ABORT, 'what was submitted is never changed'); END",
        "CREATE TRIGGER findings_no_update BEFORE UPDATE ON findings BEGIN SELECT RAISE(ABORT, 'what was submitted is never changed'); END",
        "CREATE TRIGGER findings_no_delete BEFORE DELETE ON findings BEGIN SELECT RAISE(ABORT, 'what was submitted is never changed'); END",
        "CREATE TRIGGER findings_no_replace BEFORE INSERT ON findings WHEN EXISTS (SELECT 1 FROM findings WHERE (id = NEW.id) OR (judgement_id = NEW.judgement_id AND key = NEW.key)) BEGIN SELECT RAISE(ABORT, 'what was submitted is never changed'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit entries are never changed or removed'; END $$",
        "CREATE TRIGGER audit_entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse()",
        "CREATE FUNCTION audit_checkpoints_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit_checkpoints are never changed or removed'; END $$",
        "CREATE TRIGGER audit_checkpoints_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION audit_checkpoints_refuse()",
        "CREATE FUNCTION office_audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'office_audit_entries are never changed or removed'; END $$",
        "CREATE TRIGGER office_audit_entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON office_audit_entries FOR EACH STATEMENT EXECUTE FUNCTION office_audit_entries_refuse()",
        "CREATE FUNCTION judgements_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'what was submitted is never changed'; END $$",
        "CREATE TRIGGER judgements_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON judgements FOR EACH STATEMENT EXECUTE FUNCTION judgements_refuse()",
        "CREATE FUNCTION marks_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'what was submitted is never changed'; END $$",
        "CREATE TRIGGER marks_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON marks FOR EACH STATEMENT EXECUTE FUNCTION marks_refuse()",
        "CREATE FUNCTION findings_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'what was submitted is never changed'; END $$",
        "CREATE TRIGGER findings_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON findings FOR EACH STATEMENT EXECUTE FUNCTION findings_refuse()",
    ],
}


def upgrade() -> None:
    create_accounts()
    create_acknowledged_calls()
    create_audit_checkpoints()
    create_audit_entries()
    create_audit_head_keepers()
    create_backups()
    create_deletion_orders()
    create_discipline_record_copies()
    create_document_counters()
    create_draws()
    create_early_sign_looks()
    create_evaluation_copies()
    create_finding_positions()
    create_inboxes()
    create_judgement_notice_positions()
    create_log_positions()
    create_machines()
    create_mails()
    create_office_audit_entries()
    create_offices()
    create_outbox_entries()
    create_outbox_heads()
    create_people_copies()
    create_rectification_copies()
    create_refused_facts()
    create_roster_copies()
    create_switch_records()
    create_assessment_months()
    create_assessment_weights()
    create_caller_requests()
    create_complaint_zero_months()
    create_complaints()
    create_confirmed_years()
    create_deletions()
    create_desks()
    create_draw_entries()
    create_draw_norms()
    create_early_signs()
    create_entered_days()
    create_handovers()
    create_leader_deputies()
    create_leaves()
    create_line_ways()
    create_lines()
    create_office_hours()
    create_password_resets()
    create_reconciler()
    create_rectifications()
    create_regulations()
    create_reminders()
    create_retention_terms()
    create_rosters()
    create_scorecards()
    create_sign_ins()
    create_calls()
    create_complaint_steps()
    create_criteria()
    create_deletion_agreements()
    create_desk_assignments()
    create_rectification_replies()
    create_regulation_clauses()
    create_regulation_confirmations()
    create_regulation_consequences()
    create_request_letters()
    create_roster_shifts()
    create_answered_calls()
    create_assessment_entries()
    create_call_events()
    create_complaint_calls()
    create_criterion_clauses()
    create_deletion_items()
    create_discipline_records()
    create_holds()
    create_incidents()
    create_recordings()
    create_rectification_attachments()
    create_request_calls()
    create_roster_posts()
    create_segments()
    create_tickets()
    create_evaluations()
    create_listenings()
    create_office_copies()
    create_parts()
    create_evaluation_drafts()
    create_evaluation_texts_set_aside()
    create_judgements()
    create_treatments()
    create_appeals()
    create_discipline_grounds()
    create_findings()
    create_judgement_notices()
    create_marks()
    create_rectification_findings()
    create_triggers()
    insert_first_norms()


def create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "officer",
                "office_leader",
                "supervisor",
                "supervision_head",
                "bureau_leader",
                "system_administrator",
                "security_administrator",
                "auditor",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "administered_as",
            sa.Enum(
                "officer",
                "office_leader",
                "supervisor",
                "supervision_head",
                "bureau_leader",
                "system_administrator",
                "security_administrator",
                "auditor",
                name="administered_as",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("office_code", sa.String(length=8), nullable=True),
        sa.Column("password_hash", sa.String(length=256), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("guarded", sa.Boolean(), nullable=False),
        sa.Column("established_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("barred_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(role IN ('officer', 'office_leader')) = (office_code IS NOT NULL)",
            name=op.f("ck_accounts_office_of_role"),
        ),
        sa.CheckConstraint(
            "role NOT IN ('system_administrator', 'security_administrator', 'auditor') OR (administered_as IS NOT NULL AND administered_as = role)",
            name=op.f("ck_accounts_separate_duties"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
    )
    op.create_index(op.f("ix_accounts_office_code"), "accounts", ["office_code"], unique=False)


def create_acknowledged_calls() -> None:
    op.create_table(
        "acknowledged_calls",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column(
            "tier",
            sa.Enum("office", "hq", name="tier", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("listed_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("renewed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "tier", name=op.f("pk_acknowledged_calls")),
    )
    op.create_index("ix_acknowledged_calls_epoch_n", "acknowledged_calls", ["epoch", "n"], unique=False)
    op.create_index(
        "ix_acknowledged_calls_listed_by",
        "acknowledged_calls",
        ["listed_by"],
        unique=False,
        sqlite_where=sa.text("listed_at IS NULL"),
        postgresql_where=sa.text("listed_at IS NULL"),
    )


def create_audit_checkpoints() -> None:
    op.create_table(
        "audit_checkpoints",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(length=8000), nullable=False),
        sa.Column("signature", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_checkpoints")),
    )


def create_audit_entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=True),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_entries_hash")),
    )
    op.create_index(op.f("ix_audit_entries_act"), "audit_entries", ["act"], unique=False)
    op.create_index(op.f("ix_audit_entries_actor_id"), "audit_entries", ["actor_id"], unique=False)
    op.create_index(op.f("ix_audit_entries_at"), "audit_entries", ["at"], unique=False)
    op.create_index(op.f("ix_audit_entries_subject"), "audit_entries", ["subject"], unique=False)


def create_audit_head_keepers() -> None:
    op.create_table(
        "audit_head_keepers",
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("office_code", name=op.f("pk_audit_head_keepers")),
    )


def create_backups() -> None:
    op.create_table(
        "backups",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("objects", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sent_bytes", sa.BigInteger(), nullable=False),
        sa.Column("wal_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rehearsed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=300), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_backups")),
    )


def create_deletion_orders() -> None:
    op.create_table(
        "deletion_orders",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("deletion_id", sa.Uuid(), nullable=False),
        sa.Column(
            "cause", sa.Enum("age", "request", name="deletion_cause", native_enum=False, length=32), nullable=False
        ),
        sa.Column("agreed_by", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("pcm_sha256", sa.String(length=64), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_deletion_orders")),
    )
    op.create_index("ix_deletion_orders_done_at", "deletion_orders", ["done_at"], unique=False)


def create_discipline_record_copies() -> None:
    op.create_table(
        "discipline_record_copies",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "withdrawn",
                "declined",
                "notified",
                "confirmed",
                "appealed",
                "maintained",
                "revoked",
                name="record_copy_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("received", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_discipline_record_copies")),
    )
    op.create_index(
        "ix_discipline_record_copies_person_id_state",
        "discipline_record_copies",
        ["person_id", "state"],
        unique=False,
    )


def create_document_counters() -> None:
    op.create_table(
        "document_counters",
        sa.Column(
            "kind",
            sa.Enum(
                "certificate",
                "rectification",
                "discipline",
                "commendation",
                "appeal",
                "assessment",
                name="document_kind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last >= 1", name=op.f("ck_document_counters_from_one")),
        sa.PrimaryKeyConstraint("kind", "year", name=op.f("pk_document_counters")),
    )


def create_draws() -> None:
    op.create_table(
        "draws",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column(
            "tier",
            sa.Enum("office", "hq", name="tier", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("supplement", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "closed",
                "frozen",
                "agreed",
                "revealed",
                "whole",
                "drawn",
                "empty",
                name="draw_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("rate", sa.String(length=16), nullable=False),
        sa.Column("secret", sa.String(length=16), nullable=False),
        sa.Column("office_commitment", sa.String(length=64), nullable=True),
        sa.Column("hq_commitment", sa.String(length=64), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_epoch", sa.Uuid(), nullable=True),
        sa.Column("closed_n", sa.BigInteger(), nullable=True),
        sa.Column("closed_early", sa.Boolean(), nullable=False),
        sa.Column("said", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frozen_root", sa.String(length=64), nullable=True),
        sa.Column("by_silence", sa.Boolean(), nullable=False),
        sa.Column("seats", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("moved", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_epoch", sa.Uuid(), nullable=True),
        sa.Column("answered_n", sa.BigInteger(), nullable=True),
        sa.Column("office_root", sa.String(length=64), nullable=True),
        sa.Column("added", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("differences", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("root", sa.String(length=64), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=True),
        sa.Column("office_ask", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("hq_ask", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("office_dice", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("hq_dice", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("dice", sa.String(length=64), nullable=False),
        sa.Column("office_share", sa.String(length=64), nullable=True),
        sa.Column("hq_share", sa.String(length=64), nullable=True),
        sa.Column("office_revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hq_revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revealed_for", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("whole_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "reviewer",
            sa.Enum("office", "hq", name="party", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seed", sa.String(length=64), nullable=True),
        sa.Column("none_by_office", sa.String(length=128), nullable=False),
        sa.Column("none_by_hq", sa.String(length=128), nullable=False),
        sa.Column("node_state", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'drawn') = (drawn_at IS NOT NULL)", name=op.f("ck_draws_drawn")),
        sa.CheckConstraint(
            "state <> 'drawn' OR (office_share IS NOT NULL AND hq_share IS NOT NULL)", name=op.f("ck_draws_shares")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draws")),
        sa.UniqueConstraint("name", name=op.f("uq_draws_name")),
        sa.UniqueConstraint(
            "tier", "office_code", "period", "supplement", name=op.f("uq_draws_tier_office_code_period_supplement")
        ),
    )
    op.create_index("ix_draws_ends_at_id", "draws", ["ends_at", "id"], unique=False)
    op.create_index("ix_draws_office_code_ends_at", "draws", ["office_code", "ends_at"], unique=False)


def create_early_sign_looks() -> None:
    op.create_table(
        "early_sign_looks",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("week", name=op.f("pk_early_sign_looks")),
    )


def create_evaluation_copies() -> None:
    op.create_table(
        "evaluation_copies",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
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
        sa.Column("counts", sa.Boolean(), nullable=True),
        sa.Column("received", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("evaluation_id", name=op.f("pk_evaluation_copies")),
    )
    op.create_index(op.f("ix_evaluation_copies_call_id"), "evaluation_copies", ["call_id"], unique=False)
    op.create_index(op.f("ix_evaluation_copies_submitted_at"), "evaluation_copies", ["submitted_at"], unique=False)


def create_finding_positions() -> None:
    op.create_table(
        "finding_positions",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_positions")),
    )


def create_inboxes() -> None:
    op.create_table(
        "inboxes",
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("gap_n", sa.BigInteger(), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("away_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clock_off_ms", sa.BigInteger(), nullable=False),
        sa.Column("stamps", sa.Boolean(), nullable=False),
        sa.Column("last_sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("office_code", "epoch", name=op.f("pk_inboxes")),
    )


def create_judgement_notice_positions() -> None:
    op.create_table(
        "judgement_notice_positions",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement_notice_positions")),
    )


def create_log_positions() -> None:
    op.create_table(
        "log_positions",
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("office_code", "kind", name=op.f("pk_log_positions")),
    )


def create_machines() -> None:
    op.create_table(
        "machines",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("volumes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("waiting_parts", sa.Integer(), nullable=False),
        sa.Column("waiting_bytes", sa.BigInteger(), nullable=False),
        sa.Column("oldest_unsent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("backup", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_machines")),
    )


def create_mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.String(length=4000), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    op.create_index(
        "ix_mails_waiting",
        "mails",
        ["next_try_at"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.create_index("uq_mails_about_recipient", "mails", ["about", "recipient"], unique=True)


def create_office_audit_entries() -> None:
    op.create_table(
        "office_audit_entries",
        sa.Column("node_code", sa.String(length=8), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=True),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("node_code", "epoch", "n", name=op.f("pk_office_audit_entries")),
    )


def create_offices() -> None:
    op.create_table(
        "offices",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_offices")),
    )


def create_outbox_entries() -> None:
    op.create_table(
        "outbox_entries",
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "office",
                "call",
                "recording",
                "incident",
                "switch_record",
                "draw_closed",
                "draw_answered",
                "draw_revealed",
                "audit",
                "machine",
                name="fact_kind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("body", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("epoch", "n", name=op.f("pk_outbox_entries")),
    )
    op.create_index(op.f("ix_outbox_entries_at"), "outbox_entries", ["at"], unique=False)


def create_outbox_heads() -> None:
    op.create_table(
        "outbox_heads",
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("last_n", sa.BigInteger(), nullable=False),
        sa.Column("received_n", sa.BigInteger(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("office_code", name=op.f("pk_outbox_heads")),
    )


def create_people_copies() -> None:
    op.create_table(
        "people_copies",
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("etag", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("office_code", name=op.f("pk_people_copies")),
    )


def create_rectification_copies() -> None:
    op.create_table(
        "rectification_copies",
        sa.Column("rectification_id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "returned",
                "reopened",
                "answered",
                "verified",
                "closed",
                "withdrawn",
                name="rectification_copy_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("addressee_id", sa.Uuid(), nullable=True),
        sa.Column("received", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("rectification_id", name=op.f("pk_rectification_copies")),
    )
    op.create_index(op.f("ix_rectification_copies_issued_at"), "rectification_copies", ["issued_at"], unique=False)


def create_refused_facts() -> None:
    op.create_table(
        "refused_facts",
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("fact_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("office_code", "epoch", "n", name=op.f("pk_refused_facts")),
    )


def create_roster_copies() -> None:
    op.create_table(
        "roster_copies",
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("etag", sa.String(length=64), nullable=False),
        sa.Column("received", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("copied_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("office_code", name=op.f("pk_roster_copies")),
    )


def create_switch_records() -> None:
    op.create_table(
        "switch_records",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("linkedid", sa.String(length=64), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("line_answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mixmonitor_started", sa.Boolean(), nullable=False),
        sa.Column("muted_ms", sa.Integer(), nullable=False),
        sa.Column(
            "disposition",
            sa.Enum(
                "answered",
                "missed",
                "abandoned",
                "busy",
                "declined",
                "after_hours",
                "voicemail",
                name="disposition",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("answered_desk", sa.String(length=16), nullable=True),
        sa.Column(
            "hung_up_by",
            sa.Enum(
                "caller", "officer", "system", name="party", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("rings_least", sa.Integer(), nullable=True),
        sa.Column("rings_most", sa.Integer(), nullable=True),
        sa.Column("caller_packets", sa.BigInteger(), nullable=True),
        sa.Column("desk_packets", sa.BigInteger(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "cel", "cdr", name="switch_record_source", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_switch_records")),
    )
    op.create_index(
        "ix_switch_records_office_code_offered_at", "switch_records", ["office_code", "offered_at"], unique=False
    )


def create_assessment_months() -> None:
    op.create_table(
        "assessment_months",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("weights", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("weights_n", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["accounts.id"], name=op.f("fk_assessment_months_closed_by_accounts")
        ),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_assessment_months")),
    )


def create_assessment_weights() -> None:
    op.create_table(
        "assessment_weights",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("rings", sa.Integer(), nullable=False),
        sa.Column("quotas", sa.Integer(), nullable=False),
        sa.Column("rectifications", sa.Integer(), nullable=False),
        sa.Column("finding", sa.Integer(), nullable=False),
        sa.Column("complaint", sa.Integer(), nullable=False),
        sa.Column("least_calls", sa.Integer(), nullable=False),
        sa.Column("least_evaluated", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["accounts.id"], name=op.f("fk_assessment_weights_decided_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_weights")),
        sa.UniqueConstraint("n", name=op.f("uq_assessment_weights_n")),
    )


def create_caller_requests() -> None:
    op.create_table(
        "caller_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "kind", sa.Enum("see", "delete", name="request_kind", native_enum=False, length=32), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "registered",
                "identified",
                "granted",
                "done",
                "refused",
                "withdrawn",
                name="request_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("visit", "letter", "phone", "hotline", "online", name="channel", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("caller_name", sa.String(length=64), nullable=False),
        sa.Column("caller_number", sa.String(length=64), nullable=False),
        sa.Column("wish", sa.String(length=1000), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "identity",
            sa.Enum(
                "id_card",
                "call_back",
                "power_of_attorney",
                "other",
                name="identity_check",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("identity_note", sa.String(length=500), nullable=False),
        sa.Column("identified_by", sa.Uuid(), nullable=True),
        sa.Column("identified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=1000), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('registered', 'identified', 'withdrawn') OR decided_by IS NOT NULL",
            name=op.f("ck_caller_requests_decided"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('identified', 'granted', 'done') OR identity IS NOT NULL",
            name=op.f("ck_caller_requests_identified"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["accounts.id"], name=op.f("fk_caller_requests_decided_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["identified_by"], ["accounts.id"], name=op.f("fk_caller_requests_identified_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["registered_by"], ["accounts.id"], name=op.f("fk_caller_requests_registered_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caller_requests")),
        sa.UniqueConstraint("year", "n", name=op.f("uq_caller_requests_year_n")),
    )
    op.create_index(
        "ix_caller_requests_registered_at_id", "caller_requests", ["registered_at", "id"], unique=False
    )
    op.create_index("ix_caller_requests_state_due_on", "caller_requests", ["state", "due_on"], unique=False)


def create_complaint_zero_months() -> None:
    op.create_table(
        "complaint_zero_months",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("attested_by", sa.Uuid(), nullable=False),
        sa.Column("attested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["attested_by"], ["accounts.id"], name=op.f("fk_complaint_zero_months_attested_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_zero_months")),
    )
    op.create_index(op.f("ix_complaint_zero_months_month"), "complaint_zero_months", ["month"], unique=False)
    op.create_index(
        "uq_complaint_zero_months_standing",
        "complaint_zero_months",
        ["month"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )


def create_complaints() -> None:
    op.create_table(
        "complaints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "manner", "quality", "unreachable", "other", name="complaint_kind", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "visit",
                "letter",
                "phone",
                "hotline",
                "online",
                "superior",
                name="channel",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "registered",
                "handling",
                "proposed",
                "decided",
                "closed",
                "withdrawn",
                name="complaint_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("caller_name", sa.String(length=64), nullable=False),
        sa.Column("caller_number", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("called_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("counted_from", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handler_id", sa.Uuid(), nullable=True),
        sa.Column(
            "proposal",
            sa.Enum(
                "upheld",
                "not_upheld",
                name="complaint_proposal",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column(
            "verdict",
            sa.Enum(
                "upheld",
                "not_upheld",
                name="complaint_verdict",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("discipline_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('decided', 'closed')) = (verdict IS NOT NULL)", name=op.f("ck_complaints_verdict_of_state")
        ),
        sa.CheckConstraint(
            "state <> 'proposed' OR proposal IS NOT NULL", name=op.f("ck_complaints_proposal_of_state")
        ),
        sa.CheckConstraint(
            "(verdict IS NULL) = (decided_at IS NULL)", name=op.f("ck_complaints_decided_at_of_verdict")
        ),
        sa.CheckConstraint(
            "(verdict IS NULL) = (decided_by IS NULL)", name=op.f("ck_complaints_decided_by_of_verdict")
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> handler_id", name=op.f("ck_complaints_two_people")
        ),
        sa.CheckConstraint(
            "discipline_id IS NULL OR person_id IS NOT NULL", name=op.f("ck_complaints_person_of_discipline")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_complaints_decided_by_accounts")),
        sa.ForeignKeyConstraint(["handler_id"], ["accounts.id"], name=op.f("fk_complaints_handler_id_accounts")),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.id"], name=op.f("fk_complaints_person_id_accounts")),
        sa.ForeignKeyConstraint(
            ["registered_by"], ["accounts.id"], name=op.f("fk_complaints_registered_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaints")),
        sa.UniqueConstraint("year", "n", name=op.f("uq_complaints_year_n")),
    )
    op.create_index("ix_complaints_decided_at", "complaints", ["decided_at"], unique=False)
    op.create_index(op.f("ix_complaints_handler_id"), "complaints", ["handler_id"], unique=False)
    op.create_index(op.f("ix_complaints_office_code"), "complaints", ["office_code"], unique=False)
    op.create_index(op.f("ix_complaints_person_id"), "complaints", ["person_id"], unique=False)
    op.create_index("ix_complaints_received_on", "complaints", ["received_on"], unique=False)
    op.create_index("ix_complaints_registered_at_id", "complaints", ["registered_at", "id"], unique=False)
    op.create_index("ix_complaints_state_due_on", "complaints", ["state", "due_on"], unique=False)


def create_confirmed_years() -> None:
    op.create_table(
        "confirmed_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["accounts.id"], name=op.f("fk_confirmed_years_confirmed_by_accounts")
        ),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_confirmed_years")),
    )


def create_deletions() -> None:
    op.create_table(
        "deletions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "cause", sa.Enum("age", "request", name="deletion_cause", native_enum=False, length=32), nullable=False
        ),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=False),
        sa.Column("term_days", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "agreed_once",
                "agreed",
                "done",
                "declined",
                name="deletion_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_by", sa.Uuid(), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'declined') = (declined_by IS NOT NULL)", name=op.f("ck_deletions_declined")),
        sa.CheckConstraint(
            "state NOT IN ('agreed', 'done') OR ready_at IS NOT NULL", name=op.f("ck_deletions_ready")
        ),
        sa.ForeignKeyConstraint(["declined_by"], ["accounts.id"], name=op.f("fk_deletions_declined_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletions")),
    )
    op.create_index("ix_deletions_proposed_at_id", "deletions", ["proposed_at", "id"], unique=False)
    op.create_index("ix_deletions_state", "deletions", ["state"], unique=False)


def create_desks() -> None:
    op.create_table(
        "desks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("extension", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("leader", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["office_code"], ["offices.code"], name=op.f("fk_desks_office_code_offices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desks")),
        sa.UniqueConstraint("office_code", "extension", name=op.f("uq_desks_office_code_extension")),
    )


def create_draw_entries() -> None:
    op.create_table(
        "draw_entries",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column("audio", sa.String(length=64), nullable=False),
        sa.Column("added", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_draw_entries_draw_id_draws")),
        sa.PrimaryKeyConstraint("draw_id", "call_id", name=op.f("pk_draw_entries")),
    )
    op.create_index(op.f("ix_draw_entries_call_id"), "draw_entries", ["call_id"], unique=False)


def create_draw_norms() -> None:
    op.create_table(
        "draw_norms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "tier",
            sa.Enum("office", "hq", name="tier", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "percent <= 100 AND ((tier = 'office' AND percent >= 20) OR (tier = 'hq' AND percent >= 10))",
            name=op.f("ck_draw_norms_floor"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_draw_norms_decided_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_norms")),
    )


def create_early_signs() -> None:
    op.create_table(
        "early_signs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
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
                name="category",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("window_calls", sa.Integer(), nullable=False),
        sa.Column("window_found", sa.Integer(), nullable=False),
        sa.Column("before_calls", sa.Integer(), nullable=False),
        sa.Column("before_found", sa.Integer(), nullable=False),
        sa.Column("spread", sa.Double(), nullable=False),
        sa.Column("chance", sa.Double(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "measure",
                "done",
                "dismissed",
                name="sign_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (decided_by IS NULL)", name=op.f("ck_early_signs_decided_of_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('measure', 'done') OR owner_id IS NOT NULL", name=op.f("ck_early_signs_owner_of_state")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_early_signs_decided_by_accounts")),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("fk_early_signs_owner_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_early_signs")),
        sa.UniqueConstraint(
            "office_code", "category", "week", name=op.f("uq_early_signs_office_code_category_week")
        ),
    )
    op.create_index("ix_early_signs_marked_at_id", "early_signs", ["marked_at", "id"], unique=False)


def create_entered_days() -> None:
    op.create_table(
        "entered_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entered_by"], ["accounts.id"], name=op.f("fk_entered_days_entered_by_accounts")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_entered_days")),
    )


def create_handovers() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("measure", "notice", "complaint", name="held_kind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum("left", "ill", "moved", "other", name="handover_reason", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_handovers_two_people")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_handovers_by_accounts")),
        sa.ForeignKeyConstraint(["from_id"], ["accounts.id"], name=op.f("fk_handovers_from_id_accounts")),
        sa.ForeignKeyConstraint(["to_id"], ["accounts.id"], name=op.f("fk_handovers_to_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_index("ix_handovers_from_id_at", "handovers", ["from_id", "at"], unique=False)


def create_leader_deputies() -> None:
    op.create_table(
        "leader_deputies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=False),
        sa.Column("deputy_id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("first <= last", name=op.f("ck_leader_deputies_first_to_last")),
        sa.CheckConstraint("leader_id <> deputy_id", name=op.f("ck_leader_deputies_two_people")),
        sa.ForeignKeyConstraint(
            ["deputy_id"], ["accounts.id"], name=op.f("fk_leader_deputies_deputy_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["accounts.id"], name=op.f("fk_leader_deputies_entered_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["accounts.id"], name=op.f("fk_leader_deputies_leader_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["office_code"], ["offices.code"], name=op.f("fk_leader_deputies_office_code_offices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leader_deputies")),
    )
    op.create_index(op.f("ix_leader_deputies_office_code"), "leader_deputies", ["office_code"], unique=False)


def create_leaves() -> None:
    op.create_table(
        "leaves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("first <= last", name=op.f("ck_leaves_first_to_last")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_leaves_account_id_accounts")),
        sa.ForeignKeyConstraint(["entered_by"], ["accounts.id"], name=op.f("fk_leaves_entered_by_accounts")),
        sa.ForeignKeyConstraint(["office_code"], ["offices.code"], name=op.f("fk_leaves_office_code_offices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaves")),
    )
    op.create_index(op.f("ix_leaves_account_id"), "leaves", ["account_id"], unique=False)
    op.create_index(op.f("ix_leaves_office_code"), "leaves", ["office_code"], unique=False)


def create_line_ways() -> None:
    op.create_table(
        "line_ways",
        sa.Column("line_key", sa.String(length=32), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column(
            "ring_order",
            sa.Enum(
                "in_order",
                "longest_idle",
                "all",
                name="ring_order",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "overflow",
            sa.Enum(
                "announcement",
                "voicemail",
                "other_office",
                "hotline_12366",
                name="overflow_way",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("overflow_office", sa.String(length=8), nullable=False),
        sa.Column(
            "closed",
            sa.Enum(
                "announcement",
                "voicemail",
                "other_office",
                "hotline_12366",
                name="closed_way",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["office_code"], ["offices.code"], name=op.f("fk_line_ways_office_code_offices")),
        sa.PrimaryKeyConstraint("line_key", name=op.f("pk_line_ways")),
    )
    op.create_index(op.f("ix_line_ways_office_code"), "line_ways", ["office_code"], unique=False)


def create_lines() -> None:
    op.create_table(
        "lines",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("rings_before_us", sa.Integer(), nullable=False),
        sa.Column("ring_s", sa.Double(), nullable=False),
        sa.Column("announcement", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["office_code"], ["offices.code"], name=op.f("fk_lines_office_code_offices")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_lines")),
    )
    op.create_index(
        "uq_lines_active_number",
        "lines",
        ["office_code", "number"],
        unique=True,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )


def create_office_hours() -> None:
    op.create_table(
        "office_hours",
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("morning_starts", sa.Time(), nullable=False),
        sa.Column("morning_ends", sa.Time(), nullable=False),
        sa.Column("afternoon_starts", sa.Time(), nullable=True),
        sa.Column("afternoon_ends", sa.Time(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(afternoon_starts IS NULL) = (afternoon_ends IS NULL)", name=op.f("ck_office_hours_afternoon_whole")
        ),
        sa.CheckConstraint(
            "afternoon_starts IS NULL OR (morning_ends <= afternoon_starts AND afternoon_starts < afternoon_ends)",
            name=op.f("ck_office_hours_afternoon"),
        ),
        sa.CheckConstraint("morning_starts < morning_ends", name=op.f("ck_office_hours_morning")),
        sa.ForeignKeyConstraint(
            ["office_code"], ["offices.code"], name=op.f("fk_office_hours_office_code_offices")
        ),
        sa.PrimaryKeyConstraint("office_code", name=op.f("pk_office_hours")),
    )


def create_password_resets() -> None:
    op.create_table(
        "password_resets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "grants",
            sa.Enum(
                "officer",
                "office_leader",
                "supervisor",
                "supervision_head",
                "bureau_leader",
                "system_administrator",
                "security_administrator",
                "auditor",
                name="grants",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_by", sa.Uuid(), nullable=True),
        sa.Column("refusal", sa.String(length=200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(agreed_by IS NULL) = (agreed_at IS NULL)", name=op.f("ck_password_resets_agreed_when")
        ),
        sa.CheckConstraint("agreed_by <> asked_by", name=op.f("ck_password_resets_two_people")),
        sa.CheckConstraint(
            "asked_by <> account_id AND agreed_by <> account_id", name=op.f("ck_password_resets_not_by_the_owner")
        ),
        sa.CheckConstraint(
            "refused_by IS NULL OR ended_at IS NOT NULL", name=op.f("ck_password_resets_refused_when")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_password_resets_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["agreed_by"], ["accounts.id"], name=op.f("fk_password_resets_agreed_by_accounts")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["accounts.id"], name=op.f("fk_password_resets_asked_by_accounts")),
        sa.ForeignKeyConstraint(
            ["refused_by"], ["accounts.id"], name=op.f("fk_password_resets_refused_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
    )
    op.create_index(
        "uq_password_resets_open",
        "password_resets",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def create_reconciler() -> None:
    op.create_table(
        "reconciler",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("disagreements", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("healed", sa.Integer(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_reconciler_one")),
        sa.ForeignKeyConstraint(["asked_by"], ["accounts.id"], name=op.f("fk_reconciler_asked_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciler")),
    )


def create_rectifications() -> None:
    op.create_table(
        "rectifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "party",
            sa.Enum(
                "office", "hq", name="rectification_party", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("addressee_id", sa.Uuid(), nullable=True),
        sa.Column("demand", sa.String(length=2000), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("counted_from", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "returned",
                "reopened",
                "answered",
                "verified",
                "closed",
                "withdrawn",
                name="rectification_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("watch_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("recurred", sa.Integer(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(party = 'office') = (addressee_id IS NOT NULL)", name=op.f("ck_rectifications_addressee_of_party")
        ),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_rectifications_closed_of_state")
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_by IS NOT NULL)", name=op.f("ck_rectifications_withdrawn_of_state")
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (watch_ends_at IS NULL)", name=op.f("ck_rectifications_watch_of_closed")
        ),
        sa.ForeignKeyConstraint(
            ["addressee_id"], ["accounts.id"], name=op.f("fk_rectifications_addressee_id_accounts")
        ),
        sa.ForeignKeyConstraint(["closed_by"], ["accounts.id"], name=op.f("fk_rectifications_closed_by_accounts")),
        sa.ForeignKeyConstraint(["issued_by"], ["accounts.id"], name=op.f("fk_rectifications_issued_by_accounts")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["accounts.id"], name=op.f("fk_rectifications_withdrawn_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectifications")),
        sa.UniqueConstraint("year", "n", name=op.f("uq_rectifications_year_n")),
    )
    op.create_index(op.f("ix_rectifications_addressee_id"), "rectifications", ["addressee_id"], unique=False)
    op.create_index("ix_rectifications_issued_at_id", "rectifications", ["issued_at", "id"], unique=False)
    op.create_index(
        "ix_rectifications_office_code_state", "rectifications", ["office_code", "state"], unique=False
    )
    op.create_index("ix_rectifications_state_due_on", "rectifications", ["state", "due_on"], unique=False)


def create_regulations() -> None:
    op.create_table(
        "regulations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "in_force",
                "retired",
                name="version_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_regulations_made_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regulations")),
        sa.UniqueConstraint("n", name=op.f("uq_regulations_n")),
    )
    op.create_index(
        "uq_regulations_draft",
        "regulations",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_index(
        "uq_regulations_in_force",
        "regulations",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'in_force'"),
        postgresql_where=sa.text("state = 'in_force'"),
    )


def create_reminders() -> None:
    op.create_table(
        "reminders",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "urgency",
            sa.Enum(
                "met",
                "in_time",
                "due_soon",
                "overdue",
                name="urgency",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_reminders_draw_id_draws")),
        sa.PrimaryKeyConstraint("draw_id", "day", name=op.f("pk_reminders")),
    )


def create_retention_terms() -> None:
    op.create_table(
        "retention_terms",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("days BETWEEN 365 AND 3650", name=op.f("ck_retention_terms_bounds")),
        sa.ForeignKeyConstraint(["set_by"], ["accounts.id"], name=op.f("fk_retention_terms_set_by_accounts")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_retention_terms")),
    )


def create_rosters() -> None:
    op.create_table(
        "rosters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "in_force",
                "replaced",
                name="roster_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("put_by", sa.Uuid(), nullable=True),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'draft') = (put_at IS NULL)", name=op.f("ck_rosters_put_of_state")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_rosters_made_by_accounts")),
        sa.ForeignKeyConstraint(["office_code"], ["offices.code"], name=op.f("fk_rosters_office_code_offices")),
        sa.ForeignKeyConstraint(["put_by"], ["accounts.id"], name=op.f("fk_rosters_put_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rosters")),
        sa.UniqueConstraint(
            "office_code", "monday", "edition", name=op.f("uq_rosters_office_code_monday_edition")
        ),
    )
    op.create_index(
        "uq_rosters_draft",
        "rosters",
        ["office_code", "monday"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_index(
        "uq_rosters_in_force",
        "rosters",
        ["office_code", "monday"],
        unique=True,
        sqlite_where=sa.text("state = 'in_force'"),
        postgresql_where=sa.text("state = 'in_force'"),
    )


def create_scorecards() -> None:
    op.create_table(
        "scorecards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "in_force",
                "retired",
                name="version_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("excellent_from", sa.Integer(), nullable=False),
        sa.Column("good_from", sa.Integer(), nullable=False),
        sa.Column("pass_from", sa.Integer(), nullable=False),
        sa.Column("heard_percent", sa.Integer(), nullable=False),
        sa.Column("whole_under_s", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_scorecards_made_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecards")),
        sa.UniqueConstraint("n", name=op.f("uq_scorecards_n")),
    )
    op.create_index(
        "uq_scorecards_draft",
        "scorecards",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_index(
        "uq_scorecards_in_force",
        "scorecards",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'in_force'"),
        postgresql_where=sa.text("state = 'in_force'"),
    )


def create_sign_ins() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=256), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sign_ins_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_sign_ins_account_id"), "sign_ins", ["account_id"], unique=False)
    op.create_index(
        "ix_sign_ins_open",
        "sign_ins",
        ["last_seen_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def create_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("line_key", sa.String(length=32), nullable=False),
        sa.Column("uniqueid", sa.String(length=64), nullable=False),
        sa.Column("caller_number", sa.String(length=64), nullable=False),
        sa.Column("caller_name", sa.String(length=128), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_rang_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_known_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_desk", sa.String(length=16), nullable=True),
        sa.Column("rings", sa.Integer(), nullable=False),
        sa.Column("rings_before_us", sa.Integer(), nullable=False),
        sa.Column(
            "disposition",
            sa.Enum(
                "answered",
                "missed",
                "abandoned",
                "busy",
                "declined",
                "after_hours",
                "voicemail",
                name="disposition",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "hung_up_by",
            sa.Enum(
                "caller", "officer", "system", name="party", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.Column(
            "witness",
            sa.Enum("ari", "cel", "cdr", name="witness", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["line_key"], ["lines.key"], name=op.f("fk_calls_line_key_lines")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    op.create_index(
        "ix_calls_answered_desk_offered_at_id", "calls", ["answered_desk", "offered_at", "id"], unique=False
    )
    op.create_index("ix_calls_caller_number_offered_at", "calls", ["caller_number", "offered_at"], unique=False)
    op.create_index("ix_calls_ended_at", "calls", ["ended_at"], unique=False)
    op.create_index("ix_calls_line_key_offered_at_id", "calls", ["line_key", "offered_at", "id"], unique=False)
    op.create_index("ix_calls_offered_at_id", "calls", ["offered_at", "id"], unique=False)
    op.create_index(
        "ix_calls_office_code_offered_at_id", "calls", ["office_code", "offered_at", "id"], unique=False
    )
    op.create_index("ix_calls_uniqueid", "calls", ["uniqueid"], unique=False)


def create_complaint_steps() -> None:
    op.create_table(
        "complaint_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "move",
            sa.Enum(
                "take",
                "propose",
                "return",
                "decide",
                "close",
                "correct",
                "withdraw",
                "reopen",
                name="complaint_move",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "verdict",
            sa.Enum(
                "upheld",
                "not_upheld",
                name="complaint_step_verdict",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_complaint_steps_by_accounts")),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name=op.f("fk_complaint_steps_complaint_id_complaints")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_steps")),
        sa.UniqueConstraint("complaint_id", "n", name=op.f("uq_complaint_steps_complaint_id_n")),
    )


def create_criteria() -> None:
    op.create_table(
        "criteria",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("guide", sa.String(length=500), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("critical", sa.String(length=500), nullable=False),
        sa.Column("may_not_apply", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("needs_no_reason", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scorecard_id"], ["scorecards.id"], name=op.f("fk_criteria_scorecard_id_scorecards")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criteria")),
        sa.UniqueConstraint("scorecard_id", "n", name=op.f("uq_criteria_scorecard_id_n")),
    )


def create_deletion_agreements() -> None:
    op.create_table(
        "deletion_agreements",
        sa.Column("deletion_id", sa.Uuid(), nullable=False),
        sa.Column("seat", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("head", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("seat IN (1, 2)", name=op.f("ck_deletion_agreements_seat")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_deletion_agreements_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["deletion_id"], ["deletions.id"], name=op.f("fk_deletion_agreements_deletion_id_deletions")
        ),
        sa.PrimaryKeyConstraint("deletion_id", "seat", name=op.f("pk_deletion_agreements")),
        sa.UniqueConstraint(
            "deletion_id", "account_id", name=op.f("uq_deletion_agreements_deletion_id_account_id")
        ),
    )


def create_desk_assignments() -> None:
    op.create_table(
        "desk_assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_desk_assignments_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_desk_assignments_desk_id_desks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_assignments")),
    )
    op.create_index(op.f("ix_desk_assignments_account_id"), "desk_assignments", ["account_id"], unique=False)
    op.create_index(
        "ix_desk_assignments_desk_id_since_at", "desk_assignments", ["desk_id", "since_at"], unique=True
    )
    op.create_index(
        "uq_desk_assignments_open",
        "desk_assignments",
        ["desk_id"],
        unique=True,
        sqlite_where=sa.text("until_at IS NULL"),
        postgresql_where=sa.text("until_at IS NULL"),
    )


def create_rectification_replies() -> None:
    op.create_table(
        "rectification_replies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rectification_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("now_done", sa.String(length=2000), nullable=False),
        sa.Column("prevention", sa.String(length=2000), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "returned",
                "verified",
                name="rectification_verdict",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("judged_by", sa.Uuid(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(verdict IS NULL) = (judged_by IS NULL)", name=op.f("ck_rectification_replies_judge_of_verdict")
        ),
        sa.CheckConstraint(
            "judged_by IS NULL OR judged_by <> author_id", name=op.f("ck_rectification_replies_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_rectification_replies_author_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["judged_by"], ["accounts.id"], name=op.f("fk_rectification_replies_judged_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["rectification_id"],
            ["rectifications.id"],
            name=op.f("fk_rectification_replies_rectification_id_rectifications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification_replies")),
        sa.UniqueConstraint("rectification_id", "n", name=op.f("uq_rectification_replies_rectification_id_n")),
    )


def create_regulation_clauses() -> None:
    op.create_table(
        "regulation_clauses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("regulation_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("chapter", sa.String(length=60), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(
            ["regulation_id"], ["regulations.id"], name=op.f("fk_regulation_clauses_regulation_id_regulations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regulation_clauses")),
        sa.UniqueConstraint("regulation_id", "n", name=op.f("uq_regulation_clauses_regulation_id_n")),
    )


def create_regulation_confirmations() -> None:
    op.create_table(
        "regulation_confirmations",
        sa.Column("regulation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_regulation_confirmations_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["regulation_id"],
            ["regulations.id"],
            name=op.f("fk_regulation_confirmations_regulation_id_regulations"),
        ),
        sa.PrimaryKeyConstraint("regulation_id", "account_id", name=op.f("pk_regulation_confirmations")),
    )


def create_regulation_consequences() -> None:
    op.create_table(
        "regulation_consequences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("regulation_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "discipline",
                "commendation",
                name="consequence_side",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["regulation_id"],
            ["regulations.id"],
            name=op.f("fk_regulation_consequences_regulation_id_regulations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regulation_consequences")),
        sa.UniqueConstraint("regulation_id", "n", name=op.f("uq_regulation_consequences_regulation_id_n")),
        sa.UniqueConstraint(
            "regulation_id", "side", "name", name=op.f("uq_regulation_consequences_regulation_id_side_name")
        ),
    )


def create_request_letters() -> None:
    op.create_table(
        "request_letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column(
            "way",
            sa.Enum("received", "sent", name="letter_way", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["accounts.id"], name=op.f("fk_request_letters_entered_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["caller_requests.id"], name=op.f("fk_request_letters_request_id_caller_requests")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_letters")),
    )
    op.create_index(op.f("ix_request_letters_request_id"), "request_letters", ["request_id"], unique=False)


def create_roster_shifts() -> None:
    op.create_table(
        "roster_shifts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("line_key", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.CheckConstraint("starts < ends", name=op.f("ck_roster_shifts_starts_before_ends")),
        sa.ForeignKeyConstraint(
            ["roster_id"], ["rosters.id"], name=op.f("fk_roster_shifts_roster_id_rosters"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_shifts")),
        sa.UniqueConstraint(
            "roster_id", "line_key", "day", "starts", name=op.f("uq_roster_shifts_roster_id_line_key_day_starts")
        ),
    )


def create_answered_calls() -> None:
    op.create_table(
        "answered_calls",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("desk", sa.String(length=16), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("month", sa.String(length=8), nullable=False),
        sa.Column("began_week", sa.String(length=8), nullable=False),
        sa.Column("began_month", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_answered_calls_call_id_calls")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_answered_calls")),
    )
    op.create_index(
        "ix_answered_calls_office_code_began_month", "answered_calls", ["office_code", "began_month"], unique=False
    )
    op.create_index(
        "ix_answered_calls_office_code_began_week", "answered_calls", ["office_code", "began_week"], unique=False
    )
    op.create_index(
        "ix_answered_calls_office_code_month", "answered_calls", ["office_code", "month"], unique=False
    )
    op.create_index("ix_answered_calls_office_code_week", "answered_calls", ["office_code", "week"], unique=False)


def create_assessment_entries() -> None:
    op.create_table(
        "assessment_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("sign", sa.Integer(), nullable=False),
        sa.Column(
            "figure",
            sa.Enum(
                "score",
                "rings",
                "findings",
                "commendations",
                "discipline",
                "complaints",
                "quotas",
                "rectifications",
                name="figure",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "sign = 1 OR noted_at IS NOT NULL", name=op.f("ck_assessment_entries_taken_out_by_correction")
        ),
        sa.CheckConstraint("sign IN (1, -1)", name=op.f("ck_assessment_entries_sign")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_assessment_entries_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["month"], ["assessment_months.month"], name=op.f("fk_assessment_entries_month_assessment_months")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.id"], name=op.f("fk_assessment_entries_person_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_entries")),
        sa.UniqueConstraint("month", "n", name=op.f("uq_assessment_entries_month_n")),
    )
    op.create_index(
        "ix_assessment_entries_month_office_code_figure",
        "assessment_entries",
        ["month", "office_code", "figure"],
        unique=False,
    )
    op.create_index(
        "ix_assessment_entries_person_id_month", "assessment_entries", ["person_id", "month"], unique=False
    )


def create_call_events() -> None:
    op.create_table(
        "call_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column(
            "witness",
            sa.Enum("ari", "cel", "cdr", name="witness", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "offered",
                "line_answered",
                "recording_started",
                "desks_busy",
                "desk_rang",
                "desk_declined",
                "desk_answered",
                "rang_out",
                "hung_up",
                "desk_left",
                "desk_stopped",
                "put_back",
                "ended",
                "interrupted",
                "watched_whole",
                name="event_kind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("desk", sa.String(length=16), nullable=True),
        sa.Column(
            "party",
            sa.Enum(
                "caller", "officer", "system", name="party", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_events_call_id_calls")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_events")),
        sa.UniqueConstraint(
            "call_id",
            "witness",
            "kind",
            "channel",
            "at",
            name=op.f("uq_call_events_call_id_witness_kind_channel_at"),
        ),
    )


def create_complaint_calls() -> None:
    op.create_table(
        "complaint_calls",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("tied_by", sa.Uuid(), nullable=False),
        sa.Column("tied_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_complaint_calls_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name=op.f("fk_complaint_calls_complaint_id_complaints")
        ),
        sa.ForeignKeyConstraint(["tied_by"], ["accounts.id"], name=op.f("fk_complaint_calls_tied_by_accounts")),
        sa.PrimaryKeyConstraint("complaint_id", "call_id", name=op.f("pk_complaint_calls")),
    )
    op.create_index(op.f("ix_complaint_calls_call_id"), "complaint_calls", ["call_id"], unique=False)


def create_criterion_clauses() -> None:
    op.create_table(
        "criterion_clauses",
        sa.Column("criterion_id", sa.Uuid(), nullable=False),
        sa.Column("clause_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clause_id"],
            ["regulation_clauses.id"],
            name=op.f("fk_criterion_clauses_clause_id_regulation_clauses"),
        ),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["criteria.id"], name=op.f("fk_criterion_clauses_criterion_id_criteria")
        ),
        sa.PrimaryKeyConstraint("criterion_id", "clause_id", name=op.f("pk_criterion_clauses")),
    )


def create_deletion_items() -> None:
    op.create_table(
        "deletion_items",
        sa.Column("deletion_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "spared",
                "deleting",
                "deleted",
                name="item_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "spared_because",
            sa.Enum("held", "ticket", "declined", "not_ready", name="spare_reason", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("pcm_sha256", sa.String(length=64), nullable=True),
        sa.Column("flac_sha256", sa.String(length=64), nullable=True),
        sa.Column("flac_bytes", sa.BigInteger(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("parts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("office_deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'deleted') = (deleted_at IS NOT NULL)", name=op.f("ck_deletion_items_deleted")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_deletion_items_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["deletion_id"], ["deletions.id"], name=op.f("fk_deletion_items_deletion_id_deletions")
        ),
        sa.PrimaryKeyConstraint("deletion_id", "call_id", name=op.f("pk_deletion_items")),
    )
    op.create_index(
        "ix_deletion_items_offered_at_call_id", "deletion_items", ["offered_at", "call_id"], unique=False
    )
    op.create_index(
        "ix_deletion_items_state_office_deleted_at", "deletion_items", ["state", "office_deleted_at"], unique=False
    )
    op.create_index(
        "uq_deletion_items_once",
        "deletion_items",
        ["call_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'deleting', 'deleted')"),
        postgresql_where=sa.text("state IN ('waiting', 'deleting', 'deleted')"),
    )


def create_discipline_records() -> None:
    op.create_table(
        "discipline_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "discipline",
                "commendation",
                name="record_side",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("consequence_id", sa.Uuid(), nullable=False),
        sa.Column("clause_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "withdrawn",
                "declined",
                "notified",
                "confirmed",
                "appealed",
                "maintained",
                "revoked",
                name="record_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(length=1000), nullable=False),
        sa.Column("appeal_until", sa.Date(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(length=1000), nullable=False),
        sa.Column("fell_by_appeal", sa.Boolean(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_discipline_records_decider")
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> person_id",
            name=op.f("ck_discipline_records_not_about_the_decider"),
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_discipline_records_two_people")
        ),
        sa.CheckConstraint("person_id <> proposed_by", name=op.f("ck_discipline_records_not_about_the_proposer")),
        sa.ForeignKeyConstraint(
            ["clause_id"],
            ["regulation_clauses.id"],
            name=op.f("fk_discipline_records_clause_id_regulation_clauses"),
        ),
        sa.ForeignKeyConstraint(
            ["consequence_id"],
            ["regulation_consequences.id"],
            name=op.f("fk_discipline_records_consequence_id_regulation_consequences"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["accounts.id"], name=op.f("fk_discipline_records_decided_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.id"], name=op.f("fk_discipline_records_person_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["accounts.id"], name=op.f("fk_discipline_records_proposed_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discipline_records")),
        sa.UniqueConstraint("side", "year", "n", name=op.f("uq_discipline_records_side_year_n")),
    )
    op.create_index(
        "ix_discipline_records_office_code_state", "discipline_records", ["office_code", "state"], unique=False
    )
    op.create_index(
        "ix_discipline_records_person_id_state", "discipline_records", ["person_id", "state"], unique=False
    )
    op.create_index(
        "ix_discipline_records_proposed_at_id", "discipline_records", ["proposed_at", "id"], unique=False
    )


def create_holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "appeal",
                "complaint",
                "discipline",
                "case",
                "ticket",
                "request",
                "other",
                name="hold_reason",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_note", sa.String(length=500), nullable=False),
        sa.CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name=op.f("ck_holds_released")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_holds_call_id_calls")),
        sa.ForeignKeyConstraint(["placed_by"], ["accounts.id"], name=op.f("fk_holds_placed_by_accounts")),
        sa.ForeignKeyConstraint(["released_by"], ["accounts.id"], name=op.f("fk_holds_released_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_call_id"), "holds", ["call_id"], unique=False)
    op.create_index("ix_holds_placed_at_id", "holds", ["placed_at", "id"], unique=False)
    op.create_index("ix_holds_subject", "holds", ["subject"], unique=False)


def create_incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("gap", "mismatch", "overdue", "fault", name="incident_kind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "cause",
            sa.Enum(
                "admission_failed",
                "admitted_by_dialplan",
                "no_bytes",
                "not_recorded",
                "part_missing",
                "part_truncated",
                "part_changed",
                "recording_gap",
                "length_mismatch",
                "asterisk_stopped",
                "control_lost",
                "event_refused",
                "sealing_failed",
                "no_desk_reachable",
                "record_missing",
                "switch_record_missing",
                "times_differ",
                "record_differs",
                "never_recorded",
                "recording_muted",
                "duration_differs",
                "not_received",
                "file_missing",
                "file_size_differs",
                "content_changed",
                "office_copy_missing",
                "copies_differ",
                "sequence_skipped",
                "office_silent",
                "clock_off",
                "draw_uncommitted",
                "draw_node_silent",
                "draw_lists_differ",
                "draw_share_wrong",
                "drawn_without_audio",
                "review_overdue",
                "request_overdue",
                "audit_broken",
                "head_differs",
                "disk_low",
                "disk_fault",
                "backlog_old",
                "head_late",
                "draw_out_of_order",
                "draw_whole",
                "draw_unconfirmed",
                "draw_tickets_differ",
                "draw_tickets_unreported",
                "draw_unchecked",
                "draw_call_unlisted",
                "answer_taken_back",
                "one_way_audio",
                "offer_refused",
                "office_floods",
                "certificate_ends",
                "time_impossible",
                "work_set_aside",
                "clock_behind",
                "calendar_provisional",
                "finding_untreated",
                "rectification_overdue",
                "waits_for_nobody",
                "post_empty",
                "sign_overdue",
                "discipline_overdue",
                "appeal_overdue",
                "roster_hole",
                "complaint_overdue",
                "backup_late",
                "backup_unverified",
                "backup_damaged",
                name="cause",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("healed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_incidents_call_id_calls")),
        sa.ForeignKeyConstraint(["seen_by"], ["accounts.id"], name=op.f("fk_incidents_seen_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index(op.f("ix_incidents_call_id"), "incidents", ["call_id"], unique=False)
    op.create_index("ix_incidents_first_seen_at_id", "incidents", ["first_seen_at", "id"], unique=False)
    op.create_index(
        "ix_incidents_office_code_first_seen_at", "incidents", ["office_code", "first_seen_at"], unique=False
    )
    op.create_index(
        "uq_incidents_open",
        "incidents",
        ["office_code", "cause", "subject", "received"],
        unique=True,
        sqlite_where=sa.text("healed_at IS NULL"),
        postgresql_where=sa.text("healed_at IS NULL"),
    )


def create_recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "growing",
                "final",
                "ready",
                "empty",
                "failed",
                "deleted",
                name="recording_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frames", sa.BigInteger(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("pcm_sha256", sa.String(length=64), nullable=True),
        sa.Column("flac_sha256", sa.String(length=64), nullable=True),
        sa.Column("flac_bytes", sa.BigInteger(), nullable=True),
        sa.Column("officer_on_ms", sa.Integer(), nullable=True),
        sa.Column("caller_talks_ms", sa.Integer(), nullable=True),
        sa.Column("caller_loudness_db", sa.Double(), nullable=True),
        sa.Column("officer_loudness_db", sa.Double(), nullable=True),
        sa.Column("caller_silence_ms", sa.Integer(), nullable=True),
        sa.Column("officer_silence_ms", sa.Integer(), nullable=True),
        sa.Column("busy_tone_ms", sa.Integer(), nullable=True),
        sa.Column("dead_air_ms", sa.Integer(), nullable=True),
        sa.Column("waited_ms", sa.Integer(), nullable=True),
        sa.Column("caller_still_ms", sa.Integer(), nullable=True),
        sa.Column("officer_still_ms", sa.Integer(), nullable=True),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.Column("gaps", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scrub_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_recordings_call_id_calls")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_recordings")),
    )
    op.create_index("ix_recordings_state_due_at", "recordings", ["state", "due_at"], unique=False)
    op.create_index("ix_recordings_state_scrub_due_at", "recordings", ["state", "scrub_due_at"], unique=False)
    op.create_index("ix_recordings_state_verified_at", "recordings", ["state", "verified_at"], unique=False)


def create_rectification_attachments() -> None:
    op.create_table(
        "rectification_attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reply_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column(
            "media",
            sa.Enum("pdf", "jpg", "png", "docx", "xlsx", "doc", "xls", name="media", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["reply_id"],
            ["rectification_replies.id"],
            name=op.f("fk_rectification_attachments_reply_id_rectification_replies"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification_attachments")),
        sa.UniqueConstraint("reply_id", "n", name=op.f("uq_rectification_attachments_reply_id_n")),
    )


def create_request_calls() -> None:
    op.create_table(
        "request_calls",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("tied_by", sa.Uuid(), nullable=False),
        sa.Column("tied_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_request_calls_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["caller_requests.id"], name=op.f("fk_request_calls_request_id_caller_requests")
        ),
        sa.ForeignKeyConstraint(["tied_by"], ["accounts.id"], name=op.f("fk_request_calls_tied_by_accounts")),
        sa.PrimaryKeyConstraint("request_id", "call_id", name=op.f("pk_request_calls")),
    )
    op.create_index(op.f("ix_request_calls_call_id"), "request_calls", ["call_id"], unique=False)


def create_roster_posts() -> None:
    op.create_table(
        "roster_posts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("desk", sa.String(length=16), nullable=False),
        sa.Column("leader", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_roster_posts_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["shift_id"],
            ["roster_shifts.id"],
            name=op.f("fk_roster_posts_shift_id_roster_shifts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_posts")),
        sa.UniqueConstraint("shift_id", "n", name=op.f("uq_roster_posts_shift_id_n")),
    )
    op.create_index(op.f("ix_roster_posts_account_id"), "roster_posts", ["account_id"], unique=False)


def create_segments() -> None:
    op.create_table(
        "segments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "officer",
                "backup_leader",
                "other_office",
                "hotline_12366",
                "voicemail",
                name="segment_kind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("desk", sa.String(length=16), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_segments_call_id_calls")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segments")),
        sa.UniqueConstraint("call_id", "n", name=op.f("uq_segments_call_id_n")),
    )
    op.create_index(
        "ix_segments_desk_taken_over",
        "segments",
        ["desk"],
        unique=False,
        sqlite_where=sa.text("n > 1"),
        postgresql_where=sa.text("n > 1"),
    )


def create_tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.String(length=64), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "taken",
                "proposed",
                "unusable",
                "done",
                "released",
                name="ticket_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("successor_of", sa.Uuid(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "wrong_number",
                "no_speech",
                "no_audio",
                name="unusable",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("reason_note", sa.String(length=500), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_n", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state <> 'done' OR done_at IS NOT NULL", name=op.f("ck_tickets_done")),
        sa.CheckConstraint("state <> 'taken' OR taken_by IS NOT NULL", name=op.f("ck_tickets_taken")),
        sa.CheckConstraint(
            "state <> 'unusable' OR (reason IS NOT NULL AND proposed_by IS NOT NULL AND agreed_by IS NOT NULL AND agreed_by <> proposed_by)",
            name=op.f("ck_tickets_two_people"),
        ),
        sa.ForeignKeyConstraint(["agreed_by"], ["accounts.id"], name=op.f("fk_tickets_agreed_by_accounts")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_tickets_call_id_calls")),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_tickets_draw_id_draws")),
        sa.ForeignKeyConstraint(["proposed_by"], ["accounts.id"], name=op.f("fk_tickets_proposed_by_accounts")),
        sa.ForeignKeyConstraint(["successor_of"], ["tickets.id"], name=op.f("fk_tickets_successor_of_tickets")),
        sa.ForeignKeyConstraint(["taken_by"], ["accounts.id"], name=op.f("fk_tickets_taken_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("draw_id", "call_id", name=op.f("uq_tickets_draw_id_call_id")),
        sa.UniqueConstraint("draw_id", "place", name=op.f("uq_tickets_draw_id_place")),
        sa.UniqueConstraint("successor_of", name=op.f("uq_tickets_successor_of")),
    )
    op.create_index(op.f("ix_tickets_call_id"), "tickets", ["call_id"], unique=False)
    op.create_index("ix_tickets_draw_id_state", "tickets", ["draw_id", "state"], unique=False)
    op.create_index(op.f("ix_tickets_taken_by"), "tickets", ["taken_by"], unique=False)


def create_evaluations() -> None:
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
        sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True),
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
            "set_aside_at IS NULL OR state <> 'draft'", name=op.f("ck_evaluations_set_aside_of_state")
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


def create_listenings() -> None:
    op.create_table(
        "listenings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_bytes", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("stretches", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("downloaded", sa.Boolean(), nullable=False),
        sa.Column("live", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_listenings_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["call_id"], ["recordings.call_id"], name=op.f("fk_listenings_call_id_recordings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listenings")),
    )
    op.create_index(op.f("ix_listenings_account_id"), "listenings", ["account_id"], unique=False)
    op.create_index(op.f("ix_listenings_call_id"), "listenings", ["call_id"], unique=False)
    op.create_index(
        "ix_listenings_open",
        "listenings",
        ["last_heard_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def create_office_copies() -> None:
    op.create_table(
        "office_copies",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "growing",
                "final",
                "ready",
                "empty",
                "failed",
                "deleted",
                name="recording_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("pcm_sha256", sa.String(length=64), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("speech_ms", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["recordings.call_id"], name=op.f("fk_office_copies_call_id_recordings")
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_office_copies")),
    )


def create_parts() -> None:
    op.create_table(
        "parts",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("length_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("put_away_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["recordings.call_id"], name=op.f("fk_parts_call_id_recordings")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_parts")),
    )
    op.create_index(op.f("ix_parts_call_id"), "parts", ["call_id"], unique=False)


def create_evaluation_drafts() -> None:
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


def create_evaluation_texts_set_aside() -> None:
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


def create_judgements() -> None:
    op.create_table(
        "judgements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("in_place", sa.Boolean(), server_default=sa.false(), nullable=False),
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


def create_treatments() -> None:
    op.create_table(
        "treatments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
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
                name="category",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column("drawn", sa.Boolean(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_from", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "awaiting_agreement",
                "awaiting_confirmation",
                "treated",
                "gone",
                name="treatment_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "measure",
            sa.Enum("education", "criticism", name="measure", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("measure_text", sa.String(length=1000), nullable=False),
        sa.Column("measure_by", sa.Uuid(), nullable=True),
        sa.Column("measure_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "prevention",
            sa.Enum(
                "measure",
                "rectification",
                "none_needed",
                name="prevention",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("prevention_text", sa.String(length=1000), nullable=False),
        sa.Column("prevention_by", sa.Uuid(), nullable=True),
        sa.Column("prevention_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(measure IS NULL) = (measure_by IS NULL)", name=op.f("ck_treatments_author_of_measure")
        ),
        sa.CheckConstraint(
            "(prevention IS NULL) = (prevention_by IS NULL)", name=op.f("ck_treatments_author_of_prevention")
        ),
        sa.ForeignKeyConstraint(["agreed_by"], ["accounts.id"], name=op.f("fk_treatments_agreed_by_accounts")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_treatments_call_id_calls")),
        sa.ForeignKeyConstraint(["declined_by"], ["accounts.id"], name=op.f("fk_treatments_declined_by_accounts")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_treatments_evaluation_id_evaluations")
        ),
        sa.ForeignKeyConstraint(["measure_by"], ["accounts.id"], name=op.f("fk_treatments_measure_by_accounts")),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.id"], name=op.f("fk_treatments_person_id_accounts")),
        sa.ForeignKeyConstraint(
            ["prevention_by"], ["accounts.id"], name=op.f("fk_treatments_prevention_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treatments")),
        sa.UniqueConstraint("evaluation_id", "key", name=op.f("uq_treatments_evaluation_id_key")),
    )
    op.create_index(
        "ix_treatments_office_code_category_found_at",
        "treatments",
        ["office_code", "category", "found_at"],
        unique=False,
    )
    op.create_index(op.f("ix_treatments_person_id"), "treatments", ["person_id"], unique=False)
    op.create_index("ix_treatments_state_due_on", "treatments", ["state", "due_on"], unique=False)


def create_appeals() -> None:
    op.create_table(
        "appeals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("judgement_id", sa.Uuid(), nullable=True),
        sa.Column("evaluation_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("at_s", sa.Double(), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "retracted",
                "dismissed",
                "upheld",
                "moot",
                name="appeal_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column(
            "remedy",
            sa.Enum(
                "amended", "set_aside", name="appeal_remedy", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('dismissed', 'upheld')) = (decided_by IS NOT NULL)", name=op.f("ck_appeals_decider")
        ),
        sa.CheckConstraint(
            "(evaluation_id IS NULL) = (judgement_id IS NULL)", name=op.f("ck_appeals_evaluation_of_judgement")
        ),
        sa.CheckConstraint("(record_id IS NULL) <> (judgement_id IS NULL)", name=op.f("ck_appeals_one_target")),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> person_id", name=op.f("ck_appeals_not_about_the_decider")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_appeals_decided_by_accounts")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_appeals_evaluation_id_evaluations")
        ),
        sa.ForeignKeyConstraint(
            ["judgement_id"], ["judgements.id"], name=op.f("fk_appeals_judgement_id_judgements")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.id"], name=op.f("fk_appeals_person_id_accounts")),
        sa.ForeignKeyConstraint(
            ["record_id"], ["discipline_records.id"], name=op.f("fk_appeals_record_id_discipline_records")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("judgement_id", name=op.f("uq_appeals_judgement_id")),
        sa.UniqueConstraint("record_id", name=op.f("uq_appeals_record_id")),
        sa.UniqueConstraint("year", "n", name=op.f("uq_appeals_year_n")),
    )
    op.create_index("ix_appeals_evaluation_id_state", "appeals", ["evaluation_id", "state"], unique=False)
    op.create_index("ix_appeals_filed_at_id", "appeals", ["filed_at", "id"], unique=False)
    op.create_index(op.f("ix_appeals_person_id"), "appeals", ["person_id"], unique=False)
    op.create_index("ix_appeals_state", "appeals", ["state"], unique=False)


def create_discipline_grounds() -> None:
    op.create_table(
        "discipline_grounds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("judgement_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("pcm_sha256", sa.String(length=64), nullable=False),
        sa.Column("flac_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_discipline_grounds_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_discipline_grounds_evaluation_id_evaluations")
        ),
        sa.ForeignKeyConstraint(
            ["judgement_id"], ["judgements.id"], name=op.f("fk_discipline_grounds_judgement_id_judgements")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["discipline_records.id"],
            name=op.f("fk_discipline_grounds_record_id_discipline_records"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discipline_grounds")),
        sa.UniqueConstraint(
            "record_id", "evaluation_id", name=op.f("uq_discipline_grounds_record_id_evaluation_id")
        ),
        sa.UniqueConstraint("record_id", "n", name=op.f("uq_discipline_grounds_record_id_n")),
    )
    op.create_index(op.f("ix_discipline_grounds_call_id"), "discipline_grounds", ["call_id"], unique=False)
    op.create_index(
        op.f("ix_discipline_grounds_evaluation_id"), "discipline_grounds", ["evaluation_id"], unique=False
    )


def create_findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("judgement_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("remark", "breach", "good", name="finding_kind", native_enum=False, length=32),
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
                name="category",
                native_enum=False,
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


def create_judgement_notices() -> None:
    op.create_table(
        "judgement_notices",
        sa.Column("judgement_id", sa.Uuid(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appeal_until", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_judgement_notices_evaluation_id_evaluations")
        ),
        sa.ForeignKeyConstraint(
            ["judgement_id"], ["judgements.id"], name=op.f("fk_judgement_notices_judgement_id_judgements")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.id"], name=op.f("fk_judgement_notices_person_id_accounts")
        ),
        sa.PrimaryKeyConstraint("judgement_id", name=op.f("pk_judgement_notices")),
    )
    op.create_index("ix_judgement_notices_evaluation_id", "judgement_notices", ["evaluation_id"], unique=False)
    op.create_index(
        "ix_judgement_notices_notified_at_judgement_id",
        "judgement_notices",
        ["notified_at", "judgement_id"],
        unique=False,
    )
    op.create_index(
        "ix_judgement_notices_person_id_read_at", "judgement_notices", ["person_id", "read_at"], unique=False
    )


def create_marks() -> None:
    op.create_table(
        "marks",
        sa.Column("judgement_id", sa.Uuid(), nullable=False),
        sa.Column("criterion_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("not_applicable", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("critical_failed", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("not_applicable = (points IS NULL)", name=op.f("ck_marks_points_where_applicable")),
        sa.ForeignKeyConstraint(["criterion_id"], ["criteria.id"], name=op.f("fk_marks_criterion_id_criteria")),
        sa.ForeignKeyConstraint(
            ["judgement_id"], ["judgements.id"], name=op.f("fk_marks_judgement_id_judgements")
        ),
        sa.PrimaryKeyConstraint("judgement_id", "criterion_id", name=op.f("pk_marks")),
    )


def create_rectification_findings() -> None:
    op.create_table(
        "rectification_findings",
        sa.Column("rectification_id", sa.Uuid(), nullable=False),
        sa.Column("treatment_id", sa.Uuid(), nullable=False),
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
                name="category",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("recurred", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["rectification_id"],
            ["rectifications.id"],
            name=op.f("fk_rectification_findings_rectification_id_rectifications"),
        ),
        sa.ForeignKeyConstraint(
            ["treatment_id"], ["treatments.id"], name=op.f("fk_rectification_findings_treatment_id_treatments")
        ),
        sa.PrimaryKeyConstraint("rectification_id", "treatment_id", name=op.f("pk_rectification_findings")),
    )
    op.create_index(
        op.f("ix_rectification_findings_treatment_id"), "rectification_findings", ["treatment_id"], unique=False
    )


def create_triggers() -> None:
    for statement in TRIGGERS[op.get_context().dialect.name]:
        op.execute(sa.text(statement))


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first revision but the loss of all records")
