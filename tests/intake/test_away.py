"""The intake while its database is away: audio goes on, all else is asked to come again."""

import pytest

from supervision.paths import HqPaths
from supervision.settings import Settings
from tests.intake.conftest import Office, TlsConnection, der
from web.intake import create_intake

EPOCH = "01890000-0000-7000-8000-000000000009"


@pytest.fixture
def node(paths: HqPaths) -> Office:
    nowhere = f"postgresql+psycopg://nobody@/nothing?host={paths.home}"
    return Office(
        create_intake(Settings(home=paths.home, database_url=nowhere)), TlsConnection(der(paths, "3301"))
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/facts", f'{{"epoch": "{EPOCH}", "facts": []}}'), ("/v1/receipts", "[]")],
)
def test_what_needs_the_database_is_asked_to_come_again(node: Office, path: str, body: str) -> None:
    answer = node.ask("POST", path, data=body)
    assert (answer.status_code, answer.json and answer.json["type"]) == (
        503,
        "urn:supervision:problem:unavailable",
    )
    assert answer.headers["Retry-After"]


def test_audio_comes_in_all_the_same(node: Office) -> None:
    assert node.create().status_code == 201
    assert node.add(0, b"audio").status_code == 204
    assert node.held() == 5
