"""The scorecard comes with the system and is replaced by versions, on both databases."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from supervision.actor import Role, Scope
from supervision.context import Context
from supervision.database import Database
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.regulation import service as regulation
from supervision.regulation.queries import in_force as regulation_in_force
from supervision.regulation.rules import ClauseText, VersionState
from supervision.scorecards.models import Scorecard
from supervision.scorecards.queries import get_in_force, get_version, list_versions
from supervision.scorecards.rules import CriterionText, card_fault
from supervision.scorecards.service import begin_draft, card_of, change_draft, gone_citations, publish
from tests.calls.samples import Town, make_town


@pytest.fixture
def town(store: Database) -> Iterator[Town]:
    with store.transaction() as session:
        town = make_town(session)
        town.person("head", "沈科长", Role.SUPERVISION_HEAD)
        yield town


def test_the_first_scorecard_is_the_domains(town: Town) -> None:
    card = card_of(get_in_force(town.session))
    assert card_fault(card) is None
    assert [one.weight for one in card.criteria] == [15, 20, 30, 15, 10, 5, 5]
    assert [bool(one.critical) for one in card.criteria] == [False, False, True, False, False, False, True]
    assert [one.name for one in card.criteria if one.may_not_apply] == ["首问责任与转办", "结束语"]
    assert (card.heard_percent, card.whole_under_s) == (60, 60)
    assert all(one.clause_ns for one in card.criteria)


def test_a_published_version_is_never_changed(town: Town) -> None:
    head, session = town.actor("head"), town.session
    first = get_in_force(session)
    before = card_of(first)
    draft = begin_draft(Context(session, head, Scope()))
    assert begin_draft(Context(session, head, Scope())).id == draft.id
    with pytest.raises(NotFound):
        get_version(session, draft.id, drafts=False)
    criteria = (
        CriterionText("正确", "", 70, "", (18,)),
        CriterionText("态度", "耐心", 30, "辱骂", (17, 20), may_not_apply=True, needs_no_reason=True),
    )
    wanted = replace(card_of(draft), title="新评分表", criteria=criteria, heard_percent=80)
    draft = change_draft(Context(session, head, Scope()), draft.id, wanted, draft.version)
    assert card_of(draft) == wanted
    with pytest.raises(Conflict):
        change_draft(Context(session, head, Scope()), draft.id, wanted, draft.version - 1)
    publish(Context(session, head, Scope()), draft.id, draft.version)
    assert get_in_force(session).id == draft.id
    session.expire_all()
    old = get_version(session, first.id)
    assert (card_of(old), old.state) == (before, VersionState.RETIRED)
    for one in (old, get_in_force(session)):
        with pytest.raises(Refused, match="version_published"):
            change_draft(Context(session, head, Scope()), one.id, wanted, one.version)
        with pytest.raises(Refused, match="version_published"):
            publish(Context(session, head, Scope()), one.id, one.version)
    assert [one.n for one in list_versions(session, drafts=True)] == [2, 1]


def test_an_unfit_card_and_an_unknown_clause_are_refused(town: Town) -> None:
    head = town.actor("head")
    draft = begin_draft(Context(town.session, head, Scope()))
    card = card_of(draft)
    with pytest.raises(InvalidInput, match="criteria"):
        change_draft(
            Context(town.session, head, Scope()), draft.id, replace(card, heard_percent=59), draft.version
        )
    cited = (replace(card.criteria[0], clause_ns=(99,)), *card.criteria[1:])
    with pytest.raises(InvalidInput, match="clauses"):
        change_draft(Context(town.session, head, Scope()), draft.id, replace(card, criteria=cited), draft.version)


def test_a_draft_drops_clauses_that_a_new_regulation_no_longer_has(town: Town) -> None:
    head, session = town.actor("head"), town.session
    text = regulation.begin_draft(Context(session, head, Scope()))
    short = [ClauseText(one.chapter, one.text) for one in text.clauses[:16]]
    short.append(ClauseText(text.clauses[16].chapter, "第十七条的新写法"))
    text = regulation.change_draft(
        Context(session, head, Scope()), text.id, title="新", clauses=short, version=text.version
    )
    regulation.publish(Context(session, head, Scope()), text.id, text.version)
    draft = card_of(begin_draft(Context(session, head, Scope())))
    assert [one.clause_ns for one in draft.criteria] == [(16,), (), (), (), (), (16,), ()]
    assert (draft.criteria[1].name, 17) in [(name, clause.n) for name, clause in gone_citations(session)]


def test_a_draft_cites_the_same_text_though_the_regulation_numbers_it_anew(town: Town) -> None:
    head, session = town.actor("head"), town.session
    before = regulation_in_force(session)
    assert before
    text = regulation.begin_draft(Context(session, head, Scope()))
    longer = [ClauseText("总则", "新增的第一条"), *(ClauseText(one.chapter, one.text) for one in before.clauses)]
    text = regulation.change_draft(
        Context(session, head, Scope()), text.id, title="新", clauses=longer, version=text.version
    )
    regulation.publish(Context(session, head, Scope()), text.id, text.version)
    old, new = card_of(get_in_force(session)), card_of(begin_draft(Context(session, head, Scope())))
    assert [one.clause_ns for one in new.criteria] == [tuple(n + 1 for n in one.clause_ns) for one in old.criteria]
    assert gone_citations(session) == []


def test_there_is_one_draft_and_one_in_force_at_most(store: Database) -> None:
    for n, state in ((2, VersionState.IN_FORCE), (3, VersionState.DRAFT), (4, VersionState.DRAFT)):
        try:
            with store.transaction() as session:
                session.add(Scorecard(n=n, title="x", state=state))
        except IntegrityError:
            assert n != 3
        else:
            assert n == 3


def test_a_draft_of_another_sum_is_kept_and_not_put_into_force(town: Town) -> None:
    head, before = town.actor("head"), get_in_force(town.session).id
    draft = begin_draft(Context(town.session, head, Scope()))
    card = card_of(draft)
    draft = change_draft(
        Context(town.session, head, Scope()), draft.id, replace(card, criteria=card.criteria[:2]), draft.version
    )
    assert [one.weight for one in card_of(draft).criteria] == [15, 20]
    with pytest.raises(InvalidInput, match="weights_not_whole"):
        publish(Context(town.session, head, Scope()), draft.id, draft.version)
    assert (draft.state, get_in_force(town.session).id) == (VersionState.DRAFT, before)
