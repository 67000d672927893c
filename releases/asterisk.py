"""What a release asks of Asterisk that cannot be done while calls go on: done without a call, or not at all."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from releases.layout import Layout
from releases.machine import Failed, Machine
from releases.rules import ASTERISK, AsteriskChange

LOOK_S = 1.0
BOOT_S = 120.0
_CALLS = re.compile(r"^(\d+) active channels?", re.MULTILINE)


class CallsGoOn(Exception):
    """Calls did not end in time: the operator decides."""


@dataclass(frozen=True)
class Pending:
    """Commands for a moment without a call, and why Asterisk must be restarted."""

    quiet: tuple[str, ...] = ()
    restart_because: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is left to do."""
        return bool(self.quiet or self.restart_because)

    def also(self, change: AsteriskChange) -> "Pending":
        """With what a change of its files asks for."""
        return Pending(_joined(self.quiet, change.quiet), _joined(self.restart_because, change.restart_because))

    def because(self, reason: str) -> "Pending":
        """With one more reason to restart it."""
        return replace(self, restart_because=_joined(self.restart_because, (reason,)))


def _joined(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def remembered(layout: Layout) -> Pending:
    """What an earlier switch left to do."""
    if not layout.pending.exists():
        return Pending()
    stored = json.loads(layout.pending.read_text("utf-8"))
    return Pending(tuple(stored["quiet"]), tuple(stored["restart_because"]))


def outstanding(machine: Machine) -> Pending:
    """The same, and a restart where the package is another than what runs."""
    pending = remembered(machine.layout)
    if not machine.state(ASTERISK).runs:
        return pending
    version = machine.asterisk_on_disk().strip()
    if version and not machine.asterisk("core show version").startswith(version):
        return pending.because(f"{version} is installed")
    return pending


def remember(layout: Layout, pending: Pending) -> None:
    """Write down what is left to do, for the operator and for the next switch."""
    if pending:
        layout.pending.write_text(json.dumps(asdict(pending), indent=1) + "\n", "utf-8")
    else:
        layout.pending.unlink(missing_ok=True)


def settle(machine: Machine, pending: Pending, say: Callable[[str], None], wait_s: float) -> None:
    """Do what is pending once no call goes on. Raises CallsGoOn: nothing is done, and all calls are accepted."""
    if not pending or not machine.state(ASTERISK).runs:
        remember(machine.layout, Pending())
        return
    if pending.restart_because:
        say(f"Asterisk is restarted when no call goes on: {', '.join(pending.restart_because)}")
        _restart_when_convenient(machine, wait_s)
    else:
        say(f"Asterisk, when no call goes on: {', '.join(pending.quiet)}")
        _await_no_call(machine, wait_s)
        for command in pending.quiet:
            machine.asterisk(command)
    remember(machine.layout, Pending())


def settle_now(machine: Machine, pending: Pending, say: Callable[[str], None]) -> None:
    """The same at once: the operator's decision. A restart ends the calls in progress."""
    if pending.restart_because:
        say("Asterisk is restarted now, calls in progress end")
        machine.restart(ASTERISK)
    else:
        for command in pending.quiet:
            machine.asterisk(command)
    remember(machine.layout, Pending())


def channels(machine: Machine) -> int:
    """How many channels Asterisk has."""
    found = _CALLS.search(machine.asterisk("core show channels count"))
    if found is None:
        raise Failed("Asterisk does not say how many channels it has")
    return int(found[1])


def _await_no_call(machine: Machine, wait_s: float) -> None:
    until = time.monotonic() + wait_s
    while channels(machine):
        if time.monotonic() > until:
            raise CallsGoOn
        time.sleep(LOOK_S)


def _restart_when_convenient(machine: Machine, wait_s: float) -> None:
    """Asterisk ends at the first moment without a call, and accepts calls until then; systemd starts it anew."""
    before = machine.state(ASTERISK).invocation
    until = time.monotonic() + wait_s
    machine.begin_with_asterisk("core stop when convenient")  # which answers once Asterisk ends
    while machine.state(ASTERISK).invocation == before:
        if time.monotonic() > until:
            machine.asterisk("core abort shutdown")
            raise CallsGoOn
        time.sleep(LOOK_S)
    until = time.monotonic() + BOOT_S
    while machine.state(ASTERISK).active != "active":
        if time.monotonic() > until:
            raise Failed("Asterisk does not come up")
        time.sleep(LOOK_S)
