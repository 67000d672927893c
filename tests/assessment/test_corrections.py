"""Whatever happens after a month is closed: what was frozen stays; a figure is the sum of what it opens into."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from supervision.actor import Scope
from supervision.assessment import service
from supervision.assessment.gathering import items_of
from supervision.assessment.queries import Assessed, Wanted, assess, entries_within, narrow
from supervision.assessment.rules import NOTHING, Entry, Figures, figures_of, parse_period
from supervision.clock import day_bounds
from supervision.complaints import service as complaints
from supervision.database import Database
from supervision.discipline import appeals
from supervision.discipline.models import Appeal
from supervision.discipline.rules import Remedy
from supervision.errors import NotFound, Refused
from supervision.evaluations.service import amend
from supervision.findings.service import open_treatments
from tests.assessment.test_service import CLOSING, LATER, MARCH
from tests.complaints.factories import decided, received
from tests.discipline.factories import appealed, appealed_judgement, notified, with_chief
from tests.discipline.factories import decided as record_decided
from tests.discipline.factories import proposed as record_proposed
from tests.evaluations.factories import Work, make_work
from tests.findings.factories import breach, judged

IN_MARCH = day_bounds(MARCH.replace(day=31))[0]  # no other month of the year is open


class Happening:
    """A closed month with everything in it, and what can happen to it afterwards."""

    def __init__(self, work: Work) -> None:
        self.work = work
        with_chief(work)
        self.evaluations = notified(work, judged(work, breach()), judged(work), judged(work, breach(2), breach()))
        open_treatments(work.session)
        self.record = record_decided(work, record_proposed(work, self.evaluations[0]))
        self.complaints = [decided(work, received(work)), decided(work, received(work), person="")]
        service.close_month(work.context("head", CLOSING), MARCH)

    def begin(self, chance: Random) -> None:
        self.chance = chance
        self.contests: list[Appeal] = []

    def amend(self) -> None:
        one = self.chance.choice(self.evaluations)
        content = self.work.content(deduct=self.chance.randint(1, 9))
        amend(self.work.context("leader", LATER), one.id, content, reason="复核后更正", n=len(one.judgements))

    def appeal(self) -> None:
        self.contests.append(appealed_judgement(self.work, self.chance.choice(self.evaluations)))

    def appeal_record(self) -> None:
        self.contests.append(appealed(self.work, self.record))

    def decide_appeal(self) -> None:
        if self.contests:
            one = self.contests.pop()
            context = self.work.context("chief" if one.record_id else "head", LATER)
            if self.chance.random() < 0.3:
                appeals.dismiss(context, one.id, "不成立", version=one.version)
            else:
                remedy = None if one.record_id else Remedy.SET_ASIDE
                appeals.uphold(context, one.id, "成立", remedy, version=one.version)

    def reopen(self) -> None:
        one = self.chance.choice(self.complaints)
        complaints.reopen(self.work.context("head", LATER), one.id, "有新证据", version=one.version)

    def call(self) -> None:
        self.work.town.call(rings=self.chance.choice([1, 5]))

    def look(self) -> None:
        service.note_corrections(self.work.session, MARCH, CLOSING)


ACTS = ("amend", "appeal", "appeal_record", "decide_appeal", "reopen", "call", "look")


@pytest.fixture
def happening(sqlite_url: str, tmp_path: Path) -> Iterator[Happening]:
    database = Database(sqlite_url)
    with database.transaction() as session:
        yield Happening(make_work(session, tmp_path))
    database.close()


def looked_at(work: Work) -> list[Assessed]:
    """Every office and person, in the month and in its year."""
    periods = [parse_period(name) for name in ("2026-03", "2026")]
    wanted = [Wanted(period, IN_MARCH, offices) for period in periods for offices in (True, False)]
    return [row for one in wanted for row in assess(work.session, Scope(), one)]


def standing(figures: Figures) -> Figures:
    """Without those that came to nothing."""
    return {figure: tally for figure, tally in figures.items() if tally != NOTHING}


@settings(
    max_examples=8,
    phases=[Phase.generate],  # a smaller example of a failure would take minutes to find
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(st.sampled_from(ACTS), min_size=1, max_size=8), chance=st.randoms(use_true_random=False))
def test_what_was_frozen_stays_and_each_figure_is_the_sum_of_what_it_opens_into(
    happening: Happening, acts: list[str], chance: Random
) -> None:
    work, session = happening.work, happening.work.session
    frozen = {(one.office, one.key): standing(one.closed) for one in looked_at(work)}
    undone = session.begin_nested()
    happening.begin(chance)
    for name in acts:
        with suppress(Refused, NotFound), session.begin_nested():
            getattr(happening, name)()
    happening.look()
    live = figures_of(Entry(one) for one in items_of(session, MARCH, CLOSING))
    assert standing(figures_of(entries_within(session, Scope(), MARCH, CLOSING))) == live
    for one in looked_at(work):
        assert standing(one.closed) == frozen.get((one.office, one.key), {})
        scope = narrow(Scope(), one.key, offices=one.office)
        opened = entries_within(session, scope, MARCH, CLOSING)
        assert standing(figures_of(opened)) == standing(one.figures)
        assert standing(figures_of(entry for entry in opened if not entry.correction)) == standing(one.closed)
    undone.rollback()
