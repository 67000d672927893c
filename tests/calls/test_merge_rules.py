"""One record out of three witnesses: text tables of what each reported, beside the record that it comes to."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.calls.merge_rules import Merged, merge_witnesses
from supervision.calls.rules import Disposition, Event, EventKind, LineRules, Party, Record, Witness, build_record
from tests.calls.test_rules import story

LINE = LineRules(ring_s=5.0, last_ring=10, leader_desks=frozenset({"809"}))


def events_of(text: str) -> dict[Witness, list[Event]]:
    """Lines as in a `story`, each with the witness who reported it in front."""
    lines: dict[Witness, list[str]] = {}
    for line in filter(str.strip, text.splitlines()):
        witness, rest = line.split(maxsplit=1)
        lines.setdefault(Witness(witness), []).append(rest)
    return {witness: story("\n".join(rest)) for witness, rest in lines.items()}


def merged(text: str) -> Merged:
    return merge_witnesses(events_of(text), LINE)


CEL = """
cel 0.0   offered
cel 0.4   line_answered
cel 0.5   desk_rang      801
cel 7.0   desk_answered  801
cel 60.0  hung_up        caller
cel 60.1  desk_left      801
cel 60.1  ended
"""
CDR = """
cdr 0.0   offered
cdr 0.0   line_answered
cdr 0.0   desk_rang      801
cdr 7.0   desk_answered  801
cdr 60.0  hung_up        caller
cdr 60.0  ended
"""
LAST_OF_IT = """
ari 0.0   offered
ari 60.0  hung_up        caller
ari 60.1  ended
"""
SEEN_LIVE = """
ari 0.0   offered
ari 0.6   desk_rang      801
ari 7.0   desk_answered  801
ari 60.0  hung_up        caller
ari 60.1  ended
"""
WHOLE = SEEN_LIVE + "ari 60.1 watched_whole"
GIVEN_UP = "ari 61.0 interrupted"
CUT_SHORT = "\n".join(CEL.strip().splitlines()[:4])


@pytest.mark.parametrize(
    ("text", "witness", "disposition", "by", "settled"),
    [
        pytest.param(LAST_OF_IT, Witness.ARI, None, None, False, id="a fragment gives a call no end"),
        pytest.param(SEEN_LIVE, Witness.ARI, None, None, False, id="nor if it happens to have all of it"),
        pytest.param(WHOLE, Witness.ARI, Disposition.ANSWERED, Party.CALLER, True, id="watched whole"),
        pytest.param(WHOLE + CEL, Witness.ARI, Disposition.ANSWERED, Party.CALLER, True, id="whole before CEL"),
        pytest.param(LAST_OF_IT + CEL, Witness.CEL, Disposition.ANSWERED, Party.CALLER, True, id="CEL outranks"),
        pytest.param(LAST_OF_IT + CDR, Witness.CDR, Disposition.ANSWERED, Party.CALLER, True, id="CDR outranks"),
        pytest.param(CDR + CEL, Witness.CEL, Disposition.ANSWERED, Party.CALLER, True, id="CEL before CDR"),
        pytest.param(CUT_SHORT, Witness.CEL, None, None, False, id="CEL in mid-call"),
        pytest.param(
            CUT_SHORT + "\ncel 30.0 interrupted",
            Witness.CEL,
            Disposition.ANSWERED,
            Party.SYSTEM,
            False,
            id="Asterisk died",
        ),
        pytest.param(
            LAST_OF_IT + GIVEN_UP, Witness.ARI, Disposition.ABANDONED, Party.CALLER, False, id="no log tells it"
        ),
        pytest.param(
            LAST_OF_IT + GIVEN_UP + CEL,
            Witness.CEL,
            Disposition.ANSWERED,
            Party.CALLER,
            True,
            id="a log tells it after all",
        ),
        pytest.param(
            LAST_OF_IT + GIVEN_UP + CDR,
            Witness.CDR,
            Disposition.ANSWERED,
            Party.CALLER,
            True,
            id="the detail record tells it after all",
        ),
    ],
)
def test_the_best_witness_who_saw_the_end_has_the_word(
    text: str, witness: Witness, disposition: Disposition | None, by: Party | None, *, settled: bool
) -> None:
    found = merged(text)
    assert (found.witness, found.record.disposition, found.record.hung_up_by, found.settled) == (
        witness,
        disposition,
        by,
        settled,
    )
    assert (found.record.ended_at is None) is (disposition is None)


@pytest.mark.parametrize("late", [CEL, CDR])
def test_a_call_that_was_given_up_and_reported_later_is_as_if_it_had_been_reported_at_once(late: str) -> None:
    assert merged(LAST_OF_IT + GIVEN_UP + late) == merged(late)
    assert not merged(LAST_OF_IT + GIVEN_UP + late).record.interrupted


def test_a_call_that_was_given_up_twice_ended_at_the_last_sign_of_life() -> None:
    record = merged(CUT_SHORT + "\ncel 30.0 interrupted\nari 31.0 interrupted").record
    assert record.ended_at == story("31.0 ended")[0].at
    assert record.interrupted


def test_a_call_in_progress_is_shown_as_far_as_a_fragment_tells() -> None:
    record = merged("\n".join(SEEN_LIVE.strip().splitlines()[:3])).record
    assert record.answered_desk == "801"
    assert record.ended_at is None


def test_the_beginning_is_known_from_whoever_reported_it() -> None:
    record = merged("cdr 0.0 offered\ncel 7.0 desk_answered 801\ncel 60.0 ended").record
    assert record.offered_at == story("0.0 offered")[0].at


EVERYTHING = [
    (witness, event)
    for text in (LAST_OF_IT, CEL, CDR, GIVEN_UP)
    for witness, events in events_of(text).items()
    for event in events
]


@given(st.lists(st.sampled_from(EVERYTHING)), st.randoms(use_true_random=False))
def test_what_was_sent_counts_and_neither_in_which_order_nor_how_often(
    repeated: list[tuple[Witness, Event]], dice: random.Random
) -> None:
    anyhow = EVERYTHING + repeated
    dice.shuffle(anyhow)
    given_so = {one: [event for witness, event in anyhow if witness is one] for one in Witness}
    in_order = {one: [event for witness, event in EVERYTHING if witness is one] for one in Witness}
    assert merge_witnesses(given_so, LINE) == merge_witnesses(in_order, LINE)


@given(st.sets(st.sampled_from([one for one in EVERYTHING if one[0] is not Witness.CEL])))
def test_once_the_event_log_has_spoken_nothing_that_others_tell_or_fail_to_tell_matters(
    others: set[tuple[Witness, Event]],
) -> None:
    cel = events_of(CEL)[Witness.CEL]
    given_so = {one: [event for witness, event in others if witness is one] for one in Witness}
    assert merge_witnesses(given_so | {Witness.CEL: cel}, LINE).record == build_record(cel, LINE)


CALLER, DESK = "c.0", "c.1"
IN_ONE_MILLISECOND = (
    Event(EventKind.DESK_ANSWERED, story("3.0 offered")[0].at, DESK, "801", sequence=4),
    Event(EventKind.HUNG_UP, story("3.5 offered")[0].at, DESK, "801", Party.OFFICER, sequence=5),
    Event(EventKind.DESK_LEFT, story("3.5 offered")[0].at, DESK, "801", sequence=6),
    Event(EventKind.HUNG_UP, story("3.5 offered")[0].at, CALLER, None, Party.SYSTEM, sequence=7),
    Event(EventKind.ENDED, story("3.5 offered")[0].at, CALLER, sequence=8),
)


def who(events: list[Event]) -> Record:
    return build_record([*story("0.0 offered\n0.5 desk_rang 801"), *events], LINE)


@given(st.permutations(IN_ONE_MILLISECOND))
def test_an_officer_who_hangs_up_in_the_same_millisecond_as_the_exchange_ends_the_call_hung_up(
    events: list[Event],
) -> None:
    assert who(events).hung_up_by is Party.OFFICER


@given(st.permutations([Event(**(vars(one) | {"sequence": 0})) for one in IN_ONE_MILLISECOND]))
def test_where_nobody_tells_the_order_the_cause_comes_before_its_effect(events: list[Event]) -> None:
    assert who(events).hung_up_by is Party.OFFICER


def test_where_the_exchange_was_first_in_that_millisecond_the_exchange_hung_up() -> None:
    at = story("3.5 offered")[0].at
    events = [
        Event(EventKind.HUNG_UP, at, CALLER, None, Party.CALLER, sequence=9),
        Event(EventKind.HUNG_UP, at, CALLER, None, Party.SYSTEM, sequence=8),
        Event(EventKind.ENDED, at, CALLER, sequence=10),
    ]
    assert who(events).hung_up_by is Party.SYSTEM


def test_who_left_before_another_answered_did_not_end_the_call() -> None:
    happened = "1.0 desk_rang 801\n2.0 desk_answered 801\n9.0 hung_up 801\n9.0 desk_left 801\n10.0 desk_rang 802"
    happened += "\n12.0 desk_answered 802\n20.0 hung_up caller\n20.0 ended"
    record = build_record([*story("0.0 offered"), *story(happened)], LINE)
    assert record.hung_up_by is Party.CALLER
    assert [stretch.desk for stretch in record.segments] == ["801", "802"]
