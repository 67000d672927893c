"""What a switch asks for."""

import pytest

from releases.rules import (
    ASTERISK,
    CONTROL,
    SITE,
    UPLINK,
    WORKER,
    AsteriskChange,
    Installed,
    asterisk_change,
    differences,
    is_release,
    manifest_text,
    markers_of,
    outdated,
    parse_environment,
    parse_manifest,
    removed_units,
    restarts,
    wheels_for,
)

PJSIP = """
[transport-udp]
type = transport
bind = 10.0.0.1:5060

[fxo1]
type = endpoint
context = from-line
"""


@pytest.mark.parametrize("name", ["1.0.0rc1+g0a1b2c3", "1.0.0", "2.1+gabc.modified"])
def test_a_release_is_named_by_its_version_and_commit(name: str) -> None:
    assert is_release(name)


@pytest.mark.parametrize("name", ["", "current", "../1.0", "1.0/..", ".1", "1.0 ", "1.0\n"])
def test_nothing_else_names_a_folder(name: str) -> None:
    assert not is_release(name)


def installed(*names: str) -> list[Installed]:
    return [Installed(name, float(n)) for n, name in enumerate(names)]


def test_the_last_three_releases_are_kept() -> None:
    assert outdated(installed("1.0", "1.1", "1.2", "1.3"), ("1.3", "1.2")) == ["1.0"]
    assert outdated(installed("1.0", "1.1", "1.2"), ("1.2", "1.1")) == []


def test_what_one_can_go_back_to_is_kept_however_old_it_is() -> None:
    assert outdated(installed("1.0", "1.1", "1.2", "1.3"), ("1.0", "1.1")) == ["1.2"]
    assert outdated(installed("1.0", "1.1", "1.2", "1.3"), ("1.3", None)) == ["1.0"]


def test_all_our_processes_that_run_are_restarted_control_last_and_asterisk_never() -> None:
    assert restarts([ASTERISK, CONTROL, SITE, UPLINK, WORKER]) == [WORKER, UPLINK, SITE, CONTROL]
    assert restarts([WORKER]) == [WORKER]


def test_files_that_are_as_before_ask_nothing_of_asterisk() -> None:
    assert asterisk_change({"pjsip.conf": PJSIP}, {"pjsip.conf": PJSIP}) == AsteriskChange()


def test_what_asterisk_reads_again_is_reloaded_while_calls_go_on() -> None:
    change = asterisk_change({"queues.conf": "a", "logger.conf": "a"}, {"queues.conf": "b", "logger.conf": "b"})
    assert change == AsteriskChange(reload=("logger reload", "queue reload all"))


def test_another_dialplan_waits_for_a_moment_without_a_call() -> None:
    assert asterisk_change({"extensions.conf": "a"}, {"extensions.conf": "b"}) == AsteriskChange(
        quiet=("dialplan reload",)
    )


@pytest.mark.parametrize("name", ["modules.conf", "asterisk.conf", "new.conf"])
def test_what_asterisk_reads_at_its_start_only_needs_a_restart(name: str) -> None:
    assert asterisk_change({}, {name: "b"}) == AsteriskChange(restart_because=(name,))


def test_another_transport_needs_a_restart_and_another_endpoint_does_not() -> None:
    other_endpoint = PJSIP.replace("from-line", "from-elsewhere")
    other_address = PJSIP.replace("10.0.0.1", "10.0.0.2")
    assert asterisk_change({"pjsip.conf": PJSIP}, {"pjsip.conf": other_endpoint}).restart_because == ()
    change = asterisk_change({"pjsip.conf": PJSIP}, {"pjsip.conf": other_address})
    assert change.restart_because == ("a transport in pjsip.conf",)


def test_a_unit_that_a_release_no_longer_brings_is_removed() -> None:
    assert removed_units(["a.service", "b.timer"], ["a.service"]) == ["b.timer"]


def test_a_manifest_is_read_as_it_was_written() -> None:
    hashes = {"a b.py": "0" * 64, "c/d.py": "f" * 64}
    assert parse_manifest(manifest_text(hashes)) == hashes


@pytest.mark.parametrize(
    "line", ["xyz  a.py", f"{'0' * 64} a.py", f"{'0' * 64}  /etc/passwd", f"{'0' * 64}  a/../b"]
)
def test_a_line_that_is_none_of_a_manifests_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="manifest"):
        parse_manifest(line)


def test_each_file_that_is_not_as_promised_is_named() -> None:
    found = differences({"gone": "1", "other": "1", "same": "1"}, {"other": "2", "same": "1", "new": "1"})
    assert found == ["gone is missing", "other was changed", "new is not of this release"]


def test_the_settings_are_read_as_systemd_reads_them() -> None:
    text = "# a comment\nSUPERVISION_HOME=/srv/supervision\nA='b c'\nB=\"d=e\"\n\nnot a line\nexport C=1\n"
    assert parse_environment(text) == {"SUPERVISION_HOME": "/srv/supervision", "A": "b c", "B": "d=e"}


LOCK = """# a comment
one==1.0 \\
    --hash=sha256:aa
    # via us
two==2.0 ; python_full_version < '3.12' \\
    --hash=sha256:bb
two==2.5 ; python_full_version >= '3.12' \\
    --hash=sha256:cc
three[binary]==3 \\
    --hash=sha256:dd
"""


def test_a_lock_for_one_python_has_its_packages_only_each_with_its_hashes() -> None:
    assert markers_of(LOCK) == ["python_full_version < '3.12'", "python_full_version >= '3.12'"]
    found = wheels_for(LOCK, {"python_full_version < '3.12'": True, "python_full_version >= '3.12'": False})
    pins = [line for line in found.splitlines() if "==" in line]
    assert pins == ["one==1.0 \\", "two==2.0 \\", "three[binary]==3 \\"]
    assert [hash_ for hash_ in ("aa", "bb", "cc", "dd") if f"sha256:{hash_}" in found] == ["aa", "bb", "dd"]
