"""A call through containers that were built from this checkout: recorded at the office and at headquarters."""

import http.client
import ssl
from collections.abc import Iterator

import pytest
import soundfile

from demo.processes import until
from tests.docker import images
from tests.docker.bureau import Bureau
from tests.docker.engine import missing_right
from tests.pbx.plugged import DESK_HZ, PORT_HZ, hears_for
from tests.pbx.stories import hears

pytestmark = [pytest.mark.containers, pytest.mark.enable_socket]
NUMBER = "88880001"
ASK = """
import http.client, ssl
site = http.client.HTTPSConnection("127.0.0.1", 4443, context=ssl._create_unverified_context())
site.request("GET", "/account/sign-in")
print(site.getresponse().status)
"""
LOOK = """
grep -E '^(Uid|CapEff|NoNewPrivs)' /proc/1/status
for folder in /opt /usr; do touch $folder/x 2>&1 || true; done
"""


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    """Both, up and healthy."""
    if missing_right():
        pytest.skip(missing_right())
    with images.engine() as engine:
        images.build(engine, *images.TARGETS)
        one = Bureau(engine, tmp_path_factory.mktemp("containers"))
        one.bring_up()
        yield one


def test_a_call_is_recorded_at_the_office_and_at_headquarters(bureau: Bureau) -> None:
    gateway = bureau.telephone("fxo-1", "sip-line-07-1", PORT_HZ)
    desk = bureau.telephone("801", "sip-desk-801", DESK_HZ)
    with gateway, desk.registers():
        assert gateway.registers().dials(NUMBER) == 200
        hears_for(gateway, 2.0)
        hears_for(desk, 2.0)
        gateway.hangs_up()

    ((call, sound),) = until("sealed at the office", bureau.office.ready_recordings).items()
    assert until("sealed at headquarters", bureau.hq.ready_recordings) == {call: sound}
    for home in (bureau.office_home, bureau.hq_home):
        (sealed,) = (home / "archive").rglob(f"{call}.flac")
        audio, _ = soundfile.read(sealed)
        middle = audio[len(audio) // 3 : 2 * len(audio) // 3]
        assert [hears(side) for side in middle.T] == [PORT_HZ, DESK_HZ]


def test_both_sites_answer_behind_their_nginx(bureau: Bureau) -> None:
    unverified = ssl.create_default_context()
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    with bureau.engine.entered():
        answers = http.client.HTTPSConnection("127.0.0.1", 4443, context=unverified)
        answers.request("GET", "/account/sign-in")
        assert answers.getresponse().status == 200
        answers.close()
    assert bureau.engine.podman("exec", "office-nginx", "python3", "-c", ASK).strip() == "200"


def test_nobody_in_a_container_is_root_or_may_write_to_it(bureau: Bureau) -> None:
    for project in (bureau.office, bureau.hq):
        for one in project.services.values():
            if not one.runs_once:
                said = bureau.engine.podman("exec", project.container(one.name), "sh", "-c", LOOK)
                assert "Uid:\t0" not in said, one.name
                assert "CapEff:\t0000000000000000" in said, one.name
                assert "NoNewPrivs:\t1" in said, one.name
                assert said.count("Read-only file system") == 2, (one.name, said)


def test_what_containers_wrote_is_in_the_home_and_no_secret_is_for_others(bureau: Bureau) -> None:
    for home in (bureau.office_home, bureau.hq_home):
        for secret in (home / "secrets").glob("*"):
            assert secret.stat().st_mode & 0o077 == 0, secret
