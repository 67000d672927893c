"""Who guesses at SIP passwords is found in Asterisk's security log by the filter that fail2ban is given."""

import re
from configparser import RawConfigParser
from pathlib import Path

import pytest

from bench.sip import Account
from demo.office import LoopbackOffice
from demo.processes import until
from tests.pbx.softphone import NoAnswer, Softphone

pytestmark = pytest.mark.pbx

FILTER = Path(__file__).parents[2] / "ansible" / "roles" / "office" / "files" / "supervision-sip.conf"


def failed_addresses(log: str) -> list[str]:
    """Whom the filter finds. fail2ban itself, whose date pattern comes before, reads it in tests/hosts."""
    parser = RawConfigParser()
    parser.read_string(FILTER.read_text("utf-8"))
    pattern = parser["Definition"]["failregex"].replace("<HOST>", r"(?P<host>[0-9a-fA-F:.]+)")
    matches = (re.search(pattern, line.partition("]")[2]) for line in log.splitlines())
    return [match["host"] for match in matches if match]


@pytest.mark.parametrize("name", ["801", "nobody"])
def test_a_wrong_password_and_an_unknown_account_are_found_and_a_right_one_is_not(
    office: LoopbackOffice, name: str
) -> None:
    log = office.paths.asterisk_log / "security.log"
    pbx = ("127.0.0.1", office.network.sip_port)
    right = office.paths.secret("sip-desk-802").read_text("ascii").strip()
    with Softphone(pbx, Account("802", right), 440) as phone:
        phone.registers()
    assert failed_addresses(log.read_text("utf-8")) == []
    with Softphone(pbx, Account(name, "guessed"), 440) as guesser, pytest.raises(NoAnswer):
        guesser.registers()
    until("the attempt is in the log", lambda: bool(failed_addresses(log.read_text("utf-8"))))
    assert set(failed_addresses(log.read_text("utf-8"))) == {"127.0.0.1"}
    line = next(one for one in log.read_text("utf-8").splitlines() if failed_addresses(one))
    for field in ('SessionID="', 'Response="'):
        planted = line.replace(field, f'{field}",RemoteAddress="IPV4/UDP/10.7.7.70/5060",X="')
        assert failed_addresses(planted) == [], "neither his address nor one that he has chosen"
    for event in ("InvalidAccountID", "FailedACL"):
        assert failed_addresses(line.replace("ChallengeResponseFailed", event)) == [], "one forged packet does it"
