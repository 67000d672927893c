"""Offers that Asterisk refuses, and answers that nobody acknowledges: seen, though no call comes of them."""

import dataclasses
from collections.abc import Iterator

import pytest

from bench.phones import DESK_MARK, GATEWAY_MARK, Phone
from bench.sip import Account, SipMessage, offer
from demo.office import LoopbackOffice
from demo.processes import until
from supervision.calls.rules import Disposition, Party
from supervision.incidents.rules import Cause
from tests.pbx.stories import call_over, calls_of, incidents_of, tone

pytestmark = pytest.mark.pbx

FAX = offer(40_000).replace("m=audio 40000 RTP/AVP 8", "m=image 40000 udptl t38")
NO_CODEC = offer(40_000).replace("RTP/AVP 8", "RTP/AVP 18").replace("8 PCMA", "18 G729")
NONSENSE = "v=0\r\nblah blah\r\nm=foo"


@pytest.fixture
def port(office: LoopbackOffice) -> Iterator[Phone]:
    """The gateway's port of the first line, spoken for message by message."""
    account = Account("fxo-1", office.paths.secret("sip-line-07-1").read_text("ascii").strip())
    phone = Phone(("127.0.0.1", office.network.sip_port), account, GATEWAY_MARK, DESK_MARK)
    yield phone
    phone.unplug()


def wait_for(phone: Phone, *names: str, within_s: float = 10) -> SipMessage:
    """The next message of one of these names."""

    def come() -> SipMessage | None:
        phone.serve()
        return next((one for one, _ in phone.inbox if one.name in names), None)

    found = until(" or ".join(names), come, within_s)
    phone.inbox.clear()
    return found


def offers(phone: Phone, sdp: str, number: str = "88880001") -> None:
    """Dial with this offer, challenged first as always."""
    dialog = phone.begins(f"{number}@", number)
    phone.request("INVITE", dialog, sdp)
    asked = wait_for(phone, "401 INVITE")
    phone.request("ACK", dataclasses.replace(dialog, called=asked.header("to")))
    phone.request("INVITE", dialog.authorized(asked.header("www-authenticate"), phone.account, "INVITE"), sdp)


def refused(office: LoopbackOffice) -> list[tuple[str, int, str, int]]:
    """The refusals that are reported: subject, how often, line, status."""
    return [
        (row.subject, row.times, row.detail["line"], row.detail["status"])
        for row in incidents_of(office)
        if row.cause is Cause.OFFER_REFUSED
    ]


def test_a_taxpayer_whose_call_asterisk_refused_is_an_incident_of_the_line(
    office: LoopbackOffice, port: Phone
) -> None:
    for sdp, answer in ((NO_CODEC, "488 INVITE"), (NONSENSE, "400 INVITE"), (FAX, "488 INVITE")):
        offers(port, sdp)
        wait_for(port, answer)
    offers(port, offer(port.media.wire.port), "(010)88880001")
    wait_for(port, "404 INVITE")  # a name that the dialplan has no pattern for
    until("all four are reported", lambda: refused(office) == [("line:07-1", 4, "07-1", 488)])
    assert calls_of(office) == []


def test_an_answer_that_the_caller_never_acknowledges_was_not_ended_by_him(
    office: LoopbackOffice, port: Phone
) -> None:
    office.desk("801").answers(after_s=0.2, plays=tone(880, 60.0))
    offers(port, offer(port.media.wire.port))
    port.answer(wait_for(port, "BYE", within_s=45), "200 OK")  # 64 times T1
    call = call_over(office, 20)
    assert (call.disposition, call.answered_desk, call.hung_up_by) == (Disposition.ANSWERED, "801", Party.SYSTEM)
