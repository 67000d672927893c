"""The sheets and provisioning files of an office's FXO ports, and which ports are registered."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from asterisk.gateways.registrations import check_registrations, registered_accounts
from asterisk.gateways.sheets import write_sheets
from supervision.offices.description import OfficeDescription, load_description

EXAMPLE = Path(__file__).parents[2] / "docs" / "office.example.yaml"
PASSWORD = "an<&unusual password"
CONTACTS = """
  Contact:  <Aor/ContactUri..............................> <Hash....> <Status> <RTT(ms)..>
==========================================================================================

  Contact:  801/sip:801@10.7.0.31:5060                     5d0e3a2a1c Avail        11.306
  Contact:  fxo-1/sip:fxo-1@10.7.0.20:5060                 8f6d0e9a77 NonQual         nan

Objects found: 2
"""


@pytest.fixture
def office() -> OfficeDescription:
    return load_description(EXAMPLE)


def write(office: OfficeDescription, folder: Path, macs: dict[str, str] | None = None) -> dict[str, str]:
    files = write_sheets(office, "10.7.0.1:5060", folder, lambda name: f"{PASSWORD} {name}", macs)
    return {file.name: file.read_text("utf-8") for file in files}


def test_each_port_has_a_sheet_in_both_languages(office: OfficeDescription, tmp_path: Path) -> None:
    written = write(office, tmp_path)
    for name in ("07-1.md", "07-1.zh-CN.md"):
        for value in ("62310001", "10.7.0.1:5060", "`fxo-1`", "c=350/350;", "c=700/700;", "secrets/sip-line-07-1"):
            assert value in written[name]
    for name in ("07-2.md", "07-2.zh-CN.md"):
        assert "`X-Port: p2`" in written[name]
        assert "10.7.0.20" in written[name]
        assert "sip-line-07-2" not in written[name]


def test_a_sheet_holds_no_password(office: OfficeDescription, tmp_path: Path) -> None:
    written = write(office, tmp_path)
    assert not [name for name, text in written.items() if name.endswith(".md") and PASSWORD in text]


def test_the_sheet_says_whether_the_gateway_waits_for_the_callers_number(
    office: OfficeDescription, tmp_path: Path
) -> None:
    written = write(office, tmp_path)
    assert "at the first ring" in written["07-1.md"]
    assert "after 1 ring" in written["07-2.md"]


def test_the_provisioning_file_holds_the_account_and_only_its_owner_reads_it(
    office: OfficeDescription, tmp_path: Path
) -> None:
    written = write(office, tmp_path, {"fxo-1": "c074ad0000aa"})
    root = ElementTree.fromstring(written["cfgc074ad0000aa.xml"])  # noqa: S314 - our own
    settings = {item.tag: item.text for item in root.find("config") or ()}
    assert root.findtext("mac") == "c074ad0000aa"
    assert (settings["P747"], settings["P735"], settings["P736"]) == ("10.7.0.1:5060", "fxo-1", "fxo-1")
    assert settings["P734"] == f"{PASSWORD} sip-line-07-1"
    assert (settings["P757"], settings["P750"]) == ("8", "0")
    assert (tmp_path / "cfgc074ad0000aa.xml").stat().st_mode & 0o077 == 0
    assert "07-2.xml" not in written  # its gateway has no account


@pytest.mark.parametrize("mac", ["c0:74:ad:00:00:aa", "../../etc/x", "C074AD0000AA"])
def test_what_is_no_hardware_address_names_no_file(office: OfficeDescription, tmp_path: Path, mac: str) -> None:
    with pytest.raises(ValueError, match="hardware address"):
        write(office, tmp_path, {"fxo-1": mac})


def test_two_accounts_with_one_hardware_address_write_nothing(office: OfficeDescription, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="same hardware address"):
        write(office, tmp_path, {"fxo-1": "c074ad0000aa", "fxo-2": "c074ad0000aa"})
    assert not list(tmp_path.iterdir())


def test_registered_is_who_has_a_contact() -> None:
    assert registered_accounts(CONTACTS) == {"801", "fxo-1"}
    assert registered_accounts("No objects found.\n") == frozenset()


def test_a_port_without_a_contact_is_missing(office: OfficeDescription) -> None:
    found = check_registrations(office, lambda command: CONTACTS)
    assert (found.registered, found.missing, found.by_address) == (("fxo-1",), (), ("07-2",))
    found = check_registrations(office, lambda command: "No objects found.\n")
    assert (found.registered, found.missing) == ((), ("fxo-1",))
