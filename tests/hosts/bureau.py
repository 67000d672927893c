"""Headquarters and offices as booted machines: made bare, deployed over SSH by the playbooks, taken away again."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import yaml

from asterisk.cache import REPOSITORY, output_of, program
from asterisk.root import Say
from tests.hosts import root
from tests.hosts.machine import SHARED, Machine
from tests.hosts.network import PREFIX, Network

ADMIN, PHONES, GUESSER, STRANGER = 254, 200, 201, 99
HQ = 1
PLAY_LONGEST_S = 900


class PlayFailed(AssertionError):
    """A playbook failed; the message is the end of what it printed."""


class Bureau:
    """Machines on a LAN of namespaces.

    Ansible runs in `admin`, gateways and desks are in `phones`; `guesser` is a desk in wrong hands.
    """

    def __init__(self, offices: Mapping[str, Mapping[str, Any]], archive: Path, say: Say) -> None:
        self.offices = dict(offices)
        self.archive = archive
        self.say = say
        self.network = Network()
        self.folder = Path(tempfile.mkdtemp(prefix="hosts.", dir="/var/tmp"))
        self.machines: dict[str, Machine] = {}
        self.playbooks = REPOSITORY / "ansible"
        self._key = self.folder / "key"
        self.second_place = self.folder / "backups"
        self.identity = self.folder / "hq-backup.txt"

    def __enter__(self) -> Self:
        try:
            self._boot(["hq", *(f"office{code}" for code in self.offices)])
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for machine in self.machines.values():
            machine.stop()
        self.network.__exit__()
        if os.environ.get("SUPERVISION_KEEP_TEST_FOLDERS"):
            self.say(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _boot(self, names: Sequence[str]) -> None:
        root.find_or_make(self.say)
        output_of([program("ssh-keygen", "openssh-client"), "-q", "-t", "ed25519", "-N", "", "-f", self._key])
        self.network.__enter__()
        for name, number in (("admin", ADMIN), ("phones", PHONES), ("guesser", GUESSER), ("stranger", STRANGER)):
            self.network.join(name, number)
        for number, name in enumerate(names, start=HQ):
            self.machines[name] = self._machine(name, self.network.join(name, number), self.folder / name)
        for machine in self.machines.values():
            self._prepare(machine)
        self._write_known_hosts()
        for machine in self.machines.values():
            machine.boot()
        for machine in self.machines.values():
            machine.wait(self.ssh())
        self.say(f"{', '.join(names)} answer by SSH")
        self._write_inventory()

    def _machine(self, name: str, address: str, folder: Path) -> Machine:
        self.second_place.mkdir(exist_ok=True)
        self.second_place.chmod(0o777)  # each machine's service has a user number of its own
        return Machine(name, address, self.network, folder, self.second_place)

    def _prepare(self, machine: Machine) -> None:
        known = [(other.address, name) for name, other in self.machines.items()]
        public_key = self._key.with_suffix(".pub").read_text("utf-8")
        machine.prepare(root.find_or_make(self.say), public_key, known)

    def replace(self, name: str) -> None:
        """A machine is lost; another, bare one takes its address."""
        lost = self.machines[name]
        lost.stop()
        new = self.machines[name] = self._machine(name, lost.address, self.folder / f"{name}-anew")
        self._prepare(new)
        new.boot()
        new.wait(self.ssh())

    def _write_known_hosts(self) -> None:
        lines = []
        for machine in self.machines.values():
            host_key = (machine.root / "etc/ssh/ssh_host_ed25519_key.pub").read_text("utf-8").split()[:2]
            lines.append(" ".join([machine.address, *host_key]))
        (self.folder / "known_hosts").write_text("\n".join(lines) + "\n", "utf-8")

    def ssh(self) -> list[str]:
        """The words of an SSH command from the admin's namespace."""
        options = ("ConnectTimeout=2", f"UserKnownHostsFile={self.folder / 'known_hosts'}", "BatchMode=yes")
        words = [word for option in options for word in ("-o", option)]
        return [*self.network.inside("admin"), program("ssh", "openssh-client"), "-i", str(self._key), *words]

    def run_on(self, name: str, *command: str, timeout_s: float = 60) -> str:
        """What a command prints on a machine. Raises MissingPart if it fails there."""
        return output_of([*self.ssh(), f"root@{self.machines[name].address}", *command], timeout_s=timeout_s)

    def _write_inventory(self) -> None:
        folder = self.folder / "inventory"
        (folder / "offices").mkdir(parents=True)
        everywhere = f"{PREFIX}.0/24"
        variables = {
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(self._key),
            "ansible_ssh_common_args": f"-o UserKnownHostsFile={self.folder / 'known_hosts'}",
            "release_archive": str(self.archive),
            "hq_name": "hq",
            "hq_office_networks": [f"{machine.address}/32" for machine in self.machines.values()],
            "ca_server_names": ["hq", self.machines["hq"].address],
            "base_admin_networks": [f"{PREFIX}.{ADMIN}/32"],
            "base_encrypted_home": False,
            "base_package_lists_valid_s": 10**9,
            "services_check": False,  # the step `check` does, once telephones are plugged in
            "office_gateway_networks": [f"{PREFIX}.{PHONES}/32"],
            "office_desk_networks": [f"{PREFIX}.{PHONES}/32", f"{PREFIX}.{GUESSER}/32"],
        }
        headquarters = {
            "ansible_host": self.machines["hq"].address,
            "release_backup_url": f"file://{SHARED}",
            "release_backup_recipient": self._new_key(),
        }
        offices = {}
        for code, description in self.offices.items():
            name = f"office{code}"
            text = yaml.safe_dump(dict(description), allow_unicode=True)
            (folder / "offices" / f"{code}.yaml").write_text(text, "utf-8")
            offices[name] = {"ansible_host": self.machines[name].address, "office_code": code}
        hosts = {
            "all": {
                "vars": variables,
                "children": {
                    "hq": {"hosts": {"hq": headquarters}},
                    "offices": {"hosts": offices},
                },
            }
        }
        self.say(f"one LAN, {everywhere}; ansible runs in a namespace of its own")
        (folder / "hosts.yml").write_text(yaml.safe_dump(hosts), "utf-8")

    def _new_key(self) -> str:
        command = [sys.executable, "-m", "supervision.backups", "new-key", str(self.identity)]
        (public,) = re.findall(r"age1\w+", output_of(command))
        return str(public)

    def play(self, playbook: str, *options: str) -> dict[str, dict[str, int]]:
        """Run a playbook; each machine's counts (`ok`, `changed`, …). Raises PlayFailed."""
        environment = {**os.environ, "ANSIBLE_NOCOLOR": "1"}
        command = [
            *self.network.inside("admin"),
            str(REPOSITORY / "scripts/ansible.sh"),
            *("ansible-playbook", "-i", str(self.folder / "inventory" / "hosts.yml"), playbook, *options),
        ]
        log = self.folder / f"{playbook}.log"
        with log.open("w+", encoding="utf-8") as file:
            done = subprocess.run(  # noqa: S603 - our own words
                command,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=environment,
                timeout=PLAY_LONGEST_S,
                check=False,
            )
        text = log.read_text("utf-8")
        if done.returncode != 0:
            raise PlayFailed(f"{playbook}:\n{text[-6000:]}")
        return recap(text)


def recap(text: str) -> dict[str, dict[str, int]]:
    """The last lines of a playbook's output: each machine's counts."""
    found = {}
    for line in text.rpartition("PLAY RECAP")[2].splitlines()[1:]:
        name, colon, counts = line.partition(":")
        if colon:
            found[name.strip()] = {key: int(n) for key, n in (pair.split("=") for pair in counts.split())}
    return found
