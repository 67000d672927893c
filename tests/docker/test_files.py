"""The Dockerfile and the compose files, before anything is built."""

import subprocess
from pathlib import Path

import pytest

from asterisk.cache import REPOSITORY
from tests.docker.services import FILES, Service, resolved, services, tool, unit_command

HOME = "/srv/supervision"
UNITS = {
    "asterisk": "supervision-asterisk.service",
    "control": "supervision-control.service",
    "uplink": "supervision-uplink.service",
    "worker": "supervision-worker.service",
    "site": "supervision-site.service",
    "intake": "supervision-intake.service",
}


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """What an operator must say, and a file of settings as for systemd."""
    file = tmp_path / "supervision.env"
    file.write_text("SUPERVISION_HQ_URL=https://hq.example:8443\nSUPERVISION_SCRUB_DAYS=7\n")
    return {
        "OFFICE_ADDRESS": "10.7.0.1",
        "HQ_HOST": "hq.example",
        "OFFICE_ENV": str(file),
        "HQ_ENV": str(file),
    }


def every_service(settings: dict[str, str]) -> list[Service]:
    return [one for file in FILES for one in services(file, settings).values()]


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    lint = [str(tool("hadolint")), "--config", "docker/hadolint.yaml", "docker/Dockerfile"]
    done = subprocess.run(lint, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.stdout + done.stderr, done.returncode) == ("", 0)


def test_hadolint_does_find_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "Dockerfile"
    wrong.write_text("FROM debian:latest\nRUN cd /tmp\n")
    done = subprocess.run([str(tool("hadolint")), str(wrong)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "DL3007" in done.stdout


@pytest.mark.parametrize("file", FILES)
def test_compose_reads_the_file_and_names_what_an_operator_must_say(file: str, settings: dict[str, str]) -> None:
    assert resolved(file, settings)["services"]
    needed = "OFFICE_ADDRESS" if "office" in file else "HQ_HOST"
    with pytest.raises(ValueError, match=needed):
        resolved(file, {**settings, needed: ""})


def test_every_container_is_confined(settings: dict[str, str]) -> None:
    for one in every_service(settings):
        told = one.told
        assert told["read_only"] is True, one.name
        assert told["cap_drop"] == ["ALL"], one.name
        assert told["security_opt"] == ["no-new-privileges:true"], one.name
        assert not told.get("cap_add"), one.name
        assert not told.get("privileged"), one.name


def test_no_image_runs_as_root() -> None:
    stages = (REPOSITORY / "docker/Dockerfile").read_text("utf-8").split("\nFROM ")[1:]
    users = {
        stage.split(" AS ")[1].split()[0]: [line for line in stage.splitlines() if line.startswith("USER ")]
        for stage in stages
    }
    shipped = {name: users[name] for name in ("office", "hq", "nginx", "database")}
    assert shipped == {
        "office": ["USER supervision"],
        "hq": ["USER supervision"],
        "nginx": ["USER supervision"],
        "database": ["USER postgres"],
    }


def test_each_process_is_started_as_its_unit_starts_it(settings: dict[str, str]) -> None:
    started = {one.name: one.command for one in every_service(settings) if one.name in UNITS}
    assert started.keys() == UNITS.keys()
    for name, unit in UNITS.items():
        assert started[name] == [word.replace("${SUPERVISION_HOME}", HOME) for word in unit_command(unit)], name


def test_settings_come_from_the_same_file_as_systemds(settings: dict[str, str]) -> None:
    for one in every_service(settings):
        if one.name in UNITS:
            assert one.environment["SUPERVISION_SCRUB_DAYS"] == "7", one.name


def test_only_asterisk_and_its_control_are_on_the_machines_own_network(settings: dict[str, str]) -> None:
    where = {one.name: one.told.get("network_mode") for one in services(FILES[0], settings).values()}
    assert [name for name, mode in where.items() if mode == "host"] == ["asterisk", "control"]
    assert where["site"] == "none"
    hq = {one.name: one.told.get("network_mode") for one in services(FILES[1], settings).values()}
    assert [name for name, mode in hq.items() if mode == "none"] == ["database", "intake", "prepare", "site"]


def test_only_nginx_publishes_ports_and_an_offices_reaches_nobody_by_default(settings: dict[str, str]) -> None:
    published = {
        (file, one.name): [(port.get("host_ip"), port["published"]) for port in one.told.get("ports", [])]
        for file in FILES
        for one in services(file, settings).values()
        if one.told.get("ports")
    }
    assert published == {
        (FILES[0], "nginx"): [("127.0.0.1", "443")],
        (FILES[1], "nginx"): [("0.0.0.0", "443"), ("0.0.0.0", "8443")],  # noqa: S104 - headquarters is for all
    }


def test_asterisk_sees_its_own_folders_of_the_home_only(settings: dict[str, str]) -> None:
    asterisk = services(FILES[0], settings)["asterisk"]
    assert [mount["target"] for mount in asterisk.told["volumes"]] == [f"{HOME}/asterisk", f"{HOME}/spool"]
    assert asterisk.told["user"] == "asterisk:supervision"


def test_secrets_stay_in_the_home(settings: dict[str, str]) -> None:
    for file in FILES:
        assert not resolved(file, settings).get("secrets")
    named = {name for one in every_service(settings) for name in one.environment}
    assert not [name for name in named if "PASSWORD" in name or "SECRET" in name]
