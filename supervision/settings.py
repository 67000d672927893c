"""Every setting of every process, in one typed place.

Read from the environment (`SUPERVISION_…`), so that systemd units, containers and tests all set them the
same way. Secrets are never settings: they are files under `secrets/` (see `supervision.paths`).
"""

import enum
from datetime import date, timedelta
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

    home: Path = Field(description="The folder that holds all state of this machine.")
    mode: Mode = Field(default=Mode.OFFICE, description="What this machine is: `office` (a node) or `hq`.")
    database_url: str = Field(
        default="",
        description="SQLAlchemy URL. Empty: `office.db` in the home folder, at headquarters `hq.db`. "
        "PostgreSQL: `postgresql+psycopg://…`.",
    )

    ari_url: str = Field(default="http://127.0.0.1:8088/", description="Asterisk's HTTP server (ARI).")
    ari_user: str = Field(default="supervision", description="ARI user; its password is the file `secrets/ari`.")
    ami_host: str = Field(default="127.0.0.1", description="Host of Asterisk's manager interface (AMI).")
    ami_port: int = Field(default=5038, description="Port of AMI.")
    ami_user: str = Field(default="supervision", description="AMI user; its password is the file `secrets/ami`.")
    hep_port: int = Field(
        default=9060,
        description="UDP port on loopback to which Asterisk copies SIP messages (HEP), so that refused offers are "
        "seen; its key is the file `secrets/hep`.",
    )

    session_idle_s: int = Field(default=1800, description="A session without requests ends after this time.")
    session_longest_s: int = Field(default=12 * 3600, description="A session ends after this time at the latest.")
    sign_in_per_address: int = Field(
        default=20, ge=1, description="Failed sign-ins allowed to one address at once; one more every 3 s."
    )
    secure_cookies: bool = Field(
        default=True, description="`false` only for plain HTTP on loopback: otherwise nobody can sign in over it."
    )

    trusted_proxies: int = Field(
        default=0,
        ge=0,
        description="Number of reverse proxies before the site whose `X-Forwarded-…` headers are believed; `1` "
        "behind nginx.",
    )
    web_bind: str = Field(
        default="127.0.0.1:8000", description="gunicorn: address of the site, or a socket `unix:…`."
    )
    web_workers: int = Field(default=2, ge=1, description="gunicorn: number of processes of the site.")
    web_log: str = Field(
        default="",
        description="gunicorn: file of the access log. Empty: none, since addresses can hold search terms.",
    )

    went_live_on: date | None = Field(
        default=None,
        description="Headquarters: the day marked in the figures of complaints as that on which the system went "
        "live, such as `2026-03-01`. Empty: the day of the first call.",
    )

    hq_url: str = Field(
        default="",
        description="Office: URL of headquarters' intake, such as `https://hq:8443`. Empty: it stands alone.",
    )
    hq_site_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s\"']+)?$",
        description="Office: URL of headquarters' site. The office's pages link to it for evaluating.",
    )
    uplink_connections: int = Field(default=8, ge=2, description="Office: connections to headquarters at once.")
    uplink_bytes_per_s: int = Field(
        default=0, ge=0, description="Office: limit in bytes per second for late data; `0`: no limit."
    )

    intake_socket: str = Field(
        default="",
        description="Headquarters: private unix socket on which nginx reaches the intake. Empty: the intake does "
        "TLS itself, for development only.",
    )
    intake_bind: str = Field(
        default="127.0.0.1:8443",
        description="gunicorn: address of the intake, without `SUPERVISION_INTAKE_SOCKET`.",
    )
    intake_workers: int = Field(default=2, ge=1, description="gunicorn: number of processes of the intake.")
    intake_threads: int = Field(
        default=208,
        ge=1,
        description="gunicorn: threads of each process of the intake. One office holds at most 16 of them.",
    )
    intake_part_longest_bytes: int = Field(
        default=2**30, ge=1, description="Headquarters: largest part that is received (default: about 9 hours)."
    )
    intake_chunk_longest_bytes: int = Field(
        default=8 * 2**20, ge=1, description="Headquarters: largest body of one `PATCH` request."
    )
    intake_unfinished_parts: int = Field(
        default=500, ge=1, description="Headquarters: most parts of one office that may still grow."
    )
    intake_open_parts: int = Field(
        default=10_000, ge=1, description="Headquarters: most parts of one office that are not final yet."
    )
    intake_requests_per_s: float = Field(
        default=200.0, gt=0, description="Headquarters: requests per second of one office to one intake process."
    )
    intake_bytes_per_day: int = Field(
        default=32 * 2**30,
        ge=1,
        description="Headquarters: bytes per day of one office to one intake process (default: twelve lines that "
        "are always busy). An office that sends more waits, with the incident `office_floods`.",
    )
    intake_lock_wait_s: float = Field(
        default=5.0, ge=0, description="Headquarters: how long a `PATCH` waits for another on the same part."
    )
    intake_stall_s: float = Field(
        default=10.0,
        gt=0,
        description="Headquarters: a `PATCH` that brings no data for this long is ended; what came is kept.",
    )

    smtp_host: str = Field(
        default="", description="Headquarters: mail server for reminders. Empty: no mail is sent."
    )
    smtp_port: int = Field(default=25, description="Headquarters: port of the mail server.")
    smtp_user: str = Field(
        default="",
        description="Headquarters: user at the mail server; its password is the file `secrets/smtp`. Empty: no "
        "authentication.",
    )
    smtp_starttls: bool = Field(
        default=False, description="Headquarters: `true` requires STARTTLS; without it no mail is sent."
    )
    mail_from: str = Field(default="supervision@localhost", description="Headquarters: sender of all mail.")
    mail_domain: str = Field(
        default="", description="Headquarters: a person's mail address is the sign-in name at this domain."
    )
    raw_kept_days: int = Field(
        default=7,
        ge=1,
        description="Raw parts are kept at least this long after their call, and until both copies are sealed and "
        "agree.",
    )
    disk_levels: str = Field(
        default="20,10,5",
        pattern=r"^([1-9][0-9]?(,[1-9][0-9]?)*)?$",
        description="Percentages of free disk space below which `disk_low` is opened. Empty: not watched.",
    )
    unsent_longest_s: int = Field(
        default=900, gt=0, description="Data that waits longer for headquarters opens `backlog_old`."
    )

    bureau_name: str = Field(
        default="",
        description="The bureau's name, at the head of printed documents. Empty: the name of this system.",
    )
    bureau_mark: str = Field(
        default="税监",
        description="The bureau's mark (机关代字) before the number of a printed document, as in "
        "`税监证〔2026〕12号`.",
    )
    pdf_font: str = Field(
        default="", description="Font file embedded in PDFs. Empty: the one of Debian's `fonts-noto-cjk`."
    )
    rescore_percent: int = Field(
        default=10,
        ge=1,
        le=100,
        description="Headquarters: percentage of each office's reviewed sample that is scored once more, blind.",
    )

    scrub_days: int = Field(
        default=30,
        ge=1,
        description="The content of each recording is read and compared with its seal once in this many days; a "
        "change counts from its next check on.",
    )

    backup_url: str = Field(
        default="",
        description="Second place of the backups: `file:///mnt/…`, `sftp://user@host/path` or `s3://bucket/path`. "
        "Empty: no backup is made.",
    )
    backup_recipient: str = Field(
        default="",
        description="Public key (`age1…`) for which backups are encrypted; several are separated by commas. The "
        "private key is not on this machine.",
    )
    backup_secrets_recipient: str = Field(
        default="",
        description="Public key for `secrets/`, `tls/` and the authority's key in a backup. Empty: the same.",
    )
    backup_days: int = Field(default=14, ge=1, description="All backups of so many days are kept.")
    backup_weeks: int = Field(
        default=8, ge=0, description="Of so many weeks one backup each is kept, which is the newest of its week."
    )
    backup_prune: bool = Field(
        default=True,
        description="`false`: nothing is removed from the second place, which has rules of its own for that.",
    )
    backup_late_hours: int = Field(
        default=30, ge=1, description="A last backup older than this opens `backup_late`."
    )
    backup_log_late_minutes: int = Field(
        default=60,
        ge=1,
        description="Headquarters with PostgreSQL: a log that was sent last before this time opens `backup_late`.",
    )
    backup_verified_days: int = Field(
        default=10, ge=1, description="Backups of which none was verified for this long open `backup_unverified`."
    )

    seal_every_s: float = Field(default=1.0, description="Pause of the worker between two looks for work.")
    seal_lease_s: float = Field(
        default=600.0, description="Work claimed by a worker that died is free again after this time."
    )

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
