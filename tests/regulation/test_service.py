"""The regulation comes with the system, is replaced by versions, and is confirmed by each."""

from collections.abc import Iterator

import pytest

from supervision.actor import Role, Scope
from supervision.context import Context
from supervision.database import Database
from supervision.errors import Conflict, InvalidInput, NotFound, Refused
from supervision.regulation.queries import (
    confirmed_at,
    count_confirmed,
    get_version,
    in_force,
    list_people,
    list_versions,
)
from supervision.regulation.rules import MOVES, ClauseText, RegulationFault, VersionState, regulation_fault
from supervision.regulation.service import begin_draft, change_draft, confirm, publish
from tests.calls.samples import Town, make_town

TEXTS = [ClauseText("总则", "第一条的内容"), ClauseText("附则", "第二条的内容")]


@pytest.fixture
def town(store: Database) -> Iterator[Town]:
    with store.transaction() as session:
        town = make_town(session)
        town.person("head", "沈科长", Role.SUPERVISION_HEAD)
        for person in town.people.values():
            person.password_hash = "x"
        yield town


def test_the_first_version_comes_with_the_system(town: Town) -> None:
    first = in_force(town.session)
    assert first is not None
    assert (first.n, first.title) == (1, "咨询电话语音记录系统管理暂行办法")
    chapters = {clause.chapter for clause in first.clauses}
    assert len(chapters) == 8
    assert [clause.n for clause in first.clauses] == list(range(1, len(first.clauses) + 1))


def test_a_new_version_replaces_the_old_one_which_stays_as_it_was(town: Town) -> None:
    head, session = town.actor("head"), town.session
    draft = begin_draft(Context(session, head, Scope()))
    assert begin_draft(Context(session, head, Scope())).id == draft.id
    changed = change_draft(
        Context(session, head, Scope()), draft.id, title="新办法", clauses=TEXTS, version=draft.version
    )
    with pytest.raises(Conflict):
        change_draft(
            Context(session, head, Scope()), draft.id, title="旧", clauses=TEXTS, version=changed.version - 1
        )
    before = in_force(session)
    assert before is not None
    publish(Context(session, head, Scope()), draft.id, changed.version)
    now = in_force(session)
    assert now is not None
    assert (now.n, [clause.text for clause in now.clauses]) == (2, ["第一条的内容", "第二条的内容"])
    assert before.state is VersionState.RETIRED
    assert len(get_version(session, before.id, drafts=False).clauses) == 32
    for regulation_id in (now.id, before.id):
        version = get_version(session, regulation_id, drafts=True).version
        with pytest.raises(Refused, match="version_published"):
            change_draft(
                Context(session, head, Scope()), regulation_id, title="改", clauses=TEXTS, version=version
            )
    assert [one.n for one in list_versions(session, drafts=False)] == [2, 1]


def test_each_confirms_each_version_once(town: Town) -> None:
    session, zhang = town.session, town.actor("zhang")
    first = in_force(session)
    assert first is not None
    confirm(Context(session, zhang, Scope()), first.id)
    confirm(Context(session, zhang, Scope()), first.id)
    assert count_confirmed(session, first.id) == 1
    assert confirmed_at(session, zhang, first.id) is not None
    people = list_people(session, town.scope("leader"), first.id)
    assert {one.login for one in people} == {"zhang", "li", "leader"}
    assert [one.login for one in people if one.at] == ["zhang"]
    assert people[-1].login == "zhang"
    draft = begin_draft(Context(session, town.actor("head"), Scope()))
    publish(Context(session, town.actor("head"), Scope()), draft.id, draft.version)
    assert confirmed_at(session, zhang, draft.id) is None
    with pytest.raises(Refused, match="regulation_retired"):
        confirm(Context(session, zhang, Scope()), first.id)


def test_a_draft_is_nobodys_to_see_but_his_who_writes_it(town: Town) -> None:
    draft = begin_draft(Context(town.session, town.actor("head"), Scope()))
    with pytest.raises(NotFound):
        get_version(town.session, draft.id, drafts=False)
    with pytest.raises(NotFound):
        confirm(Context(town.session, town.actor("zhang"), Scope()), draft.id)


@pytest.mark.parametrize(
    ("title", "clauses", "fault"),
    [
        ("办法", TEXTS, None),
        (" ", TEXTS, RegulationFault.NO_TITLE),
        ("办法", [], RegulationFault.NO_CLAUSES),
        ("办法", [ClauseText("总则", " ")], RegulationFault.EMPTY_CLAUSE),
        ("办法", [ClauseText("", "内容")], RegulationFault.EMPTY_CLAUSE),
        ("办" * 101, TEXTS, RegulationFault.TOO_LONG),
        ("办法", [ClauseText("总则", "长" * 2001)], RegulationFault.TOO_LONG),
    ],
)
def test_only_a_whole_text_comes_into_force(
    title: str, clauses: list[ClauseText], fault: RegulationFault | None
) -> None:
    assert regulation_fault(title, clauses) is fault


def test_an_unfit_draft_is_refused(town: Town) -> None:
    head = town.actor("head")
    draft = begin_draft(Context(town.session, head, Scope()))
    with pytest.raises(InvalidInput):
        change_draft(
            Context(town.session, head, Scope()), draft.id, title="", clauses=TEXTS, version=draft.version
        )


def test_a_version_only_ever_moves_forward() -> None:
    draft, in_force_, retired = VersionState
    assert {(old, new) for old, to in MOVES.items() for new in to} == {(draft, in_force_), (in_force_, retired)}
