"""Whom a certificate names, and whether that is to be believed at this moment.

Asked at each request: connections are kept open for longer than certificates live. What cannot change is checked
once for each certificate; the authority and the list of the revoked are read again when their files change. A list
that is missing or damaged stops everybody (fails closed), and so does one that is out of date, once that was said
for a month (`certificates/rules.py`).
"""

import enum
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from supervision.certificates.reading import (
    RevokedList,
    certificate_from,
    for_clients,
    issued_by,
    office_named,
    revoked_list,
)
from supervision.certificates.rules import list_holds
from supervision.clock import Clock, now
from supervision.errors import DomainError, InvalidInput, Unavailable
from supervision.paths import HqPaths

_KNOWN_AT_MOST = 1000


class Reason(enum.StrEnum):
    """Why a certificate is not believed."""

    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    UNFIT = "unfit"
    REVOKED = "revoked"


class NotTrusted(DomainError):
    """The certificate names nobody."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class _Read:
    marks: tuple[tuple[int, int, int], ...]
    authority: x509.Certificate
    revoked: RevokedList


class Trust:
    """The authority as the intake sees it."""

    def __init__(self, paths: HqPaths, clock: Clock = now) -> None:
        self._paths = paths
        self._clock = clock
        self._read: _Read | None = None
        self._known: dict[bytes, tuple[x509.Certificate, str]] = {}

    def office_of(self, data: bytes) -> str:
        """The code of the office that the certificate (PEM or DER) names.

        Raises NotTrusted, and Unavailable while it is not known who is revoked.
        """
        read = self._reread()
        certificate, office = self._known.get(data) or self._check(data, read.authority)
        at = self._clock()
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise NotTrusted(Reason.EXPIRED)
        if not self._list_holds(read.revoked.next_update_at, at):
            raise Unavailable("the list of revoked certificates is out of date")
        if certificate.serial_number in read.revoked.serials:
            raise NotTrusted(Reason.REVOKED)
        return office

    def _list_holds(self, ends_at: datetime, at: datetime) -> bool:
        if at <= ends_at:
            return True
        try:
            warned_at = datetime.fromisoformat(self._paths.list_warned.read_text("ascii"))
        except FileNotFoundError:
            warned_at = None
        except (OSError, ValueError) as error:
            raise Unavailable("since when the list runs out cannot be read") from error
        return list_holds(ends_at, warned_at, at)

    def _check(self, data: bytes, authority: x509.Certificate) -> tuple[x509.Certificate, str]:
        try:
            certificate = certificate_from(data)
        except InvalidInput as error:
            raise NotTrusted(Reason.UNREADABLE) from error
        if not issued_by(certificate, authority):
            raise NotTrusted(Reason.UNKNOWN)
        office = office_named(certificate)
        if office is None or not for_clients(certificate):
            raise NotTrusted(Reason.UNFIT)
        if len(self._known) >= _KNOWN_AT_MOST:
            self._known.clear()
        self._known[data] = certificate, office
        return certificate, office

    def _reread(self) -> _Read:
        certificate, crl = self._paths.ca.certificate, self._paths.crl
        try:
            marks = (_mark(certificate), _mark(crl))
            read = self._read
            if read is None or read.marks != marks:
                authority = certificate_from(certificate.read_bytes())
                if read is not None and read.authority != authority:
                    self._known.clear()
                self._read = read = _Read(marks, authority, revoked_list(crl.read_bytes(), authority))
        except (OSError, InvalidInput) as error:
            raise Unavailable("the list of revoked certificates cannot be read") from error
        return read


def _mark(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_ino, status.st_size
