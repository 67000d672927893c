"""The two nodes that are compared: a whole office node, and an Asterisk that only dials.

The bare one is rendered from the same office (same SIP accounts, desks, codecs and RTP settings), then its
dialplan and modules are replaced: no Stasis, no ARI, no AMI user of ours, no queue, no CDR, no CEL. It has what a
stock Asterisk has and ours has not, `bridge_native_rtp`, so a plain `Dial` passes packets on without looking
into them: the cheapest that Asterisk can do, and so the hardest to be compared with. Its dialplan knows three
prefixes before the line's number, for three ways to connect the very same desk.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from asterisk.root import Installation, find_or_make
from demo.headquarters import LoopbackHeadquarters
from demo.office import LoopbackOffice
from demo.phones import Dial
from supervision.offices.description import LineDescription
from supervision.paths import asterisk_safe

PLAIN, CORE, MONITORED = "1", "2", "3"
LEADER = "899"
NOT_IN_BARE = ("app_queue", "app_stasis", "app_celgenuserevent", "app_userevent", "res_musiconhold")


def office_of(lines: int) -> dict[str, Any]:
    """An office with so many lines that are answered by a person, each with one desk of its own."""
    return {
        "office": {"code": "07", "name": "第七税务所"},
        "lines": [
            {
                "key": f"07-{n}",
                "number": f"8888{n:04d}",
                "name": f"线路{n}",
                "gateway": {"account": f"fxo-{n}"},
                "desks": [str(100 + n)],
                "leader": LEADER,
                "announcement": False,
                "ring_s": 5,
            }
            for n in range(lines)
        ],
        "desks": [{"extension": str(100 + n), "name": f"台{n}"} for n in range(lines)]
        + [{"extension": LEADER, "name": "带班台"}],
    }


class BareAsterisk(LoopbackOffice):
    """The same desks and lines behind a dialplan of one step."""

    def __init__(self, home: Path, lines: int, installation: Installation) -> None:
        super().__init__(home, office_of(lines), installation=installation, rtp_ports=ports_for(lines))
        etc = self.paths.asterisk / "etc"
        (etc / "extensions.conf").write_text(self._dialplan(), "utf-8")
        (etc / "modules.conf").write_text(bare_modules((etc / "modules.conf").read_text("utf-8")), "utf-8")
        for witness in ("cdr", "cel"):
            (etc / f"{witness}.conf").write_text("[general]\nenable = no\n", "utf-8")

    def __enter__(self) -> Self:
        try:
            self.pbx.start()
        except BaseException:
            self.stop()
            raise
        return self

    def _dialplan(self) -> str:
        spool = asterisk_safe(self.paths.spool)
        steps = ["[from-desk]", "[from-line]"]
        for line in self.description.lines:
            dial = f"Dial(PJSIP/{line.desks[0]},60"
            steps += [
                f"exten => {PLAIN}{line.number},1,{dial})",
                # Option T listens for the caller's keys, and so makes the packets go through the core.
                f"exten => {CORE}{line.number},1,{dial},T)",
                f"exten => {MONITORED}{line.number},1,MixMonitor({spool}/${{UNIQUEID}}.raw,D)",
                f" same => n,{dial})",
            ]
        return "\n".join([*steps, ""])


class WholeNode(LoopbackOffice):
    """A whole office node: our dialplan, `ari_app`, the worker; the uplink where there is a headquarters."""

    def __init__(
        self, home: Path, lines: int, installation: Installation, hq: LoopbackHeadquarters | None = None
    ) -> None:
        super().__init__(home, office_of(lines), installation=installation, rtp_ports=ports_for(lines), hq=hq)

    def __enter__(self) -> Self:
        super().__enter__()
        self.worker.start()
        return self


@contextlib.contextmanager
def both(lines: int) -> Iterator[tuple[BareAsterisk, WholeNode]]:
    """Both nodes, running, in a folder that is gone afterwards (its name short enough for a Unix socket)."""
    installation = find_or_make()
    folder = Path(tempfile.mkdtemp(prefix="b."))
    try:
        with (
            BareAsterisk(folder / "bare", lines, installation) as bare,
            WholeNode(folder / "node", lines, installation) as node,
        ):
            yield bare, node
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def bare_modules(ours: str) -> str:
    """What a call needs and no more, out of our own list, and the two modules of a plain Dial."""
    wanted = ours.partition("; the witnesses")[0].splitlines()
    kept = [line for line in wanted if not any(module in line for module in NOT_IN_BARE)]
    return "\n".join([*kept, "load = app_dial.so", "load = bridge_native_rtp.so", ""])


def ports_for(lines: int) -> int:
    """RTP ports for two legs of each call, with room for the calls that are just ending."""
    return 10 * lines + 50


def dial_of(office: LoopbackOffice, line: LineDescription, prefix: str, plays: Path | None = None) -> Dial:
    """One call on a line's port, by what the dialplan calls `prefix` ("" for ours)."""
    password = office.paths.secret(f"sip-line-{line.key}").read_text("ascii").strip()
    return Dial(str(line.gateway.account), password, prefix + line.number, plays)
