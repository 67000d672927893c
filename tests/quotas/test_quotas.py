"""Quotas: met, due soon, overdue; who is reminded, by mail, through a real SMTP server."""

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as DatabaseSession

from supervision.actor import Role, Scope
from supervision.clock import day_bounds
from supervision.context import Context
from supervision.database import Database
from supervision.draws.queries import tickets_of_draw
from supervision.draws.rules import Party
from supervision.draws.service import confirm_none, finish_ticket, take_ticket
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.mail.models import Mail
from supervision.mail.tasks import send_next_mail
from supervision.quotas.models import Reminder
from supervision.quotas.queries import list_quotas
from supervision.quotas.rules import Level, Urgency, notified_levels, urgency, urgency_on
from supervision.quotas.service import remind_of
from supervision.quotas.tasks import remind_of_quotas
from supervision.recordings.models import Recording, RecordingState
from supervision.settings import Mode, Settings
from supervision.task import Worker
from tests.calls.samples import NOON, Town, make_town, seconds
from tests.draws.made import make_committed, make_drawn, make_whole

DRAWN_AT = NOON + timedelta(days=6)  # Monday, 16 March 2026
DUE = NOON + timedelta(days=12, hours=12)  # the end of Sunday, 22 March


def remind(session: DatabaseSession, at: datetime, mail_domain: str) -> int:
    """Remind of each quota of which that is due; how many."""
    return sum(remind_of(session, quota, at, mail_domain) for quota in list_quotas(session, Scope(), at))


def a_quota(session: object, calls: int) -> Town:
    town = make_town(session)  # type: ignore[arg-type]
    town.person("head", "郑科长", Role.SUPERVISION_HEAD)
    town.person("mayor", "钱局长", Role.BUREAU_LEADER)
    made = town.calls(NOON + seconds(n) for n in range(calls))
    town.session.add_all(
        Recording(call_id=one.id, state=RecordingState.READY, pcm_sha256=one.id.hex * 2) for one in made
    )
    make_drawn(town.session, "office:01:2026-W11", DRAWN_AT)
    return town


@pytest.mark.thorough
@pytest.mark.parametrize(("calls", "required"), [(0, 0), (1, 1), (4, 1), (5, 1), (6, 2), (10_000, 2000)])
def test_the_quota_of_so_many_calls(sqlite_url: str, calls: int, required: int) -> None:
    database = Database(sqlite_url)
    with database.transaction() as session:
        town = a_quota(session, calls)
        (quota,) = list_quotas(town.session, Scope(), DRAWN_AT)
        assert quota.progress
        assert (quota.draw.calls, quota.progress.required) == (calls, required)
        assert quota.urgency is Urgency.IN_TIME
    database.close()


def test_a_quota_is_met_when_all_is_done_and_without_calls_when_both_have_confirmed_it(store: Database) -> None:
    with store.transaction() as session:
        town = a_quota(session, 1)
        (quota,) = list_quotas(session, Scope(), DRAWN_AT)
        (ticket,) = tickets_of_draw(session, Scope(), quota.draw.id)
        take_ticket(Context(session, town.actor("leader"), Scope(), DRAWN_AT), ticket.id)
        finish_ticket(Context(session, town.actor("leader"), Scope(), DRAWN_AT), ticket.id)
        empty = make_drawn(session, "office:02:2026-W11", DRAWN_AT)
        found = {one.draw.office_code: one for one in list_quotas(session, Scope(), DRAWN_AT)}
        assert found["01"].urgency is Urgency.MET
        assert found["02"].unconfirmed
        town.person("leader2", "东所长", Role.OFFICE_LEADER, "02")
        for login in ("leader2", "head"):
            confirm_none(Context(session, town.actor(login), Scope(), DRAWN_AT), empty.id)
        assert [one.urgency for one in list_quotas(session, Scope(), DUE)] == [Urgency.MET, Urgency.MET]


def test_a_draw_that_nobody_makes_is_due_like_any_other(store: Database) -> None:
    with store.transaction() as session:
        town = a_quota(session, 0)
        make_committed(session, "office:02:2026-W11", NOON)
        make_committed(session, "hq:01:2026-03", NOON)
        town.person("leader2", "东所长", Role.OFFICE_LEADER, "02")
        assert [one.draw.office_code for one in list_quotas(session, Scope(), DRAWN_AT) if not one.progress] == [
            "02"
        ]
        assert [one.draw.name for one in list_quotas(session, Scope("01"), DUE)] == ["office:01:2026-W11"]
        (hanging,) = [one for one in list_quotas(session, Scope(), DUE) if not one.progress]
        assert (hanging.due_at, hanging.urgency) == (DUE, Urgency.OVERDUE)
        remind(session, DUE, "tax.example")
        letters = session.execute(
            select(Mail.recipient, Mail.subject, Mail.body).where(Mail.about.contains(":02:"))
        )
        mail_to = {recipient: (subject, body) for recipient, subject, body in letters}
        assert set(mail_to) == {f"{login}@tax.example" for login in ("leader2", "supervisor", "head")}
        subject, body = mail_to["leader2@tax.example"]
        assert "未抽签" in subject
        assert "抽签尚未完成" in body
        overdue = session.scalars(select(Incident.subject).where(Incident.cause == Cause.REVIEW_OVERDUE))
        assert set(overdue) == {"office:01:2026-W11", "office:02:2026-W11"}


def test_an_office_is_reminded_of_headquarters_draw_that_waits_for_its_word(store: Database) -> None:
    due = datetime(2026, 4, 15, 16, tzinfo=UTC)
    with store.transaction() as session:
        town = a_quota(session, 0)
        empty = make_drawn(session, "hq:01:2026-02", datetime(2026, 3, 1, 1, tzinfo=UTC))
        confirm_none(Context(session, town.actor("head"), Scope(), DRAWN_AT), empty.id)
        make_committed(session, "hq:01:2026-03", NOON)
        remind(session, due - timedelta(hours=1), "tax.example")
        bodies = {
            name: dict(session.execute(select(Mail.recipient, Mail.body).where(Mail.about.contains(name))).all())
            for name in ("2026-02", "2026-03")
        }
        assert set(bodies["2026-02"]) == {
            f"{one}@tax.example" for one in ("leader", "supervisor", "head", "mayor")
        }
        assert "尚待税务所确认" in bodies["2026-02"]["leader@tax.example"]
        assert set(bodies["2026-03"]) == {f"{one}@tax.example" for one in ("leader", "supervisor", "head")}


def test_what_is_overdue_stays_on_the_list_however_much_was_met_since(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervision.quotas.queries.MOST_MET", 1)
    with store.transaction() as session:
        town = a_quota(session, 1)
        later = make_drawn(session, "office:01:2026-W12", DRAWN_AT + timedelta(days=7))
        for login in ("leader", "head"):
            confirm_none(Context(session, town.actor(login), Scope(), DRAWN_AT + timedelta(days=7)), later.id)
        found = [(one.draw.period, one.urgency) for one in list_quotas(session, Scope(), DUE)]
        assert found == [("2026-W11", Urgency.OVERDUE), ("2026-W12", Urgency.MET)]


def test_overdue_is_reported_to_the_next_level_up() -> None:
    assert notified_levels(Party.OFFICE, Urgency.DUE_SOON) == (Level.OFFICE,)
    assert notified_levels(Party.OFFICE, Urgency.OVERDUE) == (Level.OFFICE, Level.SUPERVISION)
    assert notified_levels(Party.HQ, Urgency.OVERDUE) == (Level.SUPERVISION, Level.BUREAU)
    assert notified_levels(Party.HQ, Urgency.MET) == () == notified_levels(Party.HQ, Urgency.IN_TIME)


def test_it_is_due_soon_from_two_days_before_its_end() -> None:
    assert urgency(DUE, DUE - timedelta(days=2, seconds=1), met=False) is Urgency.IN_TIME
    assert urgency(DUE, DUE - timedelta(days=2), met=False) is Urgency.DUE_SOON
    assert urgency(DUE, DUE, met=False) is Urgency.OVERDUE
    assert urgency(DUE, DUE, met=True) is Urgency.MET


@pytest.mark.parametrize("days", [-3, -2, -1, 0, 1])
def test_a_day_is_as_urgent_as_the_moment_at_which_it_ends(days: int) -> None:
    last = date(2026, 3, 22)
    day = last + timedelta(days=days)
    assert urgency_on(last, day) is urgency(day_bounds(last)[1], day_bounds(day)[0], met=False)


def test_each_day_reminds_once_and_the_incident_heals_when_the_work_is_done(store: Database) -> None:
    with store.transaction() as session:
        town = a_quota(session, 1)
        assert remind(session, DRAWN_AT, "tax.example") == 0
        assert [remind(session, DUE - timedelta(days=1), "tax.example") for _ in range(2)] == [1, 0]
        assert list(session.scalars(select(Mail.recipient))) == ["leader@tax.example"]
        assert remind(session, DUE, "tax.example") == 1
        assert remind(session, DUE + timedelta(days=1), "tax.example") == 1
        recipients = set(session.scalars(select(Mail.recipient)))
        assert recipients == {f"{login}@tax.example" for login in ("leader", "supervisor", "head")}
        (incident,) = session.scalars(select(Incident).where(Incident.cause == Cause.REVIEW_OVERDUE))
        assert incident.healed_at is None
        assert len(list(session.scalars(select(Reminder)))) == 3
        (quota,) = list_quotas(session, Scope(), DUE)
        (ticket,) = tickets_of_draw(session, Scope(), quota.draw.id)
        take_ticket(Context(session, town.actor("leader"), Scope(), DUE), ticket.id)
        finish_ticket(Context(session, town.actor("leader"), Scope(), DUE), ticket.id)
        remind(session, DUE + timedelta(days=2), "tax.example")
        session.refresh(incident)
        assert incident.healed_at is not None


class Session(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as takes a letter."""

    def handle(self) -> None:
        """One connection."""
        self.wfile.write(b"220 here\r\n")
        while command := self.rfile.readline():
            word = command.split()[0].upper() if command.split() else b""
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = list(iter(self.rfile.readline, b".\r\n"))
                self.server.letters.append(b"".join(lines))  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")
            if word == b"QUIT":
                return


@contextmanager
def smtp_server() -> Iterator[tuple[int, list[bytes]]]:
    """A real SMTP server on loopback, and the letters that it took."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.letters = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1], server.letters  # type: ignore[attr-defined]
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.enable_socket
def test_reminders_leave_after_the_commit_by_smtp_and_wait_while_the_server_is_away(
    sqlite_url: str, tmp_path: Path
) -> None:
    database, at = Database(sqlite_url), DUE - timedelta(days=1)
    with database.transaction() as session:
        a_quota(session, 1)
    mail = {"smtp_host": "127.0.0.1", "mail_domain": "tax.example", "mail_from": "system@tax.example"}
    with smtp_server() as (port, letters):
        free = Settings(home=tmp_path, mode=Mode.HQ, smtp_port=1, **mail)  # type: ignore[arg-type]
        remind_of_quotas(Worker(free, database, lambda: at))
        assert send_next_mail(Worker(free, database, lambda: at)), "nobody listens there"
        assert not send_next_mail(Worker(free, database, lambda: at)), "it waits"
        there = Settings(home=tmp_path, mode=Mode.HQ, smtp_port=port, **mail)  # type: ignore[arg-type]
        later = Worker(there, database, lambda: at + timedelta(minutes=2))
        assert send_next_mail(later)
        assert not send_next_mail(later), "each letter goes once"
        (text,) = letters
        letter = email.message_from_bytes(text, policy=default)
        assert (letter["To"], letter["From"]) == ("leader@tax.example", "system@tax.example")
        assert "office:01:2026-W11" in letter["Subject"]
        body = letter.get_body()
        assert body is not None
        assert "应评价 1 条" in body.get_content()
    database.close()


@pytest.mark.parametrize(("failed", "levels"), [(Party.OFFICE, {"leader"}), (Party.HQ, {"supervisor", "head"})])
def test_a_list_drawn_whole_is_due_fourteen_days_after_and_its_reviewer_is_reminded(
    store: Database, failed: Party, levels: set[str]
) -> None:
    with store.transaction() as session:
        town = make_town(session)
        town.person("head", "郑科长", Role.SUPERVISION_HEAD)
        for n in range(7):
            town.call(NOON + seconds(n))
        draw = make_whole(session, "office:01:2026-W11", DRAWN_AT, failed=failed)
        (quota,) = list_quotas(session, Scope(), DRAWN_AT + timedelta(days=3))
        assert quota.progress
        assert (quota.progress.required, quota.urgency) == (7, Urgency.IN_TIME)
        assert draw.due_at
        assert timedelta(days=14) <= draw.due_at - (draw.whole_at or NOON) < timedelta(days=15)
        remind(session, draw.due_at - timedelta(days=1), "tax.example")
        assert set(session.scalars(select(Mail.recipient))) == {f"{one}@tax.example" for one in levels}
