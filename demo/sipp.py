"""One run of sipp: started, watched through its message log, waited for or stopped.

sipp prints a screen a second; that goes to a file, and its end is in the error if a run fails.
"""

import asyncio
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from asterisk.cache import program

ENDED_WELL = (0, 97, 99)  # 97: ended by itself at our word; 99: no call came
LINE = re.compile(
    r"^(?P<at>\d{4}-\d\d-\d\d[\tT ]\d\d:\d\d:\d\d\.\d+)\t(?:[\d.]+\t)?(?P<way>[SR])\t(?P<call>[^\t]*)\t"
    r"CSeq:\s*(?P<cseq>\d+) (?P<method>[A-Z]+)\t(?P<first>.*)$"
)


class PhoneFailed(AssertionError):
    """A phone could not follow its scenario; the message carries sipp's own words."""


@dataclass(frozen=True)
class Message:
    """One SIP message, as this phone saw it."""

    at: datetime
    sent: bool
    call_id: str
    cseq: int
    method: str
    status: int | None

    @property
    def at_ms(self) -> float:
        """Milliseconds since 1970."""
        return self.at.timestamp() * 1000

    @property
    def name(self) -> str:
        """`INVITE`, `BYE`, … for a request, `200 INVITE`, `180 INVITE`, … for an answer."""
        return self.method if self.status is None else f"{self.status} {self.method}"

    @classmethod
    def parse(cls, line: str) -> "Message | None":
        """A line of sipp's short message log (written with TZ=UTC), or None if it is none."""
        match = LINE.match(line)
        if match is None:
            return None
        at = datetime.fromisoformat(match["at"].replace("\t", " ")).replace(tzinfo=UTC)
        status = re.match(r"SIP/2\.0 (\d{3})", match["first"])
        return cls(at, match["way"] == "S", match["call"], int(match["cseq"]), match["method"], _int(status))


@dataclass(frozen=True)
class CallSeen:
    """All that one phone saw of one call, in order."""

    call_id: str
    messages: tuple[Message, ...]

    def find(self, name: str) -> Message | None:
        """The first message of that name (`200 INVITE`), or None."""
        return next((message for message in self.messages if message.name == name), None)

    def at_ms(self, name: str) -> float:
        """When the first message of that name passed. Raises PhoneFailed if none did."""
        found = self.find(name)
        if found is None:
            seen = ", ".join(message.name for message in self.messages)
            raise PhoneFailed(f"no {name} in call {self.call_id}; seen: {seen}")
        return found.at_ms

    @property
    def answered(self) -> bool:
        """Whether the call was answered."""
        return self.find("200 INVITE") is not None

    @property
    def over(self) -> bool:
        """Whether nothing more is to come: hung up and confirmed, or refused, or cancelled."""
        if self.answered:
            return self.find("200 BYE") is not None
        last = self.messages[-1]
        return last.method == "ACK" and (last.cseq > 1 or not self._challenged)

    @property
    def _challenged(self) -> bool:
        return self.find("401 INVITE") is not None or self.find("407 INVITE") is not None

    @property
    def length_ms(self) -> float:
        """From the 200 that answered to the BYE that ended."""
        return self.at_ms("BYE") - self.at_ms("200 INVITE")


class Run:
    """A running sipp. `calls()` are what it has seen up to now."""

    def __init__(
        self,
        folder: Path,
        scenario: str,
        rows: Sequence[Sequence[str]],
        options: Sequence[str | bytes],
        called: str = "",
    ) -> None:
        self.folder = folder
        (folder / "scenario.xml").write_text(scenario, "utf-8")
        if called:
            (folder / "called.xml").write_text(called, "utf-8")
        lines = ["SEQUENTIAL", *(";".join(row) for row in rows)]
        (folder / "rows.csv").write_text("\n".join(lines) + "\n", "utf-8")
        self._log = folder / "messages.tsv"
        command = [program("sipp", "sip-tester"), *options, "-sf", "scenario.xml", "-inf", "rows.csv"]
        command += ["-oocsf", "called.xml"] if called else []
        # A message that crosses ours on the wire is no fault: what matters is waited for by name.
        command += ["-nostdin", "-skip_rlimit", "-f", "3600", "-aa", "-default_behaviors", "all,-abortunexp"]
        command += [
            "-trace_shortmsg",
            "-shortmessage_file",
            "messages.tsv",
            "-trace_err",
            "-error_file",
            "errors.log",
        ]
        with (folder / "screen.log").open("wb") as screen:
            # Our own words, and a caller ID that goes as one argument, without a shell.
            self._process = subprocess.Popen(  # noqa: S603
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=screen,
                env={"TZ": "UTC", "TERM": "dumb", "PATH": "/usr/bin:/bin"},
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether sipp is still at it."""
        return self._process.poll() is None

    def messages(self) -> list[Message]:
        """All messages up to now, in order, typed."""
        if not self._log.exists():
            return []
        lines = self._log.read_text("utf-8", "replace").splitlines()
        return [message for message in map(Message.parse, lines) if message is not None]

    def calls(self) -> list[CallSeen]:
        """The same by call, in the order in which they began; pings left out."""
        by_call: dict[str, list[Message]] = {}
        for message in self.messages():
            by_call.setdefault(message.call_id, []).append(message)
        return [CallSeen(key, tuple(seen)) for key, seen in by_call.items() if seen[0].method == "INVITE"]

    def wait(self, timeout_s: float = 60) -> list[CallSeen]:
        """Wait until sipp has finished its scenario. Raises PhoneFailed if it did not, with its last words."""
        try:
            code = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.stop()
            raise PhoneFailed(f"not done after {timeout_s:.0f} s:\n{self.tail()}") from None
        if code not in ENDED_WELL:
            raise PhoneFailed(f"sipp ended with {code}:\n{self.tail()}")
        return self.calls()

    async def done(self, timeout_s: float = 60) -> list[CallSeen]:
        """`wait` for asynchronous callers."""
        return await asyncio.to_thread(self.wait, timeout_s)

    def stop(self) -> None:
        """Unplug the phone: no word more is sent."""
        if self.running:
            self._process.kill()
            self._process.wait()

    def tail(self, lines: int = 25) -> str:
        """The end of what sipp said, and the messages it saw."""
        texts = ["messages: " + ", ".join(("> " if m.sent else "< ") + m.name for m in self.messages()[-20:])]
        for name in ("errors.log", "screen.log"):
            file = self.folder / name
            if file.exists():
                said = [line for line in file.read_text("utf-8", "replace").splitlines() if line.strip()]
                texts += [f"{name}:", *(f"  {line[-300:]}" for line in said[-lines:])]
        return "\n".join(texts)


def keys(values: Mapping[str, bytes]) -> list[str | bytes]:
    """Options of sipp that set a scenario's own keywords."""
    return [word for name, value in values.items() for word in ("-key", name, value)]


def _int(match: "re.Match[str] | None") -> int | None:
    return int(match[1]) if match else None
