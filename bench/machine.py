"""What the machine says: CPU seconds of a process and its children, from /proc; cores, versions, load."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class ProcessStat:
    """What `/proc/<pid>/stat` says of CPU. `ticks` are its own; `reaped` those of children that have ended."""

    pid: int
    parent: int
    ticks: int
    reaped: int

    @classmethod
    def parse(cls, text: str) -> "ProcessStat":
        """Raises ValueError if it is no such line. The name in brackets may itself hold blanks and brackets."""
        before, _, after = text.rpartition(")")
        fields = after.split()
        if not before or len(fields) < 15:
            raise ValueError(f"not a line of /proc/<pid>/stat: {text!r}")
        utime, stime, children_utime, children_stime = map(int, fields[11:15])
        return cls(int(before.split()[0]), int(fields[1]), utime + stime, children_utime + children_stime)


def processes(proc: Path = PROC) -> dict[int, ProcessStat]:
    """All processes that are there."""
    found = {}
    for file in proc.glob("[0-9]*/stat"):
        try:
            stat = ProcessStat.parse(file.read_text("utf-8", "replace"))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        found[stat.pid] = stat
    return found


def cpu_seconds(pid: int, proc: Path = PROC) -> float:
    """utime + stime of the process, its children and theirs, those that ended meanwhile included.

    Raises ProcessLookupError if the process itself is not there.
    """
    stats = processes(proc)
    if pid not in stats:
        raise ProcessLookupError(pid)
    family, waiting = 0, [pid]
    while waiting:
        stat = stats[waiting.pop()]
        family += stat.ticks + stat.reaped
        waiting += [child.pid for child in stats.values() if child.parent == stat.pid]
    return family / TICKS_A_SECOND


def machine_line(asterisk: str) -> str:
    """The machine in one line, with the load that it has now, before we add ours."""
    load = os.getloadavg()[0]
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores ({_cpu()}), {asterisk}, Python {platform.python_version()}, load {load:.2f} before"


def _cpu() -> str:
    for line in (PROC / "cpuinfo").read_text("utf-8", "replace").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
