"""The list, the server, the authority and offices, renewed before they run out; and what a node takes of it."""

import datetime as dt
import itertools
from pathlib import Path

import pytest

from supervision.certificates import authority, service
from supervision.certificates.reading import certificate_from, issued_for
from supervision.certificates.rules import Paper
from supervision.certificates.trust import NotTrusted, Trust
from supervision.clock import now
from supervision.errors import InvalidInput, Unavailable
from supervision.paths import HqPaths, Paths

DAY = dt.timedelta(days=1)


@pytest.fixture
def paths(tmp_path: Path) -> HqPaths:
    """A headquarters with an authority and the intake's certificate."""
    paths = HqPaths(tmp_path / "hq")
    authority.initialise(paths, "test")
    authority.issue_server(paths, ["hq.example", "127.0.0.1"], paths.server.folder)
    return paths


def node_of(paths: HqPaths, home: Path, code: str = "3301") -> Paths:
    """An office's node, admitted."""
    node = Paths(home)
    issued = authority.issue_office(paths, code, home / "issued")
    node.to_hq.folder.mkdir(parents=True)
    node.to_hq.certificate.write_bytes(issued.certificate.read_bytes())
    node.hq_authority.write_bytes(paths.ca.certificate.read_bytes())
    return node


def at_a_time(monkeypatch: pytest.MonkeyPatch, days: float) -> dt.datetime:
    """Let the authority sign so many days from now."""
    at = now() + days * DAY
    monkeypatch.setattr(authority, "now", lambda: at)
    return at


def test_each_is_renewed_before_it_runs_out_and_offices_come_in_all_the_while(
    paths: HqPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = node_of(paths, tmp_path / "node")
    for day in range(0, 20 * 365, 29):
        at = at_a_time(monkeypatch, day)
        service.renew_due(paths, at)
        mine = service.renewed_for_office(paths, node.to_hq.certificate.read_bytes(), at)
        service.take_renewed(node, mine, service.authority_text(paths))
        assert Trust(paths, lambda at=at: at).office_of(node.to_hq.certificate.read_bytes()) == "3301"  # type: ignore[misc]
        ends = [*service.list_endings(paths), *service.list_node_endings(node)]
        assert min(one.ends_at for one in ends) > at + 100 * DAY
    assert len(authority.issued_certificates(paths)) < 40


def test_what_was_renewed_while_the_clock_was_years_ahead_holds_when_it_is_right_again(
    paths: HqPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = node_of(paths, tmp_path / "node")
    ahead = at_a_time(monkeypatch, 15 * 365)
    service.renew_due(paths, ahead)
    office = authority.renew_office(paths, certificate_from(node.to_hq.certificate.read_bytes()), "3301")
    made = [certificate_from(one.read_bytes()) for one in (paths.ca.certificate, paths.server.certificate)]
    assert all(one.not_valid_after_utc > ahead for one in made), "they were renewed"
    assert all(one.not_valid_before_utc <= now() for one in (*made, office))


def test_the_server_keeps_its_key_and_its_names(paths: HqPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    before, key = certificate_from(paths.server.certificate.read_bytes()), paths.server.key.read_bytes()
    at = at_a_time(monkeypatch, authority.CERTIFICATE_DAYS - 100)
    assert Paper.SERVER in service.renew_due(paths, at)
    after = certificate_from(paths.server.certificate.read_bytes())
    assert (after.public_key(), paths.server.key.read_bytes()) == (before.public_key(), key)
    assert after.extensions.get_extension_for_oid(after.extensions[3].oid) == before.extensions[3]
    assert after.not_valid_after_utc > before.not_valid_after_utc
    assert service.renew_due(paths, at) == [], "and not again"


def test_a_renewal_is_made_once_however_often_an_office_asks(
    paths: HqPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = node_of(paths, tmp_path / "node").to_hq.certificate.read_bytes()
    assert service.renewed_for_office(paths, shown, now()) == shown, "not due yet"
    at = at_a_time(monkeypatch, authority.CERTIFICATE_DAYS - 100)
    renewed = service.renewed_for_office(paths, shown, at)
    assert renewed != shown
    assert {service.renewed_for_office(paths, one, at) for one in (shown, renewed, shown)} == {renewed}


def test_the_key_of_a_certificate_for_a_week_gets_no_two_years_by_asking_for_its_renewal(
    paths: HqPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = authority.issue_office(paths, "3301", tmp_path / "node", days=7).certificate.read_bytes()
    for day in range(60):
        at = at_a_time(monkeypatch, day)
        mine = service.renewed_for_office(paths, mine, at)
        assert at < certificate_from(mine).not_valid_after_utc <= at + 7 * DAY
    assert len(authority.issued_certificates(paths)) < 20, "and not one at each asking"


def test_a_certificate_lasts_as_long_as_it_says_however_slow_the_machine_is(
    paths: HqPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, looks = now().replace(microsecond=0), itertools.count(1)
    monkeypatch.setattr(authority, "now", lambda: began + 0.6 * next(looks) * dt.timedelta(seconds=1))
    for n in range(3):  # at other parts of a second
        files = authority.issue_office(paths, "3301", tmp_path / str(n), days=7)
        assert issued_for(certificate_from(files.certificate.read_bytes())) == 7 * DAY


def test_a_renewal_is_bounded_by_what_any_certificate_lasts_and_an_older_one_lasts_so_long(
    paths: HqPaths, tmp_path: Path
) -> None:
    longer = authority.issue_office(paths, "3301", tmp_path / "node", days=2000).certificate.read_bytes()
    most = now() + authority.CERTIFICATE_DAYS * DAY
    renewed = authority.renew_office(paths, certificate_from(longer), "3301")
    assert abs(renewed.not_valid_after_utc - most) < DAY
    of_no_word = certificate_from(paths.ca.certificate.read_bytes())  # says as little of it as our first ones did
    assert abs(authority.renew_office(paths, of_no_word, "3301").not_valid_after_utc - most) < DAY


def test_the_intakes_certificate_for_a_month_is_renewed_for_a_month(
    paths: HqPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths.server.certificate.unlink()
    paths.server.key.unlink()
    authority.issue_server(paths, ["127.0.0.1"], paths.server.folder, days=30)
    assert service.renew_due(paths, now()) == []
    at = at_a_time(monkeypatch, 21)
    assert Paper.SERVER in service.renew_due(paths, at)
    assert certificate_from(paths.server.certificate.read_bytes()).not_valid_after_utc <= at + 30 * DAY


def test_who_revokes_a_certificate_revokes_its_renewals(
    paths: HqPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = node_of(paths, tmp_path / "node").to_hq.certificate.read_bytes()
    at = at_a_time(monkeypatch, authority.CERTIFICATE_DAYS - 100)
    authority.sign_list(paths)
    renewed = service.renewed_for_office(paths, shown, at)
    authority.revoke(paths, [certificate_from(shown).serial_number])
    for one in (shown, renewed):
        with pytest.raises(NotTrusted, match="revoked"):
            Trust(paths, lambda: at).office_of(one)


def test_without_the_authoritys_key_nothing_is_renewed_and_nothing_breaks(paths: HqPaths, tmp_path: Path) -> None:
    shown = node_of(paths, tmp_path / "node").to_hq.certificate.read_bytes()
    paths.ca.key.unlink()
    at = now() + 700 * DAY
    assert service.renew_due(paths, at) == []
    assert service.renewed_for_office(paths, shown, at) == shown


def test_a_node_takes_nothing_of_another_authority_or_for_another_key(paths: HqPaths, tmp_path: Path) -> None:
    node, neighbour = node_of(paths, tmp_path / "node"), node_of(paths, tmp_path / "other", "3302")
    others = HqPaths(tmp_path / "others")
    authority.initialise(others, "test")
    own, theirs = node.to_hq.certificate.read_bytes(), service.authority_text(paths)
    for certificate, known in (
        (own, service.authority_text(others)),
        (neighbour.to_hq.certificate.read_bytes(), theirs),
        (node_of(others, tmp_path / "false").to_hq.certificate.read_bytes(), theirs),
        (own, own),
    ):
        with pytest.raises(InvalidInput):
            service.take_renewed(node, certificate, known)
    assert not service.take_renewed(node, own, theirs), "what it has already is nothing new"


def test_a_list_that_ran_out_shuts_offices_out_only_after_a_month_of_warnings(
    paths: HqPaths, tmp_path: Path
) -> None:
    shown = node_of(paths, tmp_path / "node").to_hq.certificate.read_bytes()
    paths.ca.key.unlink()  # so that nothing renews it
    began = now()
    trust = Trust(paths, lambda: at)
    at = began + (authority.LIST_DAYS + 5) * DAY
    assert trust.office_of(shown) == "3301", "the worker never said a word"
    service.keep_warning(paths, at)
    at += 29 * DAY
    service.keep_warning(paths, at)
    assert trust.office_of(shown) == "3301"
    at += 2 * DAY
    with pytest.raises(Unavailable):
        trust.office_of(shown)
