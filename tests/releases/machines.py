"""A machine without systemd: releases in a folder of its own, and units that come up if their release does."""

from collections.abc import Mapping
from pathlib import Path

from releases.layout import COMPLETE, Layout
from releases.machine import Failed, Machine, UnitState
from releases.rules import ASTERISK, CONTROL

SETTINGS = "SUPERVISION_HOME={home}\nSUPERVISION_MODE=office\n"


def lay(layout: Layout, name: str, *, broken: str = "", units: Mapping[str, str] | None = None) -> Path:
    """A release that is installed; `broken`: the unit that does not come up with it."""
    folder = layout.release(name)
    (folder / "systemd").mkdir(parents=True)
    (folder / "broken").write_text(broken)
    for unit, text in (units or {ASTERISK: "asterisk\n", CONTROL: "control\n"}).items():
        (folder / "systemd" / unit).write_text(text)
    (folder / COMPLETE).touch()
    return folder


class OnPaper(Machine):
    """Records what it is asked to do."""

    def __init__(self, root: Path, running: tuple[str, ...] = ()) -> None:
        super().__init__(Layout(root))
        self.running = dict.fromkeys(running, 1)
        self.did: list[str] = []
        self.conf = self.home_folder(root) / "asterisk/etc"
        self.channels = 0
        self.answering = True
        self.rendered: dict[str, str] = {}  # what the next rendering writes

    def home_folder(self, root: Path) -> Path:
        """Its home, with its settings."""
        self.layout.environment.parent.mkdir(parents=True)
        self.layout.environment.write_text(SETTINGS.format(home=root / "srv"))
        (root / "srv/asterisk/etc").mkdir(parents=True)
        (root / "srv/asterisk/etc/asterisk.conf").write_text("asterisk\n")
        return root / "srv"

    @property
    def is_broken(self) -> str:
        """The unit that does not come up with the current release."""
        mark = self.layout.current / "broken"
        return mark.read_text() if mark.exists() else ""

    def state(self, unit: str) -> UnitState:
        if unit not in self.running:
            return UnitState("inactive", "", "")
        failed = unit == self.is_broken and self.running[unit] > 1
        status = "connected to Asterisk" if unit == CONTROL and not failed else ""
        return UnitState("failed" if failed else "active", status, str(self.running[unit]))

    def reload_units(self) -> None:
        self.did.append("daemon-reload")

    def make_users_and_folders(self) -> None:
        self.did.append("users and folders")

    def restart(self, unit: str) -> None:
        self.did.append(f"restart {unit} of {self.layout.name_of(self.layout.current)}")
        self.running[unit] += 1
        if unit == self.is_broken:
            raise Failed(f"{unit} failed")

    def python_of(self, release: Path, *words: str) -> str:
        self.did.append(f"{release.name}: {words[0]}")
        if words[0] == "asterisk.render":
            for name, text in self.rendered.items():
                (self.conf / name).write_text(text)
        if words[0] == "supervision.store" and (release / "broken").read_text() == "store":
            raise Failed("the database cannot be upgraded")
        return ""

    def answers(self, at: Path) -> bool:
        return self.answering

    def asterisk(self, command: str) -> str:
        self.did.append(f"asterisk: {command}")
        if command == "core show channels count":
            return f"{self.channels} active channels\n0 active calls\n"
        return "Asterisk 22.10.1 built by somebody\n" if command == "core show version" else ""

    def begin_with_asterisk(self, command: str) -> None:
        self.did.append(f"asterisk: {command}")
        if not self.channels:
            self.running[ASTERISK] += 1

    def asterisk_on_disk(self) -> str:
        return "Asterisk 22.10.1\n"
