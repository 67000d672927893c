"""A refused offer of a known port is reported with its line, once; everything else on the wire is not."""

import asyncio

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from ari_app.hep import Copied
from ari_app.node import Node
from ari_app.refusals import OFFERS_KEPT, Refusal, RefusalReporter, Refusals
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.offices.description import parse_description
from tests.ari_app.test_store_writer import writer_on
from tests.pbx.stories import description

LINES = parse_description(yaml.safe_dump(description(), allow_unicode=True)).lines
HERE = "127.0.0.1"
KNOWN = 'Authorization: Digest username="fxo-1", realm="asterisk"'


def invite(extra: str = KNOWN, to: str = "<sip:88880001@pbx>", call_id: str = "c1") -> bytes:
    lines = ["INVITE sip:88880001@pbx SIP/2.0", f"To: {to}", f"Call-ID: {call_id}", "CSeq: 2 INVITE", extra]
    return ("\r\n".join(lines) + "\r\n\r\nv=0").encode()


def answer(status: str, extra: str = "", call_id: str = "c1", cseq: str = "2 INVITE") -> bytes:
    return f"SIP/2.0 {status}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n{extra}\r\n\r\n".encode()


def refusals_of(*messages: bytes, source: str = HERE) -> list[Refusal]:
    refusals = Refusals(LINES)
    return [one for message in messages if (one := refusals.see(source, message)) is not None]


def test_an_offer_without_a_codec_in_common_is_reported_with_its_line() -> None:
    assert refusals_of(invite(), answer("100 Trying"), answer("488 Not Acceptable Here")) == [
        Refusal("07-1", 488, "Not Acceptable Here")
    ]


def test_nonsense_is_reported_with_what_asterisk_says_of_it() -> None:
    why = 'Warning: 399 SIP "Invalid SDP"'
    assert refusals_of(invite(), answer("400 Bad Request", why)) == [Refusal("07-1", 400, '399 SIP "Invalid SDP"')]


def test_a_port_that_is_known_by_header_and_address_has_its_line_too() -> None:
    assert [one.line_key for one in refusals_of(invite("X-Port: p2"), answer("488 No"))] == ["07-2"]
    assert refusals_of(invite("X-Port: p2"), answer("488 No"), source="10.0.0.9") == []
    assert refusals_of(invite("X-Port: p9"), answer("488 No")) == []


def test_an_answer_that_is_sent_again_is_reported_once() -> None:
    assert len(refusals_of(invite(), answer("488 No"), answer("488 No"), answer("488 No"))) == 1


def test_an_offer_whose_refusal_was_lost_and_that_is_sent_again_is_reported_once() -> None:
    assert len(refusals_of(invite(), answer("488 No"), invite(), answer("488 No"))) == 1


def test_a_second_call_on_a_port_that_carries_one_is_reported() -> None:
    assert refusals_of(invite(), answer("486 Busy here")) == [Refusal("07-1", 486, "Busy here")]


def test_a_call_beyond_what_asterisk_carries_in_all_is_reported() -> None:
    assert refusals_of(invite(), answer("503 Service Unavailable")) == [
        Refusal("07-1", 503, "Service Unavailable")
    ]


@pytest.mark.parametrize("status", ["404 Not Found", "484 Address Incomplete"])
def test_a_number_that_the_dialplan_does_not_know_is_reported(status: str) -> None:
    code, reason = status.split(" ", 1)
    assert refusals_of(invite(), answer(status)) == [Refusal("07-1", int(code), reason)]


@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized", "487 Cancelled", "480 Away"])
def test_other_ends_of_an_offer_are_no_refusal(status: str) -> None:
    assert refusals_of(invite(), answer(status), answer("488 No")) == []


def test_a_change_within_a_call_and_an_offer_of_a_stranger_are_no_refusal() -> None:
    assert refusals_of(invite(to="<sip:1@pbx>;tag=us"), answer("488 No")) == []
    assert refusals_of(invite('Authorization: Digest username="stranger"'), answer("488 No")) == []
    assert refusals_of(invite(""), answer("488 No")) == []
    assert refusals_of(invite(), answer("488 No", cseq="2 UPDATE")) == []
    assert refusals_of(answer("488 No")) == []


def test_of_offers_that_are_never_answered_no_more_are_kept_than_may_be() -> None:
    refusals = Refusals(LINES)
    for n in range(OFFERS_KEPT + 5):
        refusals.see(HERE, invite(call_id=f"c{n}"))
    assert len(refusals._offers) == OFFERS_KEPT
    assert refusals.see(HERE, answer("488 No", call_id="c0")) is None


@given(st.lists(st.binary(max_size=300) | st.sampled_from([invite(), answer("200 OK")]), max_size=8))
def test_whatever_comes_is_read_without_a_fault(messages: list[bytes]) -> None:
    refusals_of(*messages)


def test_a_flood_of_refusals_is_written_once_a_second_with_its_number(store: Database) -> None:
    """The node's own hands: one write a turn for each line, whatever came meanwhile, and none is lost."""
    writer = writer_on(store, "07-1")
    writes: list[int] = []
    turns: asyncio.Queue[None] = asyncio.Queue()
    go = asyncio.Semaphore(0)
    node = Node.__new__(Node)
    node.writer, node.refusals = writer, Refusals(LINES)

    async def tell(refusal: Refusal, times: int) -> None:
        writes.append(times)
        await node._report_refusals(refusal, times)

    async def pause(_seconds: float) -> None:
        turns.put_nowait(None)
        await go.acquire()

    def flood(first: int, number: int) -> None:
        for n in range(first, first + number):
            node._see_sip(Copied(HERE, invite(call_id=f"c{n}")))
            node._see_sip(Copied(HERE, answer("400 Bad Request", call_id=f"c{n}")))

    async def story() -> None:
        node.refusal_reporter = RefusalReporter(tell, pause)
        telling = asyncio.create_task(node.refusal_reporter.run())
        flood(0, 1)
        await turns.get()
        flood(1, 2000)
        go.release()
        await turns.get()
        telling.cancel()

    asyncio.run(story())
    assert writes == [1, 2000]
    with store.reading() as session:
        (incident,) = session.scalars(select(Incident))
        assert (incident.cause, incident.times) == (Cause.OFFER_REFUSED, 2001)
