"""What root does on a machine, and what it lets our user do."""

import pwd
import subprocess
from pathlib import Path
from typing import Any

import pytest

from releases import machine
from releases.layout import Layout
from releases.machine import Machine

NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with settings, on which our user is nobody."""
    monkeypatch.setattr(machine, "USER", NOBODY.pw_name)
    layout = Layout(tmp_path)
    layout.environment.parent.mkdir(parents=True)
    layout.environment.write_text(f"SUPERVISION_HOME={tmp_path}/srv\n")
    return Machine(layout)


def test_asterisk_is_asked_as_our_user_and_not_as_root(here: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    users: list[tuple[object, ...]] = []

    def started(command: list[str], **named: Any) -> subprocess.CompletedProcess[str]:
        users.append((named.get("user"), named.get("group"), named.get("extra_groups")))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", started)
    monkeypatch.setattr(subprocess, "Popen", started)
    here.asterisk("core show channels count")
    here.begin_with_asterisk("core stop when convenient")
    assert users == [(NOBODY.pw_uid, NOBODY.pw_gid, [])] * 2


def test_what_is_planted_among_asterisks_files_is_none_of_its_configuration(here: Machine, tmp_path: Path) -> None:
    folder = here.home / "asterisk/etc"
    folder.mkdir(parents=True)
    (tmp_path / "roots").write_text("secret\n")
    (folder / "rtp.conf").write_text("[general]\n")
    (folder / "planted.conf").symlink_to(tmp_path / "roots")
    assert here.asterisk_files() == {"rtp.conf": "[general]\n"}
