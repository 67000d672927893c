"""The machine on which releases are switched: systemd, Asterisk, and commands as our user. Tests bring another."""

import contextlib
import http.client
import pwd
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from releases.layout import Layout
from releases.rules import parse_environment

USER = "supervision"
MADE_ONCE = "/var/cache/supervision/runtime"  # prompts: the release itself is not for our user to write to
COMMAND_S = 600.0
ANSWER_S = 20.0


class Failed(Exception):
    """A step did not go well; the message is for the operator."""


@dataclass(frozen=True)
class UnitState:
    """What systemd says of a unit."""

    active: str  # active, activating, failed, inactive, …
    status: str  # what the process itself said (`STATUS=`)
    invocation: str  # another one after each start

    @property
    def runs(self) -> bool:
        """Whether it runs or is to run."""
        return self.active in {"active", "activating", "reloading"}


class _OurUser(TypedDict):
    user: int
    group: int
    extra_groups: Sequence[int]
    umask: int


def _as_our_user() -> _OurUser:
    user = pwd.getpwnam(USER)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "umask": 0o027}


class Machine:
    """The machine itself. Every command fails with Failed, and the last lines of what it said."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    # --- systemd

    def state(self, unit: str) -> UnitState:
        """How a unit is."""
        wanted = ("ActiveState", "StatusText", "InvocationID")
        said = self._run(["systemctl", "show", unit, *(f"--property={one}" for one in wanted)])
        found = dict(line.partition("=")[::2] for line in said.splitlines())
        return UnitState(*(found.get(one, "") for one in wanted))

    def reload_units(self) -> None:
        """Have systemd read the units anew, and make the users and folders that they need."""
        self._run(["systemctl", "daemon-reload"])

    def make_users_and_folders(self) -> None:
        """The users and the folders below /run, from what the release has laid below /etc."""
        self._run(["systemd-sysusers", str(self.layout.sysusers)])
        self._run(["systemd-tmpfiles", "--create", str(self.layout.tmpfiles)])

    def restart(self, unit: str) -> None:
        """Restart a unit; returns once it has said that it is ready, or has failed."""
        self._run(["systemctl", "restart", unit])

    # --- our programs

    def python_of(self, release: Path, *words: str) -> str:
        """Run a module of a release as our user, with this machine's settings; what it said."""
        settings = self.settings()
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
            "SUPERVISION_RUNTIME": MADE_ONCE,
        }
        return self._run(
            [str(release / ".venv/bin/python"), "-m", *words],
            cwd=release,
            env={**environment, **settings},
            **_as_our_user(),
        )

    def settings(self) -> Mapping[str, str]:
        """The settings of all processes of this machine. Raises Failed where there are none."""
        try:
            return parse_environment(self.layout.environment.read_text("utf-8"))
        except OSError as error:
            raise Failed(f"{self.layout.environment}: {error.strerror}") from error

    @property
    def home(self) -> Path:
        """The home folder of this machine."""
        return Path(self.settings().get("SUPERVISION_HOME", "/srv/supervision"))

    @property
    def is_office(self) -> bool:
        """Whether it is an office's node."""
        return self.settings().get("SUPERVISION_MODE", "office") == "office"

    def answers(self, at: Path) -> bool:
        """Whether what listens on that unix socket answers an HTTP request, whatever it says but "I am broken"."""
        connection = http.client.HTTPConnection("localhost", timeout=ANSWER_S)
        with contextlib.suppress(OSError, http.client.HTTPException), socket.socket(socket.AF_UNIX) as one:
            one.settimeout(ANSWER_S)
            one.connect(str(at))
            connection.sock = one
            connection.request("GET", "/")
            return connection.getresponse().status < 500
        return False

    # --- Asterisk

    def asterisk(self, command: str) -> str:
        """The answer to a command of Asterisk's command line, as our user: it reads our user's files."""
        conf = self.home / "asterisk/etc/asterisk.conf"
        return self._run(["asterisk", "-C", str(conf), "-rx", command], **_as_our_user())

    def begin_with_asterisk(self, command: str) -> None:
        """Give Asterisk a command whose answer comes much later, if at all."""
        conf = self.home / "asterisk/etc/asterisk.conf"
        try:
            subprocess.Popen(
                ["asterisk", "-C", str(conf), "-rx", command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                **_as_our_user(),
            )
        except OSError as error:
            raise Failed(f"`asterisk -rx '{command}'`: {error}") from error

    def asterisk_on_disk(self) -> str:
        """The version of the Asterisk that would be started."""
        return self._run(["asterisk", "-V"]) if shutil.which("asterisk") else ""

    def asterisk_files(self) -> dict[str, str]:
        """Asterisk's configuration as it lies there, text by name; no link and no pipe."""
        found = (one for one in sorted((self.home / "asterisk/etc").glob("*.conf")) if not one.is_symlink())
        return {one.name: one.read_text("utf-8") for one in found if one.is_file()}

    def _run(self, command: Sequence[str], **named: object) -> str:
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=COMMAND_S,
                check=False,
                **named,  # type: ignore[call-overload]
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Failed(f"`{' '.join(command)}`: {error}") from error
        if done.returncode != 0:
            said = " / ".join((done.stderr or done.stdout).strip().splitlines()[-4:])
            raise Failed(f"`{' '.join(command)}` ended with {done.returncode}: {said}")
        return str(done.stdout)
