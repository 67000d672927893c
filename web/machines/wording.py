"""Texts on the screen about machines and their disks."""

from collections.abc import Sequence
from datetime import datetime

from supervision.machines.messages import SentBackup
from supervision.machines.queries import MachineRow
from supervision.machines.rules import Volume
from web.incidents.numbers import span
from web.language import gettext, ngettext

_UNITS = ("B", "KB", "MB", "GB", "TB")


def size(number: int) -> str:
    """So many bytes, in the unit that suits them; 1 KB is 1000 bytes, as on the label of a disk."""
    amount, unit = float(number), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    digits = 0 if unit == 0 or amount >= 99.5 else 1
    return f"{amount:,.{digits}f} {_UNITS[unit]}"


def machine(row: MachineRow) -> str:
    """Its name."""
    return gettext("Headquarters") if row.is_headquarters else row.name or row.code


def volume(one: Volume) -> str:
    """What of ours lies on a file system, after the first of the folders on it."""
    return {
        "home": gettext("Data"),
        "spool": gettext("Raw recordings"),
        "archive": gettext("Sealed recordings"),
        "incoming": gettext("Received recordings"),
    }.get(one.name, one.name)


def room(one: Volume) -> tuple[str, str]:
    """How a disk stands, in a word, and the tone of its badge."""
    if one.read_only:
        return gettext("Cannot be written to"), "bad"
    if one.level is None:
        return gettext("Enough room"), "good"
    return gettext("Under %(level)s %% free", level=one.level), "warn" if one.level > 10 else "bad"


def free(one: Volume) -> str:
    """How much is free, of how much."""
    share = f"{one.free_percent:.0f}" if one.free_percent >= 10 else f"{one.free_percent:.1f}"
    of = {"free": size(one.free_bytes), "total": size(one.total_bytes), "share": share}
    return gettext("%(free)s of %(total)s free (%(share)s %%)", **of)


def waiting(row: MachineRow) -> str:
    """What is still to be sent."""
    if not row.backlog.parts:
        return gettext("no recording")
    recordings = ngettext("%(num)s recording part", "%(num)s recording parts", row.backlog.parts)
    return gettext("%(parts)s, %(size)s", parts=recordings, size=size(row.backlog.size_bytes))


def age(moment: datetime, at: datetime) -> str:
    """How long ago that was."""
    return span(max(0.0, (at - moment).total_seconds() * 1000))


def backup(one: SentBackup | None) -> tuple[str, str]:
    """How the backups of a machine stand, in a word, and the tone of its badge."""
    if one is None:
        return gettext("Not set up"), "warn"
    if not one.number:
        return gettext("None yet"), "bad"
    if one.fault:
        return gettext("Damaged"), "bad"
    return (gettext("Late"), "bad") if one.late else (gettext("In time"), "good")


def backup_lines(one: SentBackup, at: datetime) -> list[str]:
    """When the last one was made, and when one was last read back."""
    lines = []
    if one.at is not None:
        about = {"size": size(one.size_bytes), "time": age(one.at, at)}
        lines.append(gettext("%(size)s, %(time)s ago", **about))
    if one.log_at is not None:
        lines.append(gettext("database log sent %(time)s ago", time=age(one.log_at, at)))
    if one.verified_at is not None:
        lines.append(gettext("verified %(time)s ago", time=age(one.verified_at, at)))
    else:
        lines.append(gettext("never verified"))
    if one.rehearsed_at is not None:
        lines.append(gettext("restore rehearsed %(time)s ago", time=age(one.rehearsed_at, at)))
    else:
        lines.append(gettext("restore never rehearsed"))
    return lines


def shares_key(row: MachineRow, machines: Sequence[MachineRow]) -> bool:
    """Whether an office's backups are for the key of headquarters' own: who has it reads both parties' secrets."""
    own = next((one.backup.recipient for one in machines if one.is_headquarters and one.backup), "")
    theirs = row.backup.recipient if row.backup and not row.is_headquarters else ""
    return bool(_keys(own) & _keys(theirs))


def _keys(recipient: str) -> set[str]:
    return {key.strip() for key in recipient.split(",") if key.strip()}


def summary(machines: Sequence[MachineRow]) -> str:
    """All of them in a sentence."""
    known = ngettext("%(num)s machine", "%(num)s machines", len(machines))
    short = sum(row.level < 100 for row in machines)
    silent = sum(row.silent for row in machines)
    if not short and not silent:
        return gettext("%(machines)s, all of them with enough room", machines=known)
    numbers = {"machines": known, "short": short, "silent": silent}
    return gettext("%(machines)s: %(short)s short of room, %(silent)s without a report", **numbers)
