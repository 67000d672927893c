"""The connection to headquarters: tus 1.0.0 for parts, JSON for facts, TLS with certificates on both sides."""

import base64
import contextlib
import ssl
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel

from supervision.audit.checkpoints import SentCheckpoint, SentCheckpoints
from supervision.audit.rules import Head
from supervision.clock import now
from supervision.discipline.messages import SentRecords
from supervision.draws.messages import HqMessage, OfficeMessage
from supervision.evaluations.messages import SentEvaluations
from supervision.exchange.service import Batch
from supervision.offices.people_copy import SentPeople, parse_people
from supervision.paths import PartName, Paths
from supervision.rectification.messages import SentRectifications
from supervision.retention.messages import Orders
from supervision.rosters.messages import SentRoster, parse_roster

Message = TypeVar("Message", bound=BaseModel)

VERSION = {"Tus-Resumable": "1.0.0"}
CHUNK = "application/offset+octet-stream"
PARTS = "/v1/parts"
ANSWER_S = 15.0
CONNECT_S = 5.0
NOT_MODIFIED = 304
NOT_FOUND = 404
LATER = frozenset({408, 425, 429, 500, 502, 503, 504, 507})
# What headquarters says of one part alone, and when to come again with it.
PART_AGAIN_S = {"locked": 1.0, "too-many-unfinished": 5.0, "disk-fault": 5.0, "damaged": 5.0}


class LinkDown(Exception):
    """Headquarters cannot be reached, or cannot take anything just now: the same again later."""


class PartWaits(Exception):
    """Headquarters cannot take this part just now; it says nothing of the others."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.again_s = PART_AGAIN_S[kind]


class Rejected(Exception):
    """Headquarters understood and says no; the message has its reason."""


class Unknown(Rejected):
    """Headquarters does not know what was spoken of, or not any more."""


class Elsewhere(Exception):
    """Headquarters stands at another offset, or at another fact, than was thought."""

    def __init__(self, at: int) -> None:
        super().__init__(f"headquarters stands at {at}")
        self.at = at


class NumberedTwice(Exception):
    """Headquarters has other facts under these numbers, up to `n`: this database was put back from a copy."""

    def __init__(self, n: int) -> None:
        super().__init__(f"headquarters has other facts up to number {n}")
        self.n = n


class Final(Exception):
    """The part is final at headquarters: there is nothing to add."""


@dataclass(frozen=True)
class Held:
    """What headquarters acknowledges of a part; its length once it was sent."""

    offset: int
    length: int | None


def client(base_url: str, paths: Paths, connections: int) -> httpx.AsyncClient:
    """The connections to headquarters. Raises OSError and ssl.SSLError where a certificate cannot be read."""
    context = ssl.create_default_context(cafile=str(paths.hq_authority))
    context.load_cert_chain(paths.to_hq.certificate, paths.to_hq.key)
    return httpx.AsyncClient(
        base_url=base_url,
        verify=context,
        trust_env=False,
        timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S, pool=None),
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
    )


@dataclass(frozen=True)
class Renewed:
    """The certificates that headquarters has for a node, and the one that it shows itself (DER)."""

    certificate: bytes
    authority: bytes
    served: bytes | None


class Link:
    """Headquarters' intake, as a node speaks to it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    def use(self, http: httpx.AsyncClient) -> httpx.AsyncClient:
        """Speak over other connections from now on. Gives the old ones, where something may be under way."""
        old, self._http = self._http, http
        return old

    async def close(self) -> None:
        """End all connections."""
        await self._http.aclose()

    async def certificates(self) -> Renewed:
        """Ask for this node's certificate and the authority's. Raises Rejected, LinkDown."""
        answer = await self._ask("POST", "/v1/certificate")
        body = answer.json()
        stream = answer.extensions.get("network_stream")
        tls = stream.get_extra_info("ssl_object") if stream is not None else None
        served = tls.getpeercert(binary_form=True) if tls is not None else None
        return Renewed(body["certificate"].encode(), body["authority"].encode(), served)

    async def begin(self, name: PartName) -> Held:
        """Begin a part, or find how far it has come. Raises PartWaits, Unknown, Rejected, LinkDown."""
        filename = base64.b64encode(str(name).encode()).decode()
        headers = {"Upload-Defer-Length": "1", "Upload-Metadata": f"filename {filename}"}
        with contextlib.suppress(Final):
            await self._ask("POST", PARTS, headers=VERSION | headers)
        answer = await self._ask("HEAD", f"{PARTS}/{name}", headers=VERSION)
        length = answer.headers.get("Upload-Length")
        return Held(int(answer.headers["Upload-Offset"]), int(length) if length is not None else None)

    async def add(self, name: PartName, offset: int, data: bytes, length: int | None = None) -> int:
        """Add bytes at an offset, and say the part's length where it is known; the offset acknowledged after.

        Raises Elsewhere, Final, PartWaits, Unknown, Rejected, LinkDown.
        """
        headers = {"Upload-Offset": str(offset), "Content-Type": CHUNK}
        if length is not None:
            headers["Upload-Length"] = str(length)
        answer = await self._ask("PATCH", f"{PARTS}/{name}", headers=VERSION | headers, content=data)
        return int(answer.headers["Upload-Offset"])

    async def send(self, batch: Batch) -> int:
        """Send facts, or none to say that we are there; the last number that headquarters has then.

        Raises Elsewhere, NumberedTwice, Rejected, LinkDown.
        """
        facts = [
            {"n": fact.n, "kind": fact.kind.value, "at": fact.at.isoformat(), "body": fact.body}
            for fact in batch.facts
        ]
        body = {"epoch": str(batch.epoch), "sent_at": now().isoformat(), "facts": facts}
        answer = await self._ask("POST", "/v1/facts", json=body)
        held = answer.json()
        if uuid.UUID(held["epoch"]) != batch.epoch:
            raise Rejected("headquarters answers for another epoch")
        return int(held["n"])

    async def draws(self, message: OfficeMessage) -> HqMessage:
        """Say how this office's draws stand; what headquarters answers. Raises Rejected, LinkDown."""
        answer = await self._ask("POST", "/v1/draws", json=message.model_dump(mode="json"))
        return HqMessage.model_validate_json(answer.content)

    async def people(self, etag: str) -> SentPeople | None:
        """The office's people; None if they are as in the copy of that name.

        Raises Rejected, LinkDown, InvalidInput.
        """
        headers = {"If-None-Match": f'"{etag}"'} if etag else {}
        answer = await self._ask("GET", "/v1/people", headers=headers)
        return None if answer.status_code == NOT_MODIFIED else parse_people(answer.content)

    async def roster(self, etag: str) -> SentRoster | None:
        """The office's rosters; None if they are as in the copy of that name.

        Raises Rejected, LinkDown, InvalidInput.
        """
        headers = {"If-None-Match": f'"{etag}"'} if etag else {}
        answer = await self._ask("GET", "/v1/roster", headers=headers)
        return None if answer.status_code == NOT_MODIFIED else parse_roster(answer.content)

    async def checkpoints(self, after: int, kept: Head) -> tuple[SentCheckpoint, ...]:
        """The signed heads after that number, for who keeps this head. Raises Rejected, LinkDown, ValueError."""
        query = {"after": str(after), "n": str(kept.n), "hash": kept.hash}
        answer = await self._ask("GET", "/v1/checkpoints", params=query)
        return SentCheckpoints.model_validate_json(answer.content).checkpoints

    async def received(self, names: Iterable[str]) -> Mapping[str, datetime]:
        """Which of these parts headquarters has, whole and verified, and since when. Raises Rejected, LinkDown."""
        answer = await self._ask("POST", "/v1/receipts", json=list(names))
        return {name: datetime.fromisoformat(at) for name, at in answer.json()["received"].items()}

    async def evaluations(self, known: Head) -> SentEvaluations:
        """What was judged of our calls since an entry of headquarters' log. Raises Rejected, LinkDown."""
        answer = await self._ask("GET", "/v1/evaluations", params=_after(known))
        return _parsed(SentEvaluations, answer)

    async def rectifications(self, known: Head) -> SentRectifications:
        """What we are asked to put right, since an entry of headquarters' log. Raises Rejected, LinkDown."""
        answer = await self._ask("GET", "/v1/rectifications", params=_after(known))
        return _parsed(SentRectifications, answer)

    async def records(self, known: Head) -> SentRecords:
        """What was decided about our people, since an entry of headquarters' log. Raises Rejected, LinkDown."""
        answer = await self._ask("GET", "/v1/records", params=_after(known))
        return _parsed(SentRecords, answer)

    async def deletions(self, gone: Iterable[uuid.UUID]) -> Orders:
        """Say what was deleted here, and ask what is still to be. Raises Rejected, LinkDown."""
        answer = await self._ask("POST", "/v1/deletions", json=[str(call_id) for call_id in gone])
        return _parsed(Orders, answer)

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, **more)
        except httpx.TransportError as error:
            raise LinkDown(f"{type(error).__name__}: {error}") from error
        if answer.is_success or answer.status_code == NOT_MODIFIED:
            return answer
        kind = _kind(answer)
        if kind in PART_AGAIN_S:
            raise PartWaits(kind)
        if answer.status_code in LATER:
            raise LinkDown(f"{answer.status_code} {kind}")
        if kind == "wrong-offset":
            raise Elsewhere(int(answer.headers["Upload-Offset"]))
        if kind == "gap":
            raise Elsewhere(int(answer.headers["Fact-Number"]))
        if kind == "put-back":
            raise NumberedTwice(int(answer.headers["Fact-Number"]))
        if kind == "final":
            raise Final
        refusal = Unknown if answer.status_code == NOT_FOUND else Rejected
        raise refusal(f"{method} {path}: {answer.status_code} {kind}: {_detail(answer)}"[:300])


def _parsed(model: type[Message], answer: httpx.Response) -> Message:
    try:
        return model.model_validate_json(answer.content)
    except ValueError as error:
        raise Rejected(f"headquarters' {model.__name__} is not understood: {error}"[:300]) from error


def _after(known: Head) -> Mapping[str, str]:
    return {"after": str(known.n), "hash": known.hash}


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _kind(answer: httpx.Response) -> str:
    return str(_problem(answer).get("type", "")).rpartition(":")[2]


def _detail(answer: httpx.Response) -> str:
    return str(_problem(answer).get("detail", ""))
