"""An office and headquarters in containers, from the compose files, as an operator brings them up."""

import datetime
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bench.sip import Account
from demo.processes import TooLate, until
from supervision.clock import now
from tests.docker.engine import Engine
from tests.docker.services import Service, in_order, services
from tests.pbx.softphone import Softphone
from tests.pbx.stories import description

OWNER = 10001
CODE = "07"
SIP_PORT = 5060
RELEASE_PYTHON = "/opt/supervision/current/.venv/bin/python"
READY = """
import json
from sqlalchemy import select
import supervision.models
from supervision.database import Database
from supervision.recordings.models import Recording, RecordingState
from supervision.settings import Settings
with Database(Settings().database()).reading() as session:
    ready = select(Recording).where(Recording.state == RecordingState.READY)
    print(json.dumps({str(one.call_id): one.pcm_sha256 for one in session.scalars(ready)}))
"""


def site_certificate(folder: Path) -> None:
    """A certificate for nginx before the sites, as a bureau has one of its own."""
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now() - datetime.timedelta(hours=1))
        .not_valid_after(now() + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "site.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "site.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    give_away(folder)


def give_away(folder: Path) -> None:
    """Make it our user's, as in the image."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, OWNER, OWNER)


class Project:
    """The services of one compose file."""

    def __init__(
        self, engine: Engine, kind: str, environment: Mapping[str, str], apart: Sequence[str] = ()
    ) -> None:
        self.engine = engine
        self.kind = kind
        self.services = services(f"compose.{kind}.yaml", environment)
        self._apart = apart

    def container(self, service: str) -> str:
        """The name of a service's container."""
        return f"{self.kind}-{service}"

    def run(self, service: str, *command: str) -> str:
        """`docker compose run --rm SERVICE COMMAND`: what it says."""
        one = self.services[service]
        name = self.container(f"{service}-by-hand")
        told = {**one.told, "command": list(command) or one.command}
        self.engine.start(name, *self._words(Service(service, told)))
        code, said = self.engine.wait(name), self.engine.said(name)
        if code != 0:
            raise AssertionError(f"{service} ended with {code}:\n{said}")
        self.engine.podman("rm", name)
        return said

    def up(self, only: Sequence[str] | None = None) -> None:
        """Start the services in their order, each when those that it waits for are as they must be."""
        for one in in_order(self.services):
            if only is None or one.name in only:
                for other, condition in one.waits_for.items():
                    if condition == "service_healthy":
                        self.until_healthy(other)
                self.engine.start(self.container(one.name), *self._words(one))
                if one.runs_once and self.engine.wait(self.container(one.name)) != 0:
                    raise AssertionError(self.engine.said(self.container(one.name)))

    def until_healthy(self, service: str) -> None:
        """Wait until its health check succeeds."""
        name = self.container(service)
        try:
            until(f"{name} is healthy", lambda: self.engine.healthy(name))
        except TooLate as error:
            raise TooLate(f"{error}; it said:\n{self.engine.said(name)[-3000:]}") from error

    def ready_recordings(self) -> dict[str, str]:
        """The sealed recordings, by call: the hash of their sound."""
        said = self.engine.podman("exec", self.container("worker"), RELEASE_PYTHON, "-c", READY)
        found: dict[str, str] = json.loads(said)
        return found

    def _words(self, one: Service) -> list[str]:
        named = {
            str(mount["source"]): self.engine.volume(f"{self.kind}-{mount['source']}")
            for mount in one.told.get("volumes", [])
            if mount["type"] == "volume"
        }
        words = one.words(named)
        return ["--network=none", *words[1:]] if one.name in self._apart else words


class Bureau:
    """Headquarters and one office, each with its home."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.office_home, self.hq_home = folder / "office", folder / "hq"
        site_certificate(folder / "tls")
        for home in (self.office_home, self.hq_home):
            home.mkdir(mode=0o750)
        office_env, hq_env = folder / "office.env", folder / "hq.env"
        office_env.write_text("SUPERVISION_HQ_URL=https://hq.example:8443\nSUPERVISION_DISK_LEVELS=\n")
        hq_env.write_text("SUPERVISION_DISK_LEVELS=\n")
        told = yaml.safe_dump(description(), allow_unicode=True)
        (self.office_home / "office.yaml").write_text(told, "utf-8")
        for home in (self.office_home, self.hq_home):
            give_away(home)
        tls = str(folder / "tls")
        self.hq = Project(
            engine,
            "hq",
            {"HQ_HOST": "hq.example", "HQ_HOME": str(self.hq_home), "HQ_ENV": str(hq_env), "HQ_SITE_TLS": tls},
        )
        # Both nginx listen at the same ports: the office's has a network of its own.
        self.office = Project(
            engine,
            "office",
            {
                "OFFICE_ADDRESS": "127.0.0.1",
                "OFFICE_HOME": str(self.office_home),
                "OFFICE_ENV": str(office_env),
                "OFFICE_SITE_TLS": tls,
                "HQ_HOST": "hq.example",
            },
            apart=["nginx"],
        )

    def bring_up(self) -> None:
        """As `docs/operate/containers.md` says."""
        self.hq.up()
        issued = "/srv/supervision/issued"
        self.hq.run("prepare", "-m", "supervision.certificates", "issue-office", CODE, "--out", issued)
        (self.office_home / "tls").mkdir(mode=0o700)
        for source, target in (
            (f"issued/office-{CODE}.pem", "office.pem"),
            (f"issued/office-{CODE}.key", "office.key"),
            ("ca/ca.pem", "ca.pem"),
        ):
            (self.office_home / "tls" / target).write_bytes((self.hq_home / source).read_bytes())
            (self.office_home / "tls" / target).chmod(0o600)
        give_away(self.office_home / "tls")
        self.office.up()
        for project in (self.hq, self.office):
            for one in project.services.values():
                if not one.runs_once:
                    project.until_healthy(one.name)

    def telephone(self, account: str, secret: str, hertz: int) -> Softphone:
        """A telephone of the office, plugged into the containers' network."""
        password = (self.office_home / "secrets" / secret).read_text("ascii").strip()
        with self.engine.entered():
            return Softphone(("127.0.0.1", SIP_PORT), Account(account, password), hertz)
