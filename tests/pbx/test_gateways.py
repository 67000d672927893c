"""The check of the gateways' registrations, at a real Asterisk."""

import pytest

from asterisk.gateways.__main__ import main
from tests.pbx.conftest import Make
from tests.pbx.plugged import port_of, row_of_lines

pytestmark = pytest.mark.pbx


def test_the_check_fails_until_every_port_is_registered(
    make_office: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    office = make_office(row_of_lines(2))
    first, second = (port_of(office, line.key) for line in office.description.lines)
    with first, second:
        first.registers()
        assert main(["--home", str(office.home), "check"]) == 1
        assert capsys.readouterr().out == (
            f"{first.account.name}: registered\n{second.account.name}: NOT REGISTERED\n"
        )
        second.registers()
        assert main(["--home", str(office.home), "check"]) == 0
