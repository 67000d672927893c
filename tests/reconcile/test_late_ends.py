"""A call whose end becomes known long after it: its witnesses are given their time from then on."""

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from supervision.calls import service as calls
from supervision.calls.messages import SwitchRecord, send_switch_record
from supervision.calls.models import Call, SwitchRecordSource
from supervision.calls.rules import Event, EventKind, LineRules, Party, Witness
from supervision.calls.service import LineOfOffice, Offered
from supervision.clock import now
from supervision.database import Database
from supervision.exchange.models import Inbox
from supervision.exchange.service import next_batch, note_received, open_outbox
from supervision.incidents.rules import Cause
from supervision.ingest.messages import SentBatch, SentFact
from supervision.ingest.service import receive_batch
from supervision.settings import Mode
from tests.reconcile.world import EPOCH, World, seconds

LINE = LineOfOffice("31", 0, LineRules())
ALL = 1000


@dataclass
class Story:
    """An office that was without its application for an hour, in which a call came and ended; and headquarters."""

    office: World
    hq: World
    call_id: uuid.UUID = field(default_factory=uuid.uuid4)
    began: datetime = field(default_factory=lambda: now() - timedelta(hours=1))

    @property
    def ended(self) -> datetime:
        """When somebody hung up."""
        return self.began + seconds(40)

    def completes(self) -> None:
        """The application is back, and writes the call down as Asterisk's log tells it."""
        events = [
            Event(EventKind.LINE_ANSWERED, self.began + seconds(1), "c"),
            Event(EventKind.HUNG_UP, self.ended, "c", party=Party.CALLER),
            Event(EventKind.ENDED, self.ended, "c"),
        ]
        with self.office.database.transaction() as session:
            offered = Offered(self.call_id, "31-1", "c", self.began)
            call = calls.note_call(session, offered, LINE, Witness.CEL, ())[0]
            calls.note_events(session, call, LINE, Witness.CEL, events)

    def accounts(self, call_id: uuid.UUID | None = None) -> None:
        """Then it tells its switch record."""
        account = SwitchRecord(
            call_id or self.call_id, "c", self.began, None, self.ended, True, SwitchRecordSource.CEL
        )
        with self.office.database.transaction() as session:
            send_switch_record(session, "31", account)

    def arrives(self, most: int = ALL) -> None:
        """So many of the office's facts come in at headquarters."""
        with self.office.database.transaction() as session:
            batch = next_batch(session, "31", most)
            assert batch is not None
            facts = tuple(SentFact(**{**vars(one), "body": dict(one.body)}) for one in batch.facts)
            note_received(session, "31", batch.epoch, facts[-1].n)
        with self.hq.database.transaction() as session:
            receive_batch(session, "31", SentBatch(epoch=batch.epoch, facts=facts), now())

    def open(self, side: World, *, later_s: float = 0.0) -> list[tuple[str, str]]:
        """What the reconciler of one side says, now or so much later."""
        side.run(now() + seconds(later_s))
        return [one for one in side.open() if one[0] == Cause.SWITCH_RECORD_MISSING]


@pytest.fixture
def story(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Story]:
    """Switch records are sent here: one of an earlier call was."""
    databases = []
    for name in ("office.db", "hq.db"):
        shutil.copy(migrated_sqlite, tmp_path / name)
        databases.append(Database(f"sqlite:///{tmp_path / name}"))
    office, hq = World(databases[0], tmp_path / "office", Mode.OFFICE), World(databases[1], tmp_path / "hq")
    with office.database.transaction() as session:
        open_outbox(session, "31")
    story = Story(office, hq)
    Story(office, hq, began=story.began - timedelta(hours=1)).accounts(uuid.UUID(int=1))
    story.arrives()
    with hq.database.transaction() as session:
        session.execute(delete(Inbox).where(Inbox.epoch == EPOCH))
        session.execute(update(Inbox).values(back_at=story.began - timedelta(days=1)))
    yield story
    for database in databases:
        database.close()


def test_a_call_that_is_completed_long_after_its_end_is_not_said_to_lack_the_account_that_follows(
    story: Story,
) -> None:
    story.completes()
    assert story.open(story.office) == []
    story.accounts()
    assert story.open(story.office, later_s=3600) == []


def test_a_batch_that_ends_between_a_call_and_its_account_is_not_held_against_the_call(story: Story) -> None:
    story.completes()
    story.accounts()
    story.arrives(most=2)
    with story.hq.database.reading() as session:
        assert session.get_one(Call, story.call_id).ended_at is not None
    assert story.open(story.hq) == []
    story.arrives()
    assert story.open(story.hq, later_s=3600) == []


@pytest.mark.parametrize("side", ["office", "hq"])
def test_an_account_that_does_not_come_in_time_is_missed_and_heals_when_it_comes(story: Story, side: str) -> None:
    story.completes()
    story.arrives()
    looking: World = getattr(story, side)
    assert story.open(looking, later_s=240) == []
    assert story.open(looking, later_s=360) == [(Cause.SWITCH_RECORD_MISSING.value, str(story.call_id))]
    story.accounts()
    story.arrives()
    assert story.open(looking, later_s=420) == []
