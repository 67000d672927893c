"""Every setting of every process, in one typed place.

Read from the environment (`SUPERVISION_…`), so that systemd units, containers and tests all set them the
same way. Secrets are never settings: they are files under `secrets/` (see `supervision.paths`).
"""

import enum
from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Mode(enum.StrEnum):
    """What this machine is."""

    OFFICE = "office"
    HQ = "hq"


class Settings(BaseSettings):
    """Where things are and how they behave. Lengths in `_s`, sizes in `_bytes`."""

    model_config = SettingsConfigDict(env_prefix="SUPERVISION_", extra="ignore")

    home: Path = Field(description="the folder that holds all state of this node")
    mode: Mode = Mode.OFFICE
    database_url: str = Field(default="", description="SQLAlchemy URL; empty: office.db or hq.db in the home")

    ari_url: str = "http://127.0.0.1:8088/"
    ari_user: str = "supervision"
    ami_host: str = "127.0.0.1"
    ami_port: int = 5038
    ami_user: str = "supervision"
    hep_port: int = 9060

    session_idle_s: int = Field(default=1800, description="a signed-in session without requests ends")
    session_longest_s: int = Field(default=12 * 3600, description="a signed-in session ends at the latest")
    sign_in_per_address: int = Field(
        default=20, ge=1, description="failed sign-ins of one address at once; one more every 3 s"
    )
    secure_cookies: bool = Field(default=True, description="off only for plain HTTP on loopback")

    trusted_proxies: int = Field(
        default=0, ge=0, description="reverse proxies before the site, whose X-Forwarded-… headers are believed"
    )

    hq_url: str = Field(default="", description="headquarters' intake; empty: this office stands alone")
    hq_site_url: str = Field(
        default="", pattern=r"^(https?://[^\s\"']+)?$", description="headquarters' site, for people at this office"
    )
    uplink_connections: int = Field(default=8, ge=2, description="at once to headquarters")
    uplink_bytes_per_s: int = Field(default=0, ge=0, description="no more than this for what is late; 0: no limit")

    intake_socket: str = Field(default="", description="the private unix socket of a proxy before the intake")
    intake_part_longest_bytes: int = Field(default=2**30, ge=1, description="a part is no longer than this")
    intake_chunk_longest_bytes: int = Field(default=8 * 2**20, ge=1, description="nor one PATCH than this")
    intake_unfinished_parts: int = Field(default=500, ge=1, description="parts of an office that still grow")
    intake_open_parts: int = Field(default=10_000, ge=1, description="parts of an office that are not final")
    intake_requests_per_s: float = Field(default=200.0, gt=0, description="of one office to one intake process")
    intake_lock_wait_s: float = Field(default=5.0, ge=0, description="how long a PATCH waits for another")
    intake_stall_s: float = Field(default=10.0, gt=0, description="a PATCH that brings nothing for so long ends")

    smtp_host: str = Field(default="", description="the mail server for reminders; empty: none are sent")
    smtp_port: int = Field(default=25, description="its port")
    smtp_user: str = Field(
        default="", description="who signs in there; the password is `secrets/smtp`; empty: nobody"
    )
    smtp_starttls: bool = Field(default=False, description="go on in TLS, or not at all")
    mail_from: str = Field(default="supervision@localhost", description="the sender of reminders")
    mail_domain: str = Field(default="", description="a person's address is his sign-in name at this domain")
    raw_kept_days: int = Field(default=7, ge=1, description="raw parts stay at least so long after their call")
    disk_levels: str = Field(
        default="20,10,5",
        pattern=r"^([1-9][0-9]?(,[1-9][0-9]?)*)?$",
        description="percent of a disk; less free is an incident; empty: not watched",
    )
    unsent_longest_s: int = Field(
        default=900, gt=0, description="what headquarters lacks for longer is an incident"
    )

    pdf_font: str = Field(default="", description="the font of certificates; empty: that of fonts-noto-cjk")
    rescore_percent: int = Field(default=10, ge=1, le=100, description="of an office's sample, judged once more")

    scrub_days: int = Field(default=30, ge=1, description="between two looks through a recording")

    seal_every_s: float = Field(default=1.0, description="pause of the worker between looks for work")
    seal_lease_s: float = Field(default=600.0, description="a worker that died frees its work after this")

    @property
    def people_from_hq(self) -> bool:
        """Whether this is an office's node that copies its people from headquarters."""
        return self.mode is Mode.OFFICE and bool(self.hq_url)

    @property
    def scrub_every(self) -> timedelta:
        """How long after its last look a recording's content is looked through again."""
        return timedelta(days=self.scrub_days)

    def disk_levels_percent(self) -> tuple[int, ...]:
        """The free shares of a disk, in percent, below which it is short of room."""
        return tuple(int(level) for level in self.disk_levels.split(",") if level)

    def database(self) -> str:
        """The SQLAlchemy URL to use."""
        file = self.home / "hq.db" if self.mode is Mode.HQ else self.home / "office.db"
        return self.database_url or f"sqlite:///{file}"
