"""Who is written an email and what it says, and what an office's node receives of a decision about its people."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import repeat
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.audit.messages import copied_until
from supervision.audit.rules import Head
from supervision.database import Database
from supervision.discipline import appeals, service, tasks
from supervision.discipline.messages import KIND, apply_copies, changed_after, list_to_confirm
from supervision.discipline.models import JudgementNotice, Record, RecordCopy
from supervision.discipline.notices import mark_read
from supervision.discipline.rules import RecordState, Remedy
from supervision.mail.models import Mail
from supervision.settings import Mode, Settings
from supervision.task import Worker
from supervision.workdays.models import EnteredDay
from tests.discipline.factories import (
    DECIDED,
    OBJECTED,
    PROPOSED,
    WHY,
    appealed,
    appealed_judgement,
    decided,
    judged_at_hq,
    notified,
    proposed,
    with_chief,
)
from tests.evaluations.factories import Work, make_work
from tests.findings.factories import breach, judged

ENDED = DECIDED + timedelta(days=2)


def test_the_worker_writes_the_person_of_judgements_decisions_and_outcomes_once(
    store: Database, tmp_path: Path
) -> None:
    with store.transaction() as session:
        work = with_chief(make_work(session, tmp_path))
        found = judged(work, breach()), judged(work, breach(2)), judged_at_hq(work), judged(work, breach(3))
        first, second, third, _ = notified(work, *found)
        mark_read(work.context("zhang", PROPOSED), third.id)
        record = decided(work, proposed(work, second))
        waiting, upheld = appealed_judgement(work, second), appealed_judgement(work, first)
        appeals.uphold(work.context("head", ENDED), upheld.id, WHY, Remedy.SET_ASIDE, version=upheld.version)
        retracted = appealed_judgement(work, third)
        appeals.retract(work.context("zhang", ENDED), retracted.id, version=retracted.version)
        number, record_number = upheld.number, record.number
        assert waiting.number != number
    written = {}
    for where, at in (("", PROPOSED), ("mail", PROPOSED), ("mail", ENDED)):
        settings = Settings(home=tmp_path, mode=Mode.HQ, smtp_host=where, mail_domain="tax.example")
        for _ in range(2):
            tasks.remind_of_decisions(Worker(settings, store, repeat(at).__next__))
        with store.reading() as session:
            written[where, at] = list(session.scalars(select(Mail).order_by(Mail.written_at)))
    assert written["", PROPOSED] == []
    said = Counter(one.subject for one in written["mail", ENDED] if one.recipient.startswith("zhang@"))
    assert said == {f"[通知] {record_number}": 1, f"[申诉结果] {number}": 1, "[通知] 通话评价: 1": 1}
    assert not any(name in one.body for one in written["mail", ENDED] for name in (OBJECTED.text, WHY, "张"))


def test_a_node_learns_that_a_decision_waits_for_one_of_its_people_and_when_it_does_not_any_more(
    work: Work,
) -> None:
    session, zhang = work.session, work.town.people["zhang"]
    waiting, answered = (proposed(work, judged(work, breach(n))) for n in (1, 2))

    def fetches(office: str = "01") -> list[str]:
        apply_copies(session, office, changed_after(session, office, copied_until(session, office, KIND)))
        return [one.number for one in list_to_confirm(session, zhang.id)]

    assert fetches() == []
    decided(work, waiting)
    decided(work, answered)
    assert fetches("02") == []
    assert fetches() == [waiting.number, answered.number]
    service.confirm(work.context("zhang", ENDED), waiting.id, version=waiting.version)
    appeal = appealed(work, answered)
    assert fetches() == []
    appeals.uphold(work.context("chief", ENDED), appeal.id, "x", version=appeal.version)
    fetches()
    states = {one.record_id: one.state for one in session.scalars(select(RecordCopy))}
    assert states == {waiting.id: RecordState.CONFIRMED, answered.id: RecordState.REVOKED}
    sent = changed_after(session, "01")
    assert not any(text in sent.model_dump_json() for text in (WHY, "张", "扣"))


@pytest.mark.parametrize("known", [Head(3, "f" * 64), Head(10**9, "0" * 64)])
def test_after_headquarters_was_put_back_a_node_forgets_what_is_not_there(work: Work, known: Head) -> None:
    record = decided(work, proposed(work))
    apply_copies(work.session, "01", changed_after(work.session, "01"))
    work.session.delete(record.grounds[0])
    work.session.delete(record)
    work.session.flush()
    sent = changed_after(work.session, "01", known)
    assert sent.anew
    apply_copies(work.session, "01", sent)
    assert list_to_confirm(work.session, record.person_id) == []


def test_days_that_are_entered_later_lengthen_the_time_for_an_appeal_and_never_shorten_it(
    store: Database, tmp_path: Path
) -> None:
    settings = Settings(mode=Mode.HQ, home=tmp_path)

    def counts_again(at: datetime) -> None:
        tasks.remind_of_decisions(Worker(settings, store, repeat(at).__next__))

    with store.transaction() as session:
        work = make_work(session, tmp_path)
        (evaluation,) = notified(work, judged(work, breach()), at=DECIDED)
        record = decided(work, proposed(work, evaluation))
        until = record.appeal_until
        assert until is not None
        author = work.town.people["head"].id
        session.add(EnteredDay(day=until, worked=False, reason="调休", entered_by=author))
    counts_again(DECIDED + timedelta(days=1))
    with store.transaction() as session:
        days = session.scalars(select(JudgementNotice.appeal_until)).all()
        assert {*days, session.get_one(Record, record.id).appeal_until} == {until + timedelta(days=1)}
        session.get_one(EnteredDay, until).worked = True
    counts_again(DECIDED + timedelta(days=2))
    with store.reading() as session:
        assert session.scalars(select(JudgementNotice.appeal_until)).one() == until + timedelta(days=1)
