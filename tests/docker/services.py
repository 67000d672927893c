"""The compose files as docker-compose itself reads them, and each service as the words of `podman run`."""

import json
import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asterisk.cache import REPOSITORY, cache_folder

DOCKER = REPOSITORY / "docker"
FILES = ("compose.office.yaml", "compose.hq.yaml")


def tool(name: str) -> Path:
    """A program that `scripts/container_tools.sh` has laid there. Raises FileNotFoundError."""
    found = cache_folder() / "docker-tools" / name
    if not found.exists():
        raise FileNotFoundError(f"{found} is missing: scripts/setup.sh fetches it")
    return found


@dataclass(frozen=True)
class Service:
    """One service, as compose resolved it: no anchor and no variable is left."""

    name: str
    told: Mapping[str, Any]

    @property
    def command(self) -> list[str]:
        """Its command."""
        return [str(word) for word in self.told.get("command") or []]

    @property
    def environment(self) -> dict[str, str]:
        """Its environment."""
        return {name: str(value) for name, value in (self.told.get("environment") or {}).items()}

    @property
    def waits_for(self) -> dict[str, str]:
        """The services that must be started, healthy or completed before."""
        return {name: one["condition"] for name, one in (self.told.get("depends_on") or {}).items()}

    @property
    def runs_once(self) -> bool:
        """Whether it does its work and ends."""
        return str(self.told["restart"]) == "no"

    def words(self, volume: Mapping[str, str]) -> list[str]:
        """`podman run`'s words for it, ending with its command; `volume` has the names of its volumes here.

        All are in one network namespace of the test's, in which no other host is: so networks and published ports
        fall away, and a host that is the machine itself is loopback. Nor may all machines of tests raise limits.
        """
        told = self.told
        words = ["--network=none" if told.get("network_mode") == "none" else "--network=host"]
        words += ["--read-only"] if told["read_only"] else []
        words += [f"--cap-drop={one}" for one in told["cap_drop"]]
        words += [f"--security-opt={one.replace(':true', '')}" for one in told["security_opt"]]
        words += [f"--env={name}={value}" for name, value in self.environment.items()]
        words += [f"--tmpfs={one}" for one in told.get("tmpfs", [])]
        words += [f"--user={told['user']}"] if "user" in told else []
        words += [f"--stop-signal={told['stop_signal']}"] if "stop_signal" in told else []
        words += [f"--add-host={_host(one)}" for one in told.get("extra_hosts", [])]
        for mount in told.get("volumes", []):
            source = mount["source"] if mount["type"] == "bind" else volume[mount["source"]]
            words.append(f"--volume={source}:{mount['target']}{':ro' if mount.get('read_only') else ''}")
        check = told.get("healthcheck") or {}
        if check.get("disable"):
            words.append("--no-healthcheck")
        elif "test" in check:
            shell, command = check["test"]
            assert shell == "CMD-SHELL"  # podman 4.3 takes words with spaces in them apart
            words.append(f"--health-cmd={command}")
        return [*words, str(told["image"]), *self.command]


def _host(told: str) -> str:
    name, _, address = told.partition("=")
    return f"{name}:{'127.0.0.1' if address == 'host-gateway' else address}"


def resolved(file: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """A compose file as compose resolves it, all profiles included. Raises ValueError with what compose says."""
    done = subprocess.run(
        [str(tool("docker-compose")), "-f", str(DOCKER / file), "--profile", "*", "config", "--format", "json"],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ValueError(done.stderr.strip())
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def services(file: str, environment: Mapping[str, str]) -> dict[str, Service]:
    """The services of a compose file."""
    return {name: Service(name, told) for name, told in resolved(file, environment)["services"].items()}


def in_order(all_of_them: Mapping[str, Service]) -> Sequence[Service]:
    """Each after those that it waits for."""
    done: dict[str, Service] = {}
    while len(done) < len(all_of_them):
        ready = [
            one for one in all_of_them.values() if one.name not in done and done.keys() >= one.waits_for.keys()
        ]
        if not ready:
            raise ValueError("services that wait for each other")
        done |= {one.name: one for one in ready}
    return list(done.values())


def unit_command(unit: str) -> list[str]:
    """The arguments that a systemd unit of ours gives to the release's Python."""
    text = (REPOSITORY / "systemd" / unit).read_text("utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    return shlex.split(line.partition("=")[2])[1:]
