"""The office node.

Revision 0001, after nothing. Made on 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# As `supervision.audit.triggers` had them when this revision was made: a later change is a later revision's.
AUDIT_SQLITE = (
    "CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries"
    " BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END",
    "CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries"
    " BEGIN SELECT RAISE(ABORT, 'audit entries are never removed'); END",
    "CREATE TRIGGER audit_entries_no_replace BEFORE INSERT ON audit_entries"
    " WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + 1 FROM audit_entries)"
    " OR EXISTS (SELECT 1 FROM audit_entries WHERE hash = NEW.hash)"
    " BEGIN SELECT RAISE(ABORT, 'audit entries are never replaced, only added at the end'); END",
)

AUDIT_POSTGRESQL = (
    "CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'audit entries are never changed or removed'; END $$",
    "CREATE TRIGGER audit_entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse()",
)


def upgrade() -> None:
    create_accounts()
    create_audit_entries()
    create_offices()
    create_desks()
    create_lines()
    create_sign_ins()
    create_calls()
    create_desk_assignments()
    create_call_events()
    create_incidents()
    create_recordings()
    create_segments()
    create_listenings()
    create_parts()
    audit_triggers()


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
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(role IN ('officer', 'office_leader')) = (office_code IS NOT NULL)",
            name=op.f("ck_accounts_office_of_role"),
        ),
        sa.CheckConstraint(
            "role NOT IN ('system_administrator', 'security_administrator', 'auditor')"
            " OR (administered_as IS NOT NULL AND administered_as = role)",
            name=op.f("ck_accounts_separate_duties"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
    )
    op.create_index(op.f("ix_accounts_office_code"), "accounts", ["office_code"], unique=False)


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


def create_offices() -> None:
    op.create_table(
        "offices",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_offices")),
    )


def create_desks() -> None:
    op.create_table(
        "desks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column("extension", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("leader", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["office_code"], ["offices.code"], name=op.f("fk_desks_office_code_offices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desks")),
        sa.UniqueConstraint("office_code", "extension", name=op.f("uq_desks_office_code_extension")),
    )


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
                "desk_stopped",
                "desk_answered",
                "desk_left",
                "rang_out",
                "hung_up",
                "ended",
                "interrupted",
                name="event_kind",
                native_enum=False,
                create_constraint=True,
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


def create_incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_code", sa.String(length=8), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "gap",
                "mismatch",
                "overdue",
                "fault",
                name="incident_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
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
                name="cause",
                native_enum=False,
                create_constraint=True,
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
        ["office_code", "cause", "subject"],
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
        sa.Column("frames", sa.BigInteger(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("pcm_sha256", sa.String(length=64), nullable=True),
        sa.Column("flac_sha256", sa.String(length=64), nullable=True),
        sa.Column("flac_bytes", sa.BigInteger(), nullable=True),
        sa.Column("officer_on_ms", sa.Integer(), nullable=True),
        sa.Column("caller_loudness_db", sa.Double(), nullable=True),
        sa.Column("officer_loudness_db", sa.Double(), nullable=True),
        sa.Column("caller_silence_ms", sa.Integer(), nullable=True),
        sa.Column("officer_silence_ms", sa.Integer(), nullable=True),
        sa.Column("busy_tone_ms", sa.Integer(), nullable=True),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.Column("gaps", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_recordings_call_id_calls")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_recordings")),
    )
    op.create_index("ix_recordings_state_due_at", "recordings", ["state", "due_at"], unique=False)


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
                create_constraint=True,
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


def create_parts() -> None:
    op.create_table(
        "parts",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("length_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["recordings.call_id"], name=op.f("fk_parts_call_id_recordings")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_parts")),
    )
    op.create_index(op.f("ix_parts_call_id"), "parts", ["call_id"], unique=False)


def audit_triggers() -> None:
    postgresql_here = op.get_context().dialect.name == "postgresql"
    for statement in AUDIT_POSTGRESQL if postgresql_here else AUDIT_SQLITE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first revision but the loss of all records")
