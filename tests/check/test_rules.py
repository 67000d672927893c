"""Each weakness is named, with how to mend it; a machine without one is clean."""

from dataclasses import replace
from typing import Any

import pytest

from supervision.check.rules import (
    BACKUP_TIMER,
    HQ_UNITS,
    OFFICE_UNITS,
    UPLINK_UNIT,
    Disk,
    Ends,
    Facts,
    File,
    Listener,
    is_weak,
    rows_of,
    text_of,
)

EVERYWHERE = "::"
OFFICE = Facts(
    office=True,
    has_headquarters=True,
    for_service_only=[File("/srv/supervision/secrets/ari", "supervision", 0o600)],
    for_service_and_group=[File("/srv/supervision", "supervision", 0o750)],
    roots=[File("/opt/supervision/1.0", "root", 0o755)],
    damaged="",
    encrypted=True,
    listeners=[
        Listener(5060, "10.7.0.1"),
        Listener(5038, "127.0.0.1"),
        Listener(8088, "::1"),
        Listener(443, EVERYWHERE),
    ],
    ends=[Ends("office", "2028-11-30", warned=False)],
    clock_off_s=0.002,
    clock_followed=True,
    disks=[Disk("home", 64, read_only=False)],
    secret_bytes={"ari": 32, "ami": 32, "hep": 32},
    asterisk_version=(22, 10, 1),
    modules_wanted=frozenset({"app_queue.so", "chan_pjsip.so"}),
    modules_loaded=frozenset({"app_queue.so", "chan_pjsip.so"}),
    units=dict.fromkeys((*OFFICE_UNITS, UPLINK_UNIT, BACKUP_TIMER), "active"),
    backed_up=True,
    input_dropped=True,
)


HQ = (*HQ_UNITS, BACKUP_TIMER)


def weak(**facts: Any) -> list[str]:
    """The subjects that are weak on a machine with these facts."""
    return [row.subject for row in rows_of(replace(OFFICE, **facts)) if row.ok is False]


def test_an_office_without_a_weakness_is_clean() -> None:
    rows = rows_of(OFFICE)
    assert not is_weak(rows)
    assert {row.mend for row in rows} == {""}
    assert "WEAK" not in text_of(rows)


def test_so_is_a_headquarters_without_an_asterisk() -> None:
    facts: dict[str, Any] = {
        "asterisk_version": None,
        "modules_loaded": None,
        "secret_bytes": {},
        "security_administrators": 2,
    }
    assert weak(office=False, has_headquarters=False, units=dict.fromkeys(HQ, "active"), **facts) == []


@pytest.mark.parametrize(
    ("subject", "facts"),
    [
        ("home and settings", {"for_service_only": [File("secrets/ari", "supervision", 0o640)]}),
        ("home and settings", {"for_service_and_group": [File("/srv/supervision", "supervision", 0o755)]}),
        ("home and settings", {"for_service_and_group": [File("/srv/supervision", "supervision", 0o770)]}),
        ("code", {"roots": [File("/opt/supervision/1.0", "supervision", 0o755)]}),
        ("code", {"roots": [File("/opt/supervision/1.0", "root", 0o775)]}),
        ("passwords of the second place", {"for_root_only": [File("backup.env", "root", 0o640)]}),
        ("passwords of the second place", {"for_root_only": [File("backup.env", "supervision", 0o600)]}),
        ("release", {"damaged": "web/wsgi.py: FAILED\n"}),
        ("encrypted volume", {"encrypted": False}),
        ("bind addresses", {"listeners": [Listener(5038, EVERYWHERE)]}),
        ("bind addresses", {"listeners": [Listener(8088, "10.7.0.1")]}),
        ("bind addresses", {"listeners": [Listener(5432, "::")]}),
        ("firewall", {"input_dropped": False}),
        ("TLS", {"old_tls_on": [443]}),
        ("certificates", {"ends": [Ends("office", "2026-12-24", warned=True)]}),
        ("certificates", {"ends": [*OFFICE.ends, Ends("site", "2026-12-24", warned=True)]}),
        ("certificates", {"ends": [Ends("site", "2028-12-24", warned=False)]}),
        ("encrypted volume", {"on_plain_disks": ["PostgreSQL's /var/lib/postgresql/15/main"]}),
        ("restart", {"wants_restart": ["linux-image-amd64"]}),
        ("backups", {"backed_up": False}),
        ("clock", {"clock_followed": False}),
        ("clock", {"clock_off_s": None}),
        ("clock", {"clock_off_s": -1.5}),
        ("disks", {"disks": [Disk("home", 19.9, read_only=False)]}),
        ("disks", {"disks": [Disk("home", 64, read_only=True)]}),
        ("passwords", {"secret_bytes": {"ari": 0}}),
        ("passwords", {"secret_bytes": {"ari": 11}}),
        ("passwords", {"secrets_used_twice": ["sip-desk-801"]}),
        ("security administrators", {"security_administrators": 1}),
        ("Asterisk", {"asterisk_version": None}),
        ("Asterisk", {"asterisk_version": (22, 9, 3)}),
        ("Asterisk", {"asterisk_newer_on_disk": True}),
        ("Asterisk", {"asterisk_waits_for": "a switch of releases left something to do"}),
        ("Asterisk's modules", {"modules_loaded": OFFICE.modules_wanted | {"app_system.so"}}),
        ("Asterisk's modules", {"modules_loaded": frozenset({"app_queue.so"})}),
        ("database", {"database_faults": ["the database has no schema yet"]}),
        ("units", {"units": {**OFFICE.units, "supervision-worker": "failed"}}),
        ("units", {"units": dict.fromkeys((*OFFICE_UNITS, BACKUP_TIMER), "active")}),
        ("backups", {"units": dict.fromkeys((*OFFICE_UNITS, UPLINK_UNIT), "active")}),
        ("incidents of this machine", {"open_incidents": ["backup_late: 3101 home"]}),
    ],
)
def test_each_weakness_is_named_with_how_to_mend_it(subject: str, facts: dict[str, Any]) -> None:
    assert weak(**facts) == [subject]
    row = next(row for row in rows_of(replace(OFFICE, **facts)) if row.subject == subject)
    assert row.mend
    assert row.mend in text_of([row])


def test_headquarters_needs_a_backup_too() -> None:
    facts: dict[str, Any] = {"asterisk_version": None, "modules_loaded": None, "backed_up": False}
    assert weak(office=False, units=dict.fromkeys(HQ_UNITS, "active"), **facts) == ["backups"]


def test_an_office_that_stands_alone_needs_no_certificate_for_headquarters() -> None:
    assert weak(has_headquarters=False, ends=[]) == []


def test_what_a_machine_does_not_show_is_no_weakness() -> None:
    facts = replace(OFFICE, damaged=None, encrypted=None, input_dropped=None, clock_followed=None)
    unseen = {row.subject for row in rows_of(facts) if row.ok is None}
    assert unseen == {"release", "encrypted volume", "firewall", "clock"}
    assert not is_weak(rows_of(facts))
