"""Phones for demo, tests and benchmarks: FXO gateway ports that call, and desk phones that are called.

They are sipp processes that speak real SIP and send real A-law RTP. A test reads as a story::

    desk = Desk(pbx, "801", password, folder).register()
    ringing = desk.answers(after_s=2, plays=officer_voice)
    port = Gateway(pbx, "fxo1", password, folder)
    call = port.dials("62310001", caller_id=b"13912341234", plays=caller_voice, talks_s=8)
    (seen,) = call.wait()
    seen.length_ms

Each act gives a `Run` (see `demo.sipp`) that can be waited for, stopped, and asked what messages passed when.
"""

import itertools
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

from asterisk.ports import free_ports, free_range, give_back
from demo import scenarios
from demo.sipp import PhoneFailed, Run, keys

Address = tuple[str, int]
_NUMBERS = itertools.count(1)
_NUMBERING = threading.Lock()
ASKED_WITHIN_S = 0.2  # a PBX that qualifies its phones asks as soon as they register


class _Phone:
    """What both kinds share: a PBX to speak to, a folder, ports of their own for each run."""

    def __init__(self, pbx: Address, work_dir: Path, at_once: int) -> None:
        self.pbx = pbx
        self.work_dir = work_dir
        self.at_once = at_once
        self._ports: list[int] = []
        self._run: Run | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def unplug(self) -> None:
        """Stop what it is doing, without a word to the other side."""
        if self._run is not None:
            self._run.stop()
            self._run = None
        give_back(self._ports)
        self._ports = []

    def _start(
        self, scenario: str, rows: Sequence[Sequence[str]], options: Sequence[str | bytes], called: str = ""
    ) -> Run:
        self.unplug()
        port, control = free_ports(2)
        # sipp takes two ports for RTP and RTCP, and two more for each call at once.
        first, last = free_range(4 * self.at_once + 8)
        self._ports = [port, control, *range(first, last + 1)]
        host, pbx_port = self.pbx
        common = [f"{host}:{pbx_port}", "-i", "127.0.0.1", "-p", str(port), "-cp", str(control)]
        media = ["-mi", "127.0.0.1", "-mp", str(first), "-m", str(len(rows)), "-l", str(len(rows))]
        folder = _new_folder(self.work_dir, f"{'desk' if called else 'gateway'}-{rows[0][0]}")
        self._run = Run(folder, scenario, rows, [*common, *media, *options], called)
        return self._run


class Desks(_Phone):
    """Several desk phones in one process, each with its own extension and password."""

    def __init__(self, pbx: Address, passwords: Mapping[str, str], work_dir: Path) -> None:
        super().__init__(pbx, work_dir, len(passwords))
        self.passwords = dict(passwords)

    def register(self) -> Self:
        """Register every extension; the phones then ring, and nobody answers. Raises PhoneFailed if refused."""
        self.rings()
        return self

    def answers(
        self,
        after_s: float = 1.0,
        plays: Path | Mapping[str, Path] | None = None,
        hangs_up_after_s: float | None = None,
    ) -> Run:
        """Register; from now on every call rings, is answered so much later, and hung up by us or the caller.

        `plays` is one voice for all, or one for each extension.
        """
        return self._listen(plays, answers_after_s=after_s, hangs_up_after_s=hangs_up_after_s)

    def rings(self) -> Run:
        """Register; from now on every call rings and nobody answers."""
        return self._listen(None, answers_after_s=None, hangs_up_after_s=None)

    def rejects(self, status: int = 486, *, rings: bool = False) -> Run:
        """Register; from now on every call is turned down: at once, or after it rang for half a second."""
        return self._listen(None, answers_after_s=None, hangs_up_after_s=None, rejects_with=status, rings=rings)

    def plays_dead(self) -> Run:
        """Register; from now on calls are taken without a ring or a word."""
        return self._listen(None, answers_after_s=None, hangs_up_after_s=None, rings=False)

    def _listen(
        self,
        plays: Path | Mapping[str, Path] | None,
        *,
        answers_after_s: float | None,
        hangs_up_after_s: float | None,
        rejects_with: int | None = None,
        rings: bool = True,
    ) -> Run:
        chosen = dict.fromkeys(self.passwords, plays) if isinstance(plays, Path) else dict(plays or {})
        rows = [(account, scenarios.credentials(account, word)) for account, word in self.passwords.items()]
        called = scenarios.desk(
            _files(chosen),
            answers_after_s=answers_after_s,
            hangs_up_after_s=hangs_up_after_s,
            rejects_with=rejects_with,
            rings=rings,
        )
        run = self._start(scenarios.registration(), rows, ["-r", "100"], called)
        _wait_until_reachable(run, len(rows))
        return run


class Desk(Desks):
    """One desk phone."""

    def __init__(self, pbx: Address, extension: str, password: str, work_dir: Path) -> None:
        super().__init__(pbx, {extension: password}, work_dir)


@dataclass(frozen=True)
class Dial:
    """One port's call among many at once. The caller ID is plain digits here."""

    account: str
    password: str
    number: str
    plays: Path | None = None


class Gateways(_Phone):
    """An FXO gateway with several ports, each with an account of its own, in one process."""

    def __init__(self, pbx: Address, work_dir: Path, at_once: int = 1) -> None:
        super().__init__(pbx, work_dir, at_once)
        self.headers: dict[str, str] = {}

    def dial(
        self,
        calls: Sequence[Dial],
        *,
        caller_id: bytes = b"",
        talks_s: float | None = None,
        gives_up_after_s: float | None = None,
        a_second: float = 50,
    ) -> Run:
        """Place all these calls, so many a second; each talks so long and hangs up (None: waits for the BYE)."""
        voices = {str(n): call.plays for n, call in enumerate(calls) if call.plays is not None}
        rows = [
            (call.account, scenarios.credentials(call.account, call.password), call.number, str(n))
            for n, call in enumerate(calls)
        ]
        scenario = scenarios.gateway(
            _files(voices),
            authenticates=bool(calls[0].password),
            gives_up_after_s=gives_up_after_s,
            talks_s=talks_s,
            headers=self.headers,
        )
        return self._start(scenario, rows, ["-r", str(a_second), *keys(shown_caller(caller_id))])


class Gateway(Gateways):
    """One FXO port: its account and password, or (without password) the header by which it is recognised."""

    def __init__(
        self, pbx: Address, account: str, password: str, work_dir: Path, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(pbx, work_dir)
        self.account = account
        self.password = password
        self.headers = dict(headers or {})

    def dials(
        self,
        number: str,
        *,
        caller_id: bytes = b"",
        plays: Path | None = None,
        talks_s: float | None = None,
        gives_up_after_s: float | None = None,
    ) -> Run:
        """Dial the line's number as the port does when its telephone line rings.

        The caller hangs up `talks_s` after the answer (None: the other side must), or gives up if there was no
        answer in `gives_up_after_s`.
        """
        return self.dial(
            [Dial(self.account, self.password, number, plays)],
            caller_id=caller_id,
            talks_s=talks_s,
            gives_up_after_s=gives_up_after_s,
        )


def shown_caller(caller_id: bytes) -> dict[str, bytes]:
    """A caller ID as a gateway puts it into From: display name quoted, user part escaped; raw bytes else.

    What cannot be in a header at all (line ends, NUL) is left out, as every gateway does.
    """
    clean = caller_id.translate(None, b"\r\n\0")
    display = clean.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    user = quote(clean, safe="+*#-_.!~'()").encode()
    return {
        "cid_name": b'"' + display + b'" ' if clean else b"",
        "cid_user": user + b"@" if clean else b"",
    }


def _new_folder(work_dir: Path, name: str) -> Path:
    """A folder of its own for each run, counted on from those that are there."""
    while True:
        with _NUMBERING:
            folder = work_dir.absolute() / f"{next(_NUMBERS):04d}-{name}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder


def _files(voices: Mapping[str, Path]) -> dict[str, Path]:
    for voice in voices.values():
        if not voice.is_file() or "," in str(voice.absolute()):
            raise PhoneFailed(f"there is no voice {voice}")
    return {key: voice.absolute() for key, voice in voices.items()}


def _wait_until_reachable(run: Run, n: int, timeout_s: float = 60) -> None:
    """Wait until all n are registered, and until the PBX has asked each whether it is there, if it asks at all."""
    until = time.monotonic() + timeout_s
    while _count(run, "200 REGISTER") < n:
        refused = any(m.cseq > 1 and (m.status or 0) >= 400 for m in run.messages() if m.method == "REGISTER")
        if refused or not run.running or time.monotonic() >= until:
            run.stop()
            raise PhoneFailed(f"not registered:\n{run.tail()}")
        time.sleep(0.01)
    until = time.monotonic() + ASKED_WITHIN_S
    while _count(run, "200 OPTIONS") < n and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.05)


def _count(run: Run, name: str) -> int:
    return len({message.call_id for message in run.messages() if message.name == name})
