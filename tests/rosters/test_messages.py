"""The node's copy: whole and as it is at headquarters, and what it holds while headquarters is away."""

from datetime import date, timedelta

import pytest

from supervision.errors import InvalidInput
from supervision.rosters.arrangements import enter_leave, set_ways
from supervision.rosters.messages import (
    apply_roster,
    find_standing,
    held_etag,
    parse_roster,
    sent_roster,
    standing_of,
)
from supervision.rosters.queries import moment
from supervision.rosters.rules import Absence, LinePolicy, LineState, Way, duty_at
from supervision.workdays.service import enter_days
from tests.rosters.conftest import RosteredOffice
from tests.rosters.test_rules import MONDAY, at
from tests.rosters.test_service import SUNDAY_BEFORE, WORKED, written

TUESDAY = MONDAY + timedelta(days=1)


def test_a_node_answers_as_headquarters_does_from_what_was_sent(office: RosteredOffice) -> None:
    office.put(written(office))
    context = office.context("20:00", SUNDAY_BEFORE)
    set_ways(context, "01", "main", LinePolicy(overflow=Way.VOICEMAIL), version=0)
    enter_leave(context, "01", Absence(office.town.people["li"].id, TUESDAY, TUESDAY), "年休假")
    sent = sent_roster(office.session, "01", moment(at("07:00")))
    apply_roster(office.session, "01", parse_roster(sent.model_dump_json().encode()), context.at)
    here = find_standing(office.session, "01", context.at, copied=True)
    there = find_standing(office.session, "01", moment(at("07:00")), copied=False)
    assert here is not None
    assert there is not None
    for day in (*WORKED, MONDAY + timedelta(days=5)):
        for line in ("main", "invoice"):
            for clock in ("08:00", "09:00", "12:30", "15:00", "19:00"):
                shown = at(clock, day)
                assert duty_at(here.roster, line, shown) == duty_at(there.roster, line, shown)
    assert duty_at(here.roster, "invoice", at("09:00", TUESDAY)).state is LineState.UNROSTERED
    assert (here.policy("main").overflow, here.policy("invoice")) == (Way.VOICEMAIL, LinePolicy())
    assert duty_at(here.roster, "main", at("09:00", WORKED[-1])).state is LineState.OPEN, "a make-up Sunday"


def test_the_same_content_has_the_same_name_and_another_has_another(office: RosteredOffice) -> None:
    office.put(written(office))
    first = sent_roster(office.session, "01", moment(at("07:00")))
    assert parse_roster(first.model_dump_json().encode()).etag == first.etag
    assert sent_roster(office.session, "01", moment(at("09:00"))).etag == first.etag
    head = office.context("20:00", SUNDAY_BEFORE, "supervisor")
    enter_days(head, TUESDAY, TUESDAY, worked=False, reason="防台风停工")
    changed = sent_roster(office.session, "01", moment(at("09:00")))
    assert changed.etag != first.etag, "a day entered by hand reaches the node"
    assert duty_at(standing_of(changed).roster, "main", at("13:00", TUESDAY)).state is LineState.CLOSED


def test_a_copy_holds_until_the_next_comes_and_another_offices_is_refused(office: RosteredOffice) -> None:
    session, now = office.session, moment(at("07:00"))
    assert find_standing(session, "01", now, copied=True) is None
    sent = sent_roster(session, "01", now)
    apply_roster(session, "01", sent, now)
    assert held_etag(session, "01") == sent.etag
    years_later = moment(at("07:00", date(2030, 1, 7)))
    assert find_standing(session, "01", years_later, copied=True) is not None
    with pytest.raises(InvalidInput):
        apply_roster(session, "02", sent, now)
    with pytest.raises(InvalidInput):
        parse_roster(b"{}")
