"""Callers' requests with their calls and letters, and the incident of one that is overdue.

Revision 0006, after 0005. Made on 2026-11-25.
"""

import sqlalchemy as sa
from alembic import op

from supervision.migrations.words import more_causes

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_requests()
    create_parts_of_requests()
    more_causes(revision)


def create_requests() -> None:
    op.create_table(
        "caller_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("see", "delete", name="request_kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
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
            sa.Enum(
                "visit",
                "letter",
                "phone",
                "hotline",
                "online",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("caller_name", sa.String(length=64), nullable=False),
        sa.Column("caller_number", sa.String(length=64), nullable=False),
        sa.Column("wish", sa.String(length=1000), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
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
                create_constraint=True,
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
    op.create_index("ix_caller_requests_registered_at_id", "caller_requests", ["registered_at", "id"])
    op.create_index("ix_caller_requests_state_due_on", "caller_requests", ["state", "due_on"])


def create_parts_of_requests() -> None:
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
    op.create_index(op.f("ix_request_calls_call_id"), "request_calls", ["call_id"])
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
    op.create_index(op.f("ix_request_letters_request_id"), "request_letters", ["request_id"])


def downgrade() -> None:
    raise NotImplementedError("what a caller was told is never taken back")
