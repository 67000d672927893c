"""The evidence package of a record or an appeal: one ZIP that is checked offline (`verify_evidence.py`).

It is made twice from the same files: once for its hash, which goes into the audit log before the first byte
leaves, and once on its way out. Nothing is kept of it. It never holds a caller's number.
"""

import hashlib
import inspect
import io
import json
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.audit.models import AuditEntry
from supervision.audit.queries import entries_of, exported
from supervision.audit.rules import subject_of
from supervision.audit.service import record as write_down
from supervision.calls.models import Call
from supervision.context import Context
from supervision.discipline import verify_evidence
from supervision.discipline.models import Appeal, Record
from supervision.discipline.queries import get_appeal, get_record
from supervision.discipline.verify_evidence import CHUNK, SUMS, entry_of
from supervision.errors import Unavailable
from supervision.evaluations.messages import sent_findings, sent_marks
from supervision.evaluations.models import Evaluation, Judgement
from supervision.evaluations.queries import refuse_hidden, submitted_by_id
from supervision.paths import Paths
from supervision.recordings.models import Recording, RecordingState
from supervision.regulation.models import Clause
from supervision.regulation.queries import clauses_by_id


@dataclass(frozen=True)
class Item:
    """One file of a package: its bytes, or where they lie."""

    name: str
    data: bytes = b""
    path: Path | None = None

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, piece by piece."""
        if self.path is None:
            yield self.data
            return
        with self.path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk


@dataclass(frozen=True)
class Package:
    """A package that was taken: its files in their order, its hash and its size."""

    name: str
    items: tuple[Item, ...]
    sha256: str
    size_bytes: int

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, as they were hashed."""
        return written(self.items)


@dataclass(frozen=True)
class About:
    """What a package is about: a record with the appeal against it, or an appeal against a judgement."""

    main: Record | Appeal
    record: Record | None
    appeal: Appeal | None

    @property
    def name(self) -> str:
        """The name of the package."""
        kind = "appeal" if self.main is self.appeal else "record"
        return f"evidence-{kind}-{self.main.number}.zip"

    @property
    def evaluation_ids(self) -> list[uuid.UUID]:
        """The evaluations that it rests on."""
        if self.record is not None:
            return [one.evaluation_id for one in self.record.grounds]
        return [self.appeal.evaluation_id] if self.appeal is not None and self.appeal.evaluation_id else []


def take_record(context: Context, record_id: uuid.UUID, paths: Paths, explanation: str) -> Package:
    """Take the evidence of a record. Raises NotFound for who does not see it."""
    record = get_record(context.session, context.actor, record_id)
    return _take(context, paths, explanation, About(record, record, record.appeal))


def take_appeal(context: Context, appeal_id: uuid.UUID, paths: Paths, explanation: str) -> Package:
    """Take the evidence of an appeal. Raises NotFound for who does not see it."""
    appeal = get_appeal(context.session, context.actor, appeal_id)
    return _take(context, paths, explanation, About(appeal, appeal.record, appeal))


def list_taken(session: Session, subject: str) -> Sequence[AuditEntry]:
    """Who took the evidence of a record or an appeal, and when, the latest first."""
    query = select(AuditEntry).where(AuditEntry.act == "evidence_taken", AuditEntry.subject == subject)
    return session.scalars(query.order_by(AuditEntry.n.desc()).limit(20)).all()


def written(items: Iterable[Item]) -> Iterator[bytes]:
    """The archive of these files, piece by piece, always the same bytes."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for item in items:
            with archive.open(entry_of(item.name), "w") as target:
                for chunk in item.chunks():
                    target.write(chunk)
                    yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Gathers what was written until it is taken; it cannot go back."""

    def __init__(self) -> None:
        super().__init__()
        self._gathered = bytearray()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:
        """Take it all."""
        self._gathered += data
        return len(data)

    def taken(self) -> bytes:
        """What was written since."""
        found = bytes(self._gathered)
        self._gathered.clear()
        return found


def _take(context: Context, paths: Paths, explanation: str, about: About) -> Package:
    session, evaluations = context.session, _evaluations(context, about)
    items = [
        Item("README.html", explanation.encode()),
        Item("verify_evidence.py", inspect.getsource(verify_evidence).encode()),
        _as_json(
            "evidence.json", {**_facts(context, about), "recordings": _recordings(session, paths, evaluations)}
        ),
        _as_json("clauses.json", _clauses(session, about, evaluations)),
        *(_evaluation(session, one) for one in evaluations),
        _log(session, about, evaluations),
        *_audio(session, paths, evaluations),
    ]
    items.append(Item(SUMS, "".join(f"{_hash(one)}  {one.name}\n" for one in items).encode()))
    whole, size = hashlib.sha256(), 0
    for chunk in written(items):
        whole.update(chunk)
        size += len(chunk)
    detail = {"sha256": whole.hexdigest(), "bytes": size, "files": [one.name for one in items]}
    subject, office_code = about.main.subject, about.main.office_code
    write_down(session, context.actor, "evidence_taken", subject, detail, office_code, context.at)
    return Package(about.name, tuple(items), whole.hexdigest(), size)


def _evaluations(context: Context, about: About) -> list[Evaluation]:
    found = submitted_by_id(context.session, Scope(), about.evaluation_ids)
    for one in found.values():
        refuse_hidden(context.session, context.actor, one)
    return [found[one] for one in about.evaluation_ids if one in found]


def _facts(context: Context, about: About) -> dict[str, Any]:
    return {
        "format": 1,
        "taken_by": f"{context.actor.name} ({context.actor.login})",
        "taken_at": _time(context.at),
        "record": _record(about.record) if about.record is not None else None,
        "appeal": _appeal(about.appeal) if about.appeal is not None else None,
        "grounds": [
            {
                "evaluation": str(one.evaluation_id),
                "n": one.judgement.n,
                "score": one.score,
                "call": str(one.call_id),
                "pcm_sha256": one.pcm_sha256,
                "flac_sha256": one.flac_sha256,
            }
            for one in (about.record.grounds if about.record is not None else ())
        ],
    }


def _record(record: Record) -> dict[str, Any]:
    return {
        "id": str(record.id),
        "side": record.side.value,
        "number": record.number,
        "person": record.person.name,
        "kind": record.consequence.name,
        "points": record.points,
        "clause": record.clause.n,
        "reason": record.reason,
        "state": record.state.value,
        "proposed_by": record.proposer.name,
        "proposed_at": _time(record.proposed_at),
        "decided_by": record.decider.name if record.decider else None,
        "decided_at": _time(record.decided_at),
        "decision_note": record.decision_note,
        "confirmed_at": _time(record.confirmed_at),
        "ended_at": _time(record.ended_at),
        "ended_why": record.ended_why,
    }


def _appeal(appeal: Appeal) -> dict[str, Any]:
    return {
        "id": str(appeal.id),
        "number": appeal.number,
        "person": appeal.person.name,
        "against": appeal.target.value,
        "version": appeal.judgement.n if appeal.judgement else None,
        "text": appeal.text,
        "at_s": appeal.at_s,
        "filed_at": _time(appeal.filed_at),
        "state": appeal.state.value,
        "decided_by": appeal.decider.name if appeal.decider else None,
        "ended_at": _time(appeal.ended_at),
        "reason": appeal.reason,
        "remedy": appeal.remedy.value if appeal.remedy else None,
    }


def _recordings(session: Session, paths: Paths, evaluations: Sequence[Evaluation]) -> list[dict[str, Any]]:
    calls = dict.fromkeys(one.call_id for one in evaluations)
    return [_recording(session, paths, session.get_one(Call, one)) for one in calls]


def _recording(session: Session, paths: Paths, call: Call) -> dict[str, Any]:
    recording = session.get(Recording, call.id)
    path, why = _sealed(paths, call, recording)
    return {
        "call": str(call.id),
        "office": call.office_code,
        "line": call.line_key,
        "offered_at": _time(call.offered_at),
        "duration_ms": recording.duration_ms if recording else None,
        "pcm_sha256": recording.pcm_sha256 if recording else None,
        "flac_sha256": recording.flac_sha256 if recording else None,
        "file": f"audio/{call.id}.flac" if path else None,
        "why": why,
    }


def _sealed(paths: Paths, call: Call, recording: Recording | None) -> tuple[Path | None, str]:
    """Where the sealed recording lies; or why it is not in the package. Raises Unavailable where it is lost."""
    if recording is None or recording.state is not RecordingState.READY:
        return None, recording.state.value if recording else "none"
    path = paths.sealed(call.id, call.offered_at)
    if not path.is_file():
        raise Unavailable("a recording is not on the disk")
    return path, ""


def _audio(session: Session, paths: Paths, evaluations: Sequence[Evaluation]) -> Iterator[Item]:
    for call_id in dict.fromkeys(one.call_id for one in evaluations):
        call = session.get_one(Call, call_id)
        path, _ = _sealed(paths, call, session.get(Recording, call_id))
        if path is not None:
            yield Item(f"audio/{call_id}.flac", path=path)


def _evaluation(session: Session, evaluation: Evaluation) -> Item:
    clauses = clauses_by_id(session)
    found = {
        "id": str(evaluation.id),
        "kind": evaluation.kind.value,
        "call": str(evaluation.call_id),
        "scorecard": evaluation.scorecard.n,
        "set_aside_at": _time(evaluation.set_aside_at),
        "versions": [_version(one, clauses) for one in evaluation.judgements],
    }
    return _as_json(f"evaluations/{evaluation.id}.json", found)


def _version(judged: Judgement, clauses: dict[uuid.UUID, Clause]) -> dict[str, Any]:
    return {
        "n": judged.n,
        "author": judged.author.name,
        "at": _time(judged.at),
        "reason": judged.reason,
        "score": judged.score,
        "grade": judged.grade.value,
        "remark": judged.remark,
        "marks": [one.model_dump(mode="json") for one in sent_marks(judged)],
        "findings": [one.model_dump(mode="json") for one in sent_findings(judged, clauses)],
    }


def _clauses(session: Session, about: About, evaluations: Sequence[Evaluation]) -> list[dict[str, Any]]:
    cited = {
        f.clause_id for one in evaluations for judged in one.judgements for f in judged.findings if f.clause_id
    }
    if about.record is not None:
        cited.add(about.record.clause_id)
    found = session.scalars(select(Clause).where(Clause.id.in_(cited)))
    return [
        {"regulation": one.regulation.n, "title": one.regulation.title, "n": one.n, "text": one.text}
        for one in sorted(found, key=lambda clause: (clause.regulation.n, clause.n))
    ]


def _log(session: Session, about: About, evaluations: Sequence[Evaluation]) -> Item:
    subjects = [one.subject for one in (about.record, about.appeal) if one is not None]
    subjects += [subject_of("evaluation", one.id) for one in evaluations]
    subjects += [subject_of("call", one.call_id) for one in evaluations]
    return Item("audit.jsonl", "".join(exported(entries_of(session, subjects))).encode())


def _as_json(name: str, found: object) -> Item:
    return Item(name, (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode())


def _hash(item: Item) -> str:
    found = hashlib.sha256()
    for chunk in item.chunks():
        found.update(chunk)
    return found.hexdigest()


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds") if moment else None
