"""What all phones together saw of each call: whose call it was that a desk was rung for. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bench.truth.accounts import Accounts, CallerAccount, DeskAccount

S = 1_000_000_000


@dataclass(frozen=True)
class Seen:
    """One call as all phones together saw it."""

    caller: CallerAccount
    legs: tuple[DeskAccount, ...]

    @property
    def taken(self) -> DeskAccount | None:
        """The desk leg that talked, or was about to; of two that answered in one moment, the one that was kept."""
        acked = [leg for leg in self.legs if leg.acked_ns is not None]
        heard = [leg for leg in acked if leg.heard.packets or leg.desk in self.caller.heard.packets]
        return max(heard or acked, key=lambda leg: leg.over_ns or leg.invited_ns, default=None)

    @property
    def name(self) -> str:
        """For people."""
        return f"call {self.caller.n} on {self.caller.line} ({self.caller.user})"


def gather(accounts: Accounts, desks_of: Mapping[str, Collection[str]]) -> list[Seen]:
    """Each caller's call with the desk legs that were of it: by number and name, by tone, or by desks and time.

    A port has one call at a time. So of two of its calls with the same number, the one that began last is meant,
    though the other has only just ended, and though that one had talked with the same desk.
    """
    legs: dict[int, list[DeskAccount]] = {caller.n: [] for caller in accounts.callers}
    by_user: dict[tuple[str, str], list[CallerAccount]] = {}
    for caller in sorted(accounts.callers, key=lambda one: one.invited_ns):
        by_user.setdefault(_shown(caller.user, caller.name), []).append(caller)
    for leg in sorted(accounts.desks, key=lambda one: one.invited_ns):
        under_way = {
            one.line: one
            for one in by_user.get(_shown(leg.caller, leg.name), [])
            if one.invited_ns <= leg.invited_ns <= (one.over_ns or leg.invited_ns) + 2 * S
            and leg.desk in desks_of[one.line]
        }
        talked = [one for one in under_way.values() if _talked(one, leg)]
        for caller in (talked or list(under_way.values()))[-1:]:
            legs[caller.n].append(leg)
    return [Seen(caller, tuple(legs[caller.n])) for caller in accounts.callers]


def _shown(user: str, name: str) -> tuple[str, str]:
    """By what a desk knows a caller: by his number, or, where he shows none, by what else he is called."""
    return (user, "") if user.isdigit() else (user, name)


def _talked(caller: CallerAccount, leg: DeskAccount) -> bool:
    """Whether one of the two heard the other's tone, and heard it while the desk held this call."""
    last_ns = caller.heard.last_ns.get(leg.desk)
    heard = leg.answered_ns is not None and last_ns is not None and last_ns >= leg.answered_ns
    return heard or caller.line in leg.heard.packets
