"""One office node's control, put together: ARI, AMI, a tracker, a recorder and a recovery."""

import asyncio
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog

from ari_app.admission import Admission
from ari_app.ami import AmiLink
from ari_app.ari import ADMISSION, AriLink
from ari_app.cdr import CdrLog
from ari_app.cel import CelLog
from ari_app.events import AriEvent
from ari_app.hep import Copied, listen
from ari_app.muting import Mute, Mutes
from ari_app.recording import Recorder
from ari_app.recovery import Recovery
from ari_app.refusals import Refusal, RefusalReporter, Refusals
from ari_app.store_writer import StoreWriter
from ari_app.switch_records import SwitchRecordSender
from ari_app.tracker import Tracker
from supervision.calls.service import known_lines
from supervision.clock import now
from supervision.database import Database
from supervision.incidents.rules import Cause
from supervision.offices.description import OfficeDescription
from supervision.paths import Paths
from supervision.service_manager import notify
from supervision.settings import Settings

log = structlog.get_logger("node")

LOST_AFTER_S = 5.0
CONNECTED = "connected to Asterisk"  # what the unit's status says then; `releases` waits for it


@dataclass
class Node:
    """All that runs in the ari_app process of one office."""

    settings: Settings
    description: OfficeDescription
    database: Database
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _back: dict[str, asyncio.Event] = field(default_factory=dict)

    def __post_init__(self) -> None:
        paths = Paths(self.settings.home)
        code = self.description.office.code
        with self.database.reading() as session:
            lines = known_lines(session, self.description)
        self.writer = StoreWriter(self.database, code, lines)
        self.ari = AriLink(
            self.settings.ari_url,
            self.settings.ari_user,
            paths.secret("ari").read_text("ascii").strip(),
            on_event=self._see,
            on_up=lambda: self._up("ari"),
            on_down=self._ari_down,
            on_misread=self._misread,
        )
        self.ami = AmiLink(
            self.settings.ami_host,
            self.settings.ami_port,
            self.settings.ami_user,
            paths.secret("ami").read_text("ascii").strip(),
            on_up=lambda: self._up("ami"),
            on_down=lambda: self._down("ami"),
            on_mute=lambda event: self.mutes.see(event, now()),
        )
        self.refusals = Refusals(self.description.lines)
        self.refusal_reporter = RefusalReporter(lambda *refusals: self._guard(self._report_refusals(*refusals)))
        self.mutes = Mutes(report=lambda mute: self.spawn(self._note_mute(mute)))
        self.recorder = Recorder(paths, self.ami, self.writer)
        self.tracker = Tracker(
            self.writer,
            on_answered=lambda channel, call_id: self.spawn(self.recorder.watch_bytes(channel, call_id)),
            on_ended=self._ended,
        )
        cel, cdr = CelLog(paths.cel), CdrLog(paths.cdr, paths.queue_log)
        self.recovery = Recovery(
            self.ari, self.recorder, self.writer, self.tracker, cel, cdr, self.spawn, self._guard
        )
        self.switch_records = SwitchRecordSender(
            cel, cdr, self.writer, self._guard, self.mutes, lambda: self.recovery.sweeps
        )
        self.admission = Admission(self.ari, self.recorder, self.writer, self.tracker)

    async def run(self) -> None:
        """Serve until cancelled. A part that fails by an error of ours ends the process, which is started anew."""
        for wire in ("ari", "ami"):
            await self._down(wire)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.recorder.run())
            group.create_task(self.tracker.run())
            group.create_task(self.ami.run())
            group.create_task(self._listen_for_refusals())
            group.create_task(self.refusal_reporter.run())
            group.create_task(self.ari.run())
            group.create_task(self.recovery.run())
            group.create_task(self.switch_records.run())

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the rest, guarded: an error is logged and becomes an incident, calls go on."""
        task = asyncio.create_task(self._guard(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            log.exception("an event was refused", work=str(work))
            detail = {"error": str(error)[:200]}
            await self.writer.incident(Cause.EVENT_REFUSED, type(error).__name__, None, detail)

    async def _note_mute(self, mute: Mute) -> None:
        call_id = await self.writer.call_of(mute.uniqueid)
        subject = str(call_id) if call_id is not None else f"channel:{mute.uniqueid}"
        await self.writer.incident(Cause.RECORDING_MUTED, subject, call_id, {"direction": mute.direction})

    async def _listen_for_refusals(self) -> None:
        key = Paths(self.settings.home).secret("hep")
        if not key.exists():  # Asterisk was rendered by an earlier version, and copies nothing
            log.warning("no refused offer is seen until Asterisk's configuration is rendered anew")
            return
        await listen(self.settings.hep_port, key.read_text("ascii").strip(), self._see_sip)

    def _see_sip(self, copied: Copied) -> None:
        refusal = self.refusals.see(copied.source, copied.message)
        if refusal is not None:
            self.refusal_reporter.add(refusal)

    async def _report_refusals(self, refusal: Refusal, times: int) -> None:
        detail = {"line": refusal.line_key, "status": refusal.status, "reason": refusal.reason}
        await self.writer.incident(Cause.OFFER_REFUSED, f"line:{refusal.line_key}", None, detail, times=times)

    def _ended(self, call_id: uuid.UUID, whole: bool) -> None:
        self.recovery.ended(call_id, whole)

    def _see(self, event: AriEvent) -> None:
        if event.type == "StasisStart" and event.application == ADMISSION:
            self.spawn(self.admission.admit(event, watched=self.ari.up))
        self.tracker.see(event)

    async def _up(self, wire: str) -> None:
        back = self._back.pop(wire, None)
        self._report_wires()
        if back is not None:
            back.set()
        self.recovery.wake()

    def _report_wires(self) -> None:
        notify(f"STATUS={'waits for ' + ' and '.join(self._back) if self._back else CONNECTED}")

    def _misread(self) -> None:
        self.tracker.misread()

    async def _ari_down(self) -> None:
        self.tracker.connection_lost()
        await self._down("ari")

    async def _down(self, wire: str) -> None:
        if wire not in self._back:
            self._back[wire] = asyncio.Event()
            self._report_wires()
            self.spawn(self._outage(wire, self._back[wire]))

    async def _outage(self, wire: str, back: asyncio.Event) -> None:
        """One outage of a wire: after five seconds an incident, healed once the wire is back.

        Healed in any case: an earlier process may have ended in the middle of its outage.
        """
        try:
            async with asyncio.timeout(LOST_AFTER_S):
                await back.wait()
        except TimeoutError:
            await self.writer.incident(Cause.CONTROL_LOST, wire)
            await back.wait()
        await self.writer.heal(Cause.CONTROL_LOST, wire)
