"""podman and buildah with a storage of the tests' own, and no daemon; containers in a network of their own.

Where this runs there may be no systemd and no cgroup that containers could be put into, so they get none, and
their health is asked for by the tests rather than by systemd's timers.
"""

import ctypes
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

from asterisk.cache import program

CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)
# No propagation: what is mounted here is seen here only, and gone with the last process.
HOLD = (
    "umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && ip link set lo up && echo up && exec cat"
)
WITHOUT_CGROUPS = ("--cgroups=disabled", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024")
COMMAND_S = 900.0


class EngineFailed(AssertionError):
    """A command of the engine failed; the message is the end of what it said."""


class Engine:
    """A storage of images, and the containers in one network namespace. What it started is gone at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        storage = ["--root", str(folder / "storage"), "--runroot", str(folder / "run"), "--storage-driver=overlay"]
        self._buildah = [program("buildah", "buildah"), *storage]
        self._podman = [program("podman", "podman"), *storage, "--cgroup-manager=cgroupfs"]
        self._podman += [f"--tmpdir={folder / 'tmp'}", "--log-level=fatal"]
        self._holder: subprocess.Popen[bytes] | None = None
        self._volumes: list[str] = []

    def __enter__(self) -> Self:
        """Make the namespaces. Raises EngineFailed where this machine cannot."""
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        words = [
            program("unshare", "util-linux"),
            "--mount",
            "--net",
            "--propagation",
            "private",
            "sh",
            "-c",
            HOLD,
        ]
        self._holder = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self._holder.stdout is None or self._holder.stdout.readline() != b"up\n":
            raise EngineFailed("no mount and network namespaces can be made here")
        self._clear()  # what a killed run left
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._clear()
        finally:
            if self._holder is not None:
                self._holder.communicate()  # its input ends, and with it the namespaces
            self._holder = None

    def _clear(self) -> None:
        """Remove all containers and volumes; the storage is the tests' own."""
        self.podman("rm", "--all", "--force", "--time=5")
        self.podman("volume", "prune", "--force")

    # --- images

    def has(self, image: str) -> bool:
        """Whether there is such an image."""
        return image in self._ask([*self._in_mounts(), *self._buildah, "images", "--format", "{{.Name}}"]).split()

    def take_in(self, root: Path, image: str) -> None:
        """Make a root's files an image."""
        with subprocess.Popen(
            [program("tar", "tar"), "-C", f"{root}/.", "-c", "."], stdout=subprocess.PIPE
        ) as packed:
            self._ask([*self._in_mounts(), *self._podman, "import", "-", image], stdin=packed.stdout)

    def build(self, context: Path, target: str, image: str, arguments: Mapping[str, str]) -> None:
        """Build a target of the context's Dockerfile."""
        given = [f"--build-arg={name}={value}" for name, value in arguments.items()]
        self._ask(
            [
                *(
                    *self._in_mounts(),
                    *self._buildah,
                    "bud",
                    "--isolation=chroot",
                    "--layers",
                    "--format=docker",
                    *given,
                ),
                *(f"--target={target}", f"--tag={image}", f"--file={context / 'docker/Dockerfile'}", str(context)),
            ]
        )

    # --- containers

    def podman(self, *words: str) -> str:
        """What podman says, inside. Raises EngineFailed."""
        return self._ask([*self._inside(), *self._podman, *words])

    def volume(self, name: str) -> str:
        """A volume, removed at the end."""
        if name not in self._volumes:
            self.podman("volume", "create", name)
            self._volumes.append(name)
        return name

    def start(self, name: str, *words: str) -> None:
        """Start a container in the background, with `podman run`'s words."""
        self.podman("run", "--detach", f"--name={name}", "--pull=never", *WITHOUT_CGROUPS, *words)

    def wait(self, name: str) -> int:
        """A container's exit code, once it has ended."""
        return int(self.podman("wait", name))

    def healthy(self, name: str) -> bool:
        """Whether its health check succeeds at this moment. Raises EngineFailed if it has ended."""
        if json.loads(self.podman("inspect", "--format={{json .State.Running}}", name)) is not True:
            raise EngineFailed(f"{name} ended:\n{self.said(name)[-3000:]}")
        words = [*self._inside(), *self._podman, "healthcheck", "run", name]
        return subprocess.run(words, capture_output=True, check=False, timeout=COMMAND_S).returncode == 0

    def said(self, name: str) -> str:
        """All that it wrote."""
        words = [*self._inside(), *self._podman, "logs", name]
        done = subprocess.run(words, capture_output=True, check=False, timeout=COMMAND_S)
        return (done.stdout + done.stderr).decode("utf-8", "replace")

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Sockets that this thread makes meanwhile are in the containers' network, and stay there."""
        theirs = Path(f"/proc/{self._pid}/ns/net")
        with Path("/proc/thread-self/ns/net").open("rb") as ours, theirs.open("rb") as inside:
            _enter(inside.fileno())
            try:
                yield
            finally:
                _enter(ours.fileno())

    @property
    def _pid(self) -> int:
        if self._holder is None:
            raise EngineFailed("the engine is not entered")
        return self._holder.pid

    def _inside(self) -> list[str]:
        return [*self._in_mounts(), "--net"]

    def _in_mounts(self) -> list[str]:
        """With this machine's network, for a build; what is mounted goes with the engine."""
        return [program("nsenter", "util-linux"), f"--target={self._pid}", "--mount"]

    def _ask(self, words: Sequence[str], stdin: IO[bytes] | None = None) -> str:
        done = subprocess.run(
            words,
            stdin=stdin or subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=COMMAND_S,
        )
        if done.returncode != 0:
            said = (done.stdout + done.stderr).decode("utf-8", "replace")[-2000:]
            raise EngineFailed(f"{' '.join(words[:1])} … {' '.join(words[-6:])}: {done.returncode}\n{said}")
        return done.stdout.decode("utf-8", "replace")


def _enter(descriptor: int) -> None:
    if _LIBC.setns(descriptor, CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def missing_right() -> str:
    """Why containers cannot be run here; empty if they can."""
    if os.geteuid() != 0:
        return "containers are run as root here"
    for name in ("buildah", "podman", "unshare", "nsenter"):
        if shutil.which(name) is None:
            return f"{name} is not installed: scripts/setup.sh"
    return ""
