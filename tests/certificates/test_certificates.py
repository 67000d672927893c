"""The certificate authority: what it issues names an office, what it revokes names nobody, and keys are kept."""

import datetime as dt
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from supervision.certificates import authority
from supervision.certificates.__main__ import main
from supervision.certificates.reading import certificate_from
from supervision.certificates.trust import NotTrusted, Reason, Trust
from supervision.clock import now
from supervision.errors import InvalidInput, NotFound, Refused, Unavailable
from supervision.paths import HqPaths


@pytest.fixture
def paths(tmp_path: Path) -> HqPaths:
    """A headquarters with an authority."""
    paths = HqPaths(tmp_path / "hq")
    authority.initialise(paths, "test")
    return paths


def office(paths: HqPaths, code: str = "3301", out: str = "out") -> bytes:
    return authority.issue_office(paths, code, paths.home / out).certificate.read_bytes()


def refused(paths: HqPaths, data: bytes, trust: Trust | None = None) -> Reason:
    with pytest.raises(NotTrusted) as caught:
        (trust or Trust(paths)).office_of(data)
    return caught.value.reason


def test_a_certificate_names_its_office(paths: HqPaths) -> None:
    assert Trust(paths).office_of(office(paths)) == "3301"


def test_a_key_is_its_owners_only_and_fits_its_certificate(paths: HqPaths) -> None:
    files = authority.issue_office(paths, "3301", paths.home / "out")
    for path in (files.key, paths.ca.key):
        assert path.stat().st_mode & 0o777 == 0o600
    key = load_pem_private_key(files.key.read_bytes(), None)
    assert key.public_key() == certificate_from(files.certificate.read_bytes()).public_key()


def test_nothing_is_overwritten(paths: HqPaths) -> None:
    before = office(paths)
    with pytest.raises(Refused):
        office(paths)
    with pytest.raises(Refused):
        authority.initialise(paths, "again")
    assert (paths.home / "out/office-3301.pem").read_bytes() == before


def test_a_revoked_certificate_names_nobody_from_the_next_request_on(paths: HqPaths) -> None:
    first, second, trust = office(paths), office(paths, "3302"), Trust(paths)
    assert trust.office_of(first) == "3301"
    authority.revoke(paths, authority.serials_of(paths, "3301"))
    assert refused(paths, first, trust) is Reason.REVOKED
    authority.revoke(paths, authority.serials_of(paths, "3302"))
    assert refused(paths, first, trust) is Reason.REVOKED, "what was revoked stays so"
    assert refused(paths, second, trust) is Reason.REVOKED


def test_a_certificate_names_nobody_once_it_has_expired(paths: HqPaths) -> None:
    at = now()
    trust, data = Trust(paths, lambda: at), office(paths)
    assert trust.office_of(data) == "3301"
    at += dt.timedelta(days=authority.CERTIFICATE_DAYS, seconds=-2)
    authority.sign_list(paths, days=2 * authority.CERTIFICATE_DAYS)
    assert trust.office_of(data) == "3301"
    at += dt.timedelta(seconds=2)
    assert refused(paths, data, trust) is Reason.EXPIRED
    at -= dt.timedelta(days=authority.CERTIFICATE_DAYS, minutes=10)
    assert refused(paths, data, trust) is Reason.EXPIRED


def test_another_authoritys_certificate_names_nobody(paths: HqPaths, tmp_path: Path) -> None:
    others = HqPaths(tmp_path / "others")
    authority.initialise(others, "test")
    assert refused(paths, office(others)) is Reason.UNKNOWN


def test_a_servers_certificate_and_the_authoritys_own_name_nobody(paths: HqPaths) -> None:
    server = authority.issue_server(paths, ["hq.example", "127.0.0.1"], paths.home / "tls")
    assert refused(paths, server.certificate.read_bytes()) is Reason.UNFIT
    assert refused(paths, paths.ca.certificate.read_bytes()) is Reason.UNFIT


@pytest.mark.parametrize(
    "data", [b"", b"rubbish", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_rubbish_names_nobody(paths: HqPaths, data: bytes) -> None:
    assert refused(paths, data) is Reason.UNREADABLE


def test_two_certificates_at_once_name_nobody(paths: HqPaths) -> None:
    assert refused(paths, office(paths) + office(paths, "3302")) is Reason.UNREADABLE


@pytest.mark.parametrize("damage", ["missing", "rubbish", "of another authority", "out of date"])
def test_without_a_list_of_the_revoked_nobody_is_believed(paths: HqPaths, tmp_path: Path, damage: str) -> None:
    data, trust = office(paths), Trust(paths)
    assert trust.office_of(data) == "3301"
    if damage == "missing":
        paths.crl.unlink()
    elif damage == "rubbish":
        paths.crl.write_bytes(b"rubbish")
    elif damage == "of another authority":
        others = HqPaths(tmp_path / "others")
        authority.initialise(others, "test")
        paths.crl.write_bytes(others.crl.read_bytes())
    else:
        paths.list_warned.write_text((now() + dt.timedelta(days=authority.LIST_DAYS - 60)).isoformat())
        trust = Trust(paths, lambda: now() + dt.timedelta(days=authority.LIST_DAYS, minutes=1))
    with pytest.raises(Unavailable):
        trust.office_of(data)


@pytest.mark.parametrize("code", ["", "x", "../1", "123456789"])
def test_a_certificate_is_for_an_office_code_only(paths: HqPaths, code: str) -> None:
    with pytest.raises(InvalidInput):
        office(paths, code)


def test_what_was_never_issued_cannot_be_revoked(paths: HqPaths) -> None:
    with pytest.raises(NotFound):
        authority.revoke(paths, [5])
    with pytest.raises(NotFound):
        authority.serials_of(paths, "3301")


def test_the_commands_do_it_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUPERVISION_HOME", str(tmp_path / "hq"))
    out = str(tmp_path / "out")
    assert main(["issue-office", "3301", "--out", out]) == 1
    assert "init" in capsys.readouterr().err
    for command in (
        ["init"],
        ["issue-office", "3301", "--out", out],
        ["issue-office", "3302", "--out", out],
        ["issue-server", "localhost", "127.0.0.1", "--out", out],
        ["revoke", "--office", "3301"],
    ):
        assert main(command) == 0
    serial = authority.serials_of(HqPaths(tmp_path / "hq"), "3302")[0]
    assert main(["revoke", f"{serial:x}"]) == 0
    assert main(["renew-list"]) == 0
    capsys.readouterr()
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    assert listed.count("revoked  until") == 2
    assert listed.count("valid    until") == 1
    assert "holds until" in listed
    assert main(["init"]) == 1
    assert "nothing is overwritten" in capsys.readouterr().err
