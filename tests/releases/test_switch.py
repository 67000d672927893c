"""A switch of releases: in which order, what is restarted, and how it goes back by itself."""

from pathlib import Path

import pytest

from releases import asterisk
from releases.asterisk import CallsGoOn, Pending
from releases.machine import Failed
from releases.rules import ASTERISK, CONTROL, SITE, UPLINK, WORKER
from releases.switch import Patience, configure, previous, switch
from tests.releases.machines import OnPaper, lay

AT_ONCE = Patience(ready_s=0, settled_s=0)
ALL = (ASTERISK, CONTROL, UPLINK, WORKER, SITE)


def switched(machine: OnPaper, name: str) -> list[str]:
    """What was done for a switch."""
    machine.did.clear()
    switch(machine, name, lambda _line: None, AT_ONCE)
    return machine.did


@pytest.fixture
def machine(tmp_path: Path) -> OnPaper:
    """An office with release 1.0 in use and 1.1 beside it; all its processes run."""
    one = OnPaper(tmp_path, ALL)
    lay(one.layout, "1.0")
    lay(one.layout, "1.1")
    switch(one, "1.0", lambda _line: None, AT_ONCE)
    asterisk.remember(one.layout, Pending())  # its unit was new
    return one


def current(machine: OnPaper) -> str | None:
    return machine.layout.name_of(machine.layout.current)


def test_the_database_comes_first_and_control_last_and_asterisk_goes_on(machine: OnPaper) -> None:
    assert [one for one in switched(machine, "1.1") if not one.startswith("asterisk: core show")] == [
        "1.1: supervision.store",
        "daemon-reload",
        f"restart {WORKER} of 1.1",
        f"restart {UPLINK} of 1.1",
        f"restart {SITE} of 1.1",
        "1.1: asterisk.render",
        "1.1: asterisk.sounds",
        f"restart {CONTROL} of 1.1",
    ]
    assert current(machine) == "1.1"
    assert previous(machine.layout) == "1.0"


def test_what_does_not_run_is_not_started(machine: OnPaper) -> None:
    machine.running = {WORKER: 1}
    assert [one for one in switched(machine, "1.1") if one.startswith("restart")] == [f"restart {WORKER} of 1.1"]


def test_a_second_switch_to_the_same_does_nothing(machine: OnPaper) -> None:
    switched(machine, "1.1")
    assert switched(machine, "1.1") == []


def test_going_back_is_a_switch_to_the_one_before(machine: OnPaper) -> None:
    switched(machine, "1.1")
    switched(machine, previous(machine.layout))
    assert current(machine) == "1.0"
    assert previous(machine.layout) == "1.1"


@pytest.mark.parametrize("unit", [WORKER, CONTROL])
def test_a_release_that_does_not_come_up_is_left_again(tmp_path: Path, machine: OnPaper, unit: str) -> None:
    lay(machine.layout, "1.2", broken=unit)
    with pytest.raises(Failed, match=r"1\.0 is in use again"):
        switched(machine, "1.2")
    assert current(machine) == "1.0"
    assert machine.did[-1] == f"restart {CONTROL} of 1.0"
    assert machine.state(unit).active == "active"


def test_a_site_that_does_not_answer_is_none_that_came_up(machine: OnPaper) -> None:
    settings = machine.layout.environment
    settings.write_text(f"{settings.read_text()}SUPERVISION_WEB_BIND=unix:/run/supervision/site.sock\n")
    machine.answering = False
    with pytest.raises(Failed, match=r"site\.sock does not answer"):
        switched(machine, "1.1")
    assert current(machine) == "1.0"


def test_where_the_database_cannot_be_upgraded_nothing_else_is_done(machine: OnPaper) -> None:
    lay(machine.layout, "1.2", broken="store")
    with pytest.raises(Failed, match="cannot be upgraded"):
        switched(machine, "1.2")
    assert machine.did == ["1.2: supervision.store"]
    assert current(machine) == "1.0"


def test_what_is_not_installed_whole_is_not_switched_to(machine: OnPaper) -> None:
    (lay(machine.layout, "1.2") / ".installed").unlink()
    with pytest.raises(Failed, match="not installed"):
        switched(machine, "1.2")


def test_units_follow_the_release_and_come_back_with_it(machine: OnPaper) -> None:
    lay(machine.layout, "1.2", units={CONTROL: "other\n", "supervision-new.timer": "new\n"})
    switched(machine, "1.1")
    switched(machine, "1.2")
    assert {one.name for one in machine.layout.units.iterdir()} == {CONTROL, "supervision-new.timer"}
    assert (machine.layout.units / CONTROL).read_text() == "other\n"
    switched(machine, "1.1")
    assert {one.name for one in machine.layout.units.iterdir()} == {CONTROL, ASTERISK}


def test_the_fourth_release_removes_the_first(machine: OnPaper) -> None:
    for name in ("1.2", "1.3"):
        lay(machine.layout, name)
        switched(machine, name)
    assert [one.name for one in machine.layout.installed()] == ["1.1", "1.2", "1.3"]


def test_what_asterisk_can_read_again_it_reads_before_control_is_restarted(machine: OnPaper) -> None:
    machine.rendered = {"queues.conf": "new\n"}
    done = switched(machine, "1.1")
    assert done.index("asterisk: queue reload all") < done.index(f"restart {CONTROL} of 1.1")


def test_another_list_of_modules_is_left_to_a_moment_without_a_call_and_not_forgotten(machine: OnPaper) -> None:
    machine.rendered = {"modules.conf": "new\n"}
    pending = switch(machine, "1.1", lambda _line: None, AT_ONCE)
    assert pending == Pending(restart_because=("modules.conf",))
    machine.channels = 2
    with pytest.raises(CallsGoOn):
        asterisk.settle(machine, pending, lambda _line: None, wait_s=0)
    assert machine.did[-1] == "asterisk: core abort shutdown", "calls are accepted as before"
    assert asterisk.remembered(machine.layout) == pending

    machine.channels = 0
    asterisk.settle(machine, asterisk.remembered(machine.layout), lambda _line: None, wait_s=0)
    assert machine.running[ASTERISK] == 2
    assert not asterisk.remembered(machine.layout)


def test_another_dialplan_is_read_once_no_call_goes_on(machine: OnPaper) -> None:
    machine.rendered = {"extensions.conf": "new\n"}
    pending = switch(machine, "1.1", lambda _line: None, AT_ONCE)
    assert pending is not None
    machine.channels = 1
    with pytest.raises(CallsGoOn):
        asterisk.settle(machine, pending, lambda _line: None, wait_s=0)
    assert "asterisk: dialplan reload" not in machine.did
    machine.channels = 0
    asterisk.settle(machine, pending, lambda _line: None, wait_s=0)
    assert machine.did[-1] == "asterisk: dialplan reload"


def test_the_operator_may_end_the_calls(machine: OnPaper) -> None:
    machine.rendered = {"modules.conf": "new\n"}
    pending = switch(machine, "1.1", lambda _line: None, AT_ONCE)
    assert pending is not None
    machine.channels = 2
    asterisk.settle_now(machine, pending, lambda _line: None)
    assert machine.did[-1] == f"restart {ASTERISK} of 1.1"


def test_an_asterisk_whose_package_is_newer_is_restarted(
    machine: OnPaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "asterisk_on_disk", lambda: "Asterisk 22.11.0\n")
    pending = switch(machine, "1.1", lambda _line: None, AT_ONCE)
    assert pending == Pending(restart_because=("Asterisk 22.11.0 is installed",))


@pytest.mark.parametrize(("unit", "reasons"), [("# new words\nasterisk\n", ()), ("other\n", ("its unit",))])
def test_an_asterisk_whose_unit_says_something_else_is_restarted(
    machine: OnPaper, unit: str, reasons: tuple[str, ...]
) -> None:
    lay(machine.layout, "1.2", units={ASTERISK: unit, CONTROL: "control\n"})
    assert switch(machine, "1.2", lambda _line: None, AT_ONCE) == Pending(restart_because=reasons)
    assert (machine.layout.units / ASTERISK).read_text() == unit


def test_a_configuration_anew_reloads_what_calls_do_not_notice_and_leaves_the_dialplan_to_a_quiet_moment(
    machine: OnPaper,
) -> None:
    machine.did.clear()
    machine.rendered = {"pjsip.conf": "new\n", "extensions.conf": "new\n"}
    pending = configure(machine, ["--bind", "10.7.7.1"], lambda _line: None)
    assert machine.did[0] == "1.0: asterisk.render"
    assert machine.did[-1] == "asterisk: module reload res_pjsip.so"
    assert pending == Pending(quiet=("dialplan reload",))
    assert asterisk.remembered(machine.layout) == pending


def test_a_configuration_that_is_so_already_reloads_nothing_and_forgets_nothing(machine: OnPaper) -> None:
    asterisk.remember(machine.layout, Pending(quiet=("dialplan reload",)))
    said: list[str] = []
    assert configure(machine, [], said.append) == Pending(quiet=("dialplan reload",))
    assert said == ["configured so already"]


def test_what_asterisk_did_not_read_is_not_forgotten(machine: OnPaper, monkeypatch: pytest.MonkeyPatch) -> None:
    def deaf(command: str) -> str:
        raise Failed(command)

    machine.rendered = {"queues.conf": "new\n"}
    monkeypatch.setattr(machine, "asterisk_on_disk", lambda: "")
    monkeypatch.setattr(machine, "asterisk", deaf)
    with pytest.raises(Failed):
        configure(machine, [], lambda _line: None)
    assert asterisk.remembered(machine.layout) == Pending(quiet=("queue reload all",))


def test_a_newer_package_waits_for_a_restart_without_any_switch(
    machine: OnPaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "asterisk_on_disk", lambda: "Asterisk 22.11.0\n")
    assert asterisk.outstanding(machine) == Pending(restart_because=("Asterisk 22.11.0 is installed",))
