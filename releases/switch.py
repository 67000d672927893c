"""Switches a machine from one release to another, and goes back by itself where the new one does not come up.

Calls go on meanwhile: they live in Asterisk's dialplan, and none of our processes holds one.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from releases import asterisk
from releases.asterisk import Pending
from releases.layout import Layout
from releases.machine import Failed, Machine
from releases.rules import (
    ASTERISK,
    CONTROL,
    INTAKE,
    RESTARTED,
    SITE,
    asterisk_change,
    directives,
    outdated,
    removed_units,
    restarts,
)

CONNECTED = "connected to Asterisk"  # as ari_app/node.py says it
LOOK_S = 0.3
KINDS = ("*.service", "*.target", "*.path", "*.timer")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Patience:
    """How long a unit may take to be ready, and for how long it must then stay so."""

    ready_s: float = 120.0
    settled_s: float = 3.0


def switch(machine: Machine, name: str, say: Say, patience: Patience | None = None) -> Pending | None:
    """Make a release the current one. What Asterisk still has to do, or None where it is current already.

    The database is brought up to date first, while the old release runs: migrations only add (decision 43). Raises
    Failed where nothing was changed, or all was changed back.
    """
    layout, patience = machine.layout, patience or Patience()
    before = layout.name_of(layout.current)
    if name == before:
        return None
    if name not in {one.name for one in layout.installed()}:
        raise Failed(f"{name} is not installed")
    say(machine.python_of(layout.release(name), "supervision.store", "upgrade").strip())
    running = [unit for unit in (ASTERISK, *RESTARTED) if machine.state(unit).runs]
    try:
        pending = _take_up(machine, running, (before, name), say, patience)
    except Failed as error:
        if before is None:
            raise
        say(f"{name} does not come up: {error}")
        say(f"going back to {before}")
        _take_up(machine, running, (name, before), say, patience)
        raise Failed(f"{before} is in use again, since {name} does not come up: {error}") from error
    if before is not None:
        _point(layout.previous, before)
    for old in outdated(layout.installed(), (name, before)):
        shutil.rmtree(layout.release(old))
        say(f"removed {old}")
    return pending


def previous(layout: Layout) -> str:
    """The release to go back to. Raises Failed where there is none."""
    name = layout.name_of(layout.previous)
    if name is None or name == layout.name_of(layout.current):
        raise Failed("there is no release to go back to")
    return name


def _take_up(
    machine: Machine, running: Sequence[str], names: tuple[str | None, str], say: Say, patience: Patience
) -> Pending:
    """Have what ran before the switch run from another release; `names`: from which, and to which."""
    layout, (before, name) = machine.layout, names
    _point(layout.current, name)
    changed_units = _lay_units(layout, before, name)
    machine.reload_units()
    for unit in restarts(running):
        if unit == CONTROL:
            break  # after Asterisk has what it needs
        _restart(machine, unit, say)
    pending = _render(machine, layout.release(name), ASTERISK in running, say)
    if ASTERISK in changed_units and ASTERISK in running:
        pending = pending.because("its unit")
    if CONTROL in running:
        _restart(machine, CONTROL, say)
    _await_ready(machine, [unit for unit in running if unit != ASTERISK], patience)
    asterisk.remember(machine.layout, pending)
    return pending


def configure(machine: Machine, words: Sequence[str], say: Say) -> Pending:
    """Render Asterisk's files with the addresses, ports and times that `words` name.

    Asterisk reads them as after a switch: at once what it can while calls go on. What waits is returned.
    """
    layout = machine.layout
    name = layout.name_of(layout.current)
    if name is None or not machine.is_office:
        raise Failed("Asterisk is configured on an office's machine, after the switch to a release")
    before = machine.asterisk_files()
    machine.python_of(layout.release(name), "asterisk.render", "--home", str(machine.home), *words)
    after = machine.asterisk_files()
    changed = sorted(one for one in {*before, *after} if before.get(one) != after.get(one))
    say(f"configured anew: {', '.join(changed)}" if changed else "configured so already")
    pending = _have_read(machine, before, machine.state(ASTERISK).runs, say)
    asterisk.remember(layout, pending)
    return pending


def _restart(machine: Machine, unit: str, say: Say) -> None:
    say(f"restarting {unit}")
    machine.restart(unit)


def _render(machine: Machine, release: Path, runs: bool, say: Say) -> Pending:
    """Write Asterisk's files anew as they were asked for, and have it read what it can read while calls go on."""
    pending = asterisk.remembered(machine.layout)
    if not machine.is_office or "asterisk.conf" not in machine.asterisk_files():
        return pending
    before = machine.asterisk_files()
    machine.python_of(release, "asterisk.render", "--home", str(machine.home), "--again")
    try:
        machine.python_of(release, "asterisk.sounds", "--home", str(machine.home))
    except Failed as error:
        say(f"no new prompts: {error}")  # those that are there are never touched
    return _have_read(machine, before, runs, say)


def _have_read(machine: Machine, before: Mapping[str, str], runs: bool, say: Say) -> Pending:
    """Have Asterisk read what it can of its new files while calls go on; what is left, as of before too."""
    if not runs:
        return Pending()
    change = asterisk_change(before, machine.asterisk_files())
    pending = asterisk.outstanding(machine).also(change)
    # Until it has read them: a second run would see no change.
    asterisk.remember(machine.layout, pending.also(replace(change, quiet=change.reload)))
    for command in change.reload:
        say(f"Asterisk: {command}")
        machine.asterisk(command)
    return pending


def _await_ready(machine: Machine, units: list[str], patience: Patience) -> None:
    until = time.monotonic() + patience.ready_s
    waits = dict.fromkeys(units, "")
    while waits := {unit: why for unit in waits if (why := _waits_for(machine, unit))}:
        if time.monotonic() > until:
            raise Failed("; ".join(f"{unit}: {why}" for unit, why in waits.items()))
        time.sleep(LOOK_S)
    first = {unit: machine.state(unit).invocation for unit in units}
    time.sleep(patience.settled_s)
    for unit in units:
        state = machine.state(unit)
        if state.active != "active" or state.invocation != first[unit]:
            raise Failed(f"{unit} was ready, and ended")


def _waits_for(machine: Machine, unit: str) -> str:
    """For what a unit that was restarted still waits; nothing when it is ready."""
    state = machine.state(unit)
    if state.active != "active":
        return state.active
    if unit == CONTROL and machine.state(ASTERISK).active == "active" and state.status != CONNECTED:
        return state.status or "not connected to Asterisk"
    settings = machine.settings()
    at = {SITE: settings.get("SUPERVISION_WEB_BIND"), INTAKE: settings.get("SUPERVISION_INTAKE_SOCKET")}.get(unit)
    if at and at.removeprefix("unix:").startswith("/") and not machine.answers(Path(at.removeprefix("unix:"))):
        return f"{at} does not answer"
    return ""


def _point(link: Path, name: str) -> None:
    """Let a link lead to a release, in one step."""
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(name)
    fresh.replace(link)


def _lay_units(layout: Layout, before: str | None, name: str) -> set[str]:
    """Copy a release's units to where systemd finds them; the names of those that are other than before."""
    layout.units.mkdir(parents=True, exist_ok=True)
    brought = {one.name: one for one in units_of(layout.release(name))}
    had = {one.name for one in units_of(layout.release(before))} if before else set()
    for gone in removed_units(had, brought):
        (layout.units / gone).unlink(missing_ok=True)
    changed = set()
    for unit, source in brought.items():
        target, text = layout.units / unit, source.read_text("utf-8")
        had_text = target.read_text("utf-8") if target.is_file() else ""
        if had_text != text:
            fresh = target.with_name(f".{unit}.new")
            fresh.write_text(text, "utf-8")
            fresh.chmod(0o644)
            fresh.replace(target)
        if directives(had_text) != directives(text):
            changed.add(unit)
    return changed


def units_of(release: Path) -> Iterator[Path]:
    """The units that a release brings."""
    for kind in KINDS:
        yield from sorted((release / "systemd").glob(kind))
