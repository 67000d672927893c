"""What headquarters' answers mean: one part alone must wait, or the whole link."""

import asyncio
import uuid

import httpx
import pytest

from ari_app.uplink.link import Elsewhere, Final, Link, LinkDown, PartWaits, Rejected, Unknown
from supervision.paths import PartName

PART = PartName(uuid.UUID("01890000-0000-7000-8000-000000000001"), "a", 1)


def add(status: int, kind: str, headers: dict[str, str] | None = None) -> int:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json={"type": f"urn:supervision:problem:{kind}"}, headers=headers)

    async def once() -> int:
        async with httpx.AsyncClient(base_url="https://hq", transport=httpx.MockTransport(answer)) as http:
            return await Link(http).add(PART, 0, b"audio")

    return asyncio.run(once())


@pytest.mark.parametrize(
    ("status", "kind"), [(500, "damaged"), (503, "disk-fault"), (423, "locked"), (429, "too-many-unfinished")]
)
def test_what_is_said_of_one_part_lets_that_part_wait_and_no_other(status: int, kind: str) -> None:
    with pytest.raises(PartWaits) as waits:
        add(status, kind)
    assert waits.value.again_s > 0


@pytest.mark.parametrize(
    ("status", "kind"), [(500, "fault"), (503, "unavailable"), (507, "disk-full"), (429, "rate"), (502, "")]
)
def test_what_is_said_of_headquarters_as_a_whole_lets_the_link_wait(status: int, kind: str) -> None:
    with pytest.raises(LinkDown):
        add(status, kind)


def test_other_answers_are_what_they_say() -> None:
    with pytest.raises(Elsewhere) as elsewhere:
        add(409, "wrong-offset", {"Upload-Offset": "7"})
    assert elsewhere.value.at == 7
    with pytest.raises(Final):
        add(409, "final")
    with pytest.raises(Rejected):
        add(413, "part-too-large")
    with pytest.raises(Unknown):
        add(404, "not-found")
