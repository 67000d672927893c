"""The offices' certificate authority: one key at headquarters, P-256, and a list of what it revoked.

A certificate is written to the authority's own folder before it is handed out, so whatever exists can be revoked.
No key is ever overwritten, and no certificate but by its own renewal for the same key; the list of the revoked is
replaced, whole.
"""

import datetime as dt
import fcntl
import ipaddress
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from supervision import disk
from supervision.certificates.reading import (
    OFFICE_URI,
    RevokedList,
    certificate_from,
    issued_for,
    office_named,
    revoked_list,
)
from supervision.certificates.rules import renewed_for
from supervision.certificates.signing_key import make_key
from supervision.clock import now
from supervision.errors import InvalidInput, NotFound, Refused
from supervision.paths import CertificateFiles, HqPaths, Paths, is_office_code

AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 730
LIST_DAYS = 400
_SKEW = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Issued:
    """A certificate that the authority issued."""

    serial: int
    office: str | None
    subject: str
    expires_at: dt.datetime
    revoked: bool


def initialise(paths: HqPaths, name: str, days: int = AUTHORITY_DAYS) -> None:
    """Make the authority: key, certificate and an empty list of the revoked."""
    files = paths.ca
    _refuse_taken(files.certificate, files.key)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _of_itself(key, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), days)
    disk.make_folder(files.folder)
    disk.make_folder(paths.issued)
    disk.write_new(files.key, _key_text(key))
    disk.write_new(files.certificate, text_of(certificate), 0o644)
    make_key(Paths(paths.home))
    sign_list(paths)


def renew_itself(paths: HqPaths) -> None:
    """The authority's certificate anew, for the same key and name: what it signed before fits it, too."""
    key, certificate = _authority(paths)
    renewed = _of_itself(key, certificate.subject, AUTHORITY_DAYS, certificate.not_valid_before_utc)
    disk.replace(paths.ca.certificate, text_of(renewed), 0o644)


def _of_itself(
    key: ec.EllipticCurvePrivateKey, subject: x509.Name, days: int, since: dt.datetime | None = None
) -> x509.Certificate:
    return (
        _dated(x509.CertificateBuilder(), dt.timedelta(days=days), since=since)
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def issue_office(paths: HqPaths, code: str, out: Path, days: int = CERTIFICATE_DAYS) -> CertificateFiles:
    """A certificate with which an office's node signs in at the intake."""
    if not is_office_code(code):
        raise InvalidInput("office", code, "2 to 8 digits")
    files = CertificateFiles(out, f"office-{code}")
    names = [x509.UniformResourceIdentifier(OFFICE_URI + code)]
    _issue(paths, files, names, ExtendedKeyUsageOID.CLIENT_AUTH, days)
    return files


def issue_server(
    paths: HqPaths, names: Sequence[str], out: Path, days: int = CERTIFICATE_DAYS
) -> CertificateFiles:
    """A certificate for the intake itself, under the names and addresses by which offices reach it."""
    if not names:
        raise InvalidInput("names", "none", "at least one host name or address")
    files = CertificateFiles(out, "server")
    _issue(paths, files, [_host(name) for name in names], ExtendedKeyUsageOID.SERVER_AUTH, days)
    return files


def renew_office(paths: HqPaths, before: x509.Certificate, code: str) -> x509.Certificate:
    """An office's certificate anew, for the same key and names, and for as long as it was issued for."""
    names = [x509.UniformResourceIdentifier(OFFICE_URI + code)]
    usage = ExtendedKeyUsageOID.CLIENT_AUTH
    return _certify(paths, before.subject, before.public_key(), names, usage, _lasts(before))


def renew_server(paths: HqPaths) -> None:
    """The intake's certificate anew, in its place, for the same key and names, and for as long."""
    before = certificate_from(paths.server.certificate.read_bytes())
    names = list(before.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    usage = ExtendedKeyUsageOID.SERVER_AUTH
    renewed = _certify(paths, before.subject, before.public_key(), names, usage, _lasts(before))
    disk.replace(paths.server.certificate, text_of(renewed), 0o644)


def revoke(paths: HqPaths, serials: Sequence[int], list_days: int = LIST_DAYS) -> None:
    """Take back certificates and their renewals; the intake refuses them from its next request on."""
    for serial in serials:
        if not paths.issued_certificate(serial).exists():
            raise NotFound(f"a certificate with serial {serial:x}")
    read = issued_certificates(paths)
    keys = {text_of_key(one) for one in read if one.serial_number in serials}
    sign_list(paths, [one.serial_number for one in read if text_of_key(one) in keys], list_days)


def serials_of(paths: HqPaths, code: str) -> list[int]:
    """The serials of an office's certificates that are not revoked; NotFound if there are none."""
    found = [one.serial for one in issued(paths) if one.office == code and not one.revoked]
    if not found:
        raise NotFound(f"a certificate of office {code} that is not revoked")
    return found


def issued(paths: HqPaths) -> list[Issued]:
    """All certificates, the one that expires first, first."""
    revoked = current_list(paths).serials
    read = issued_certificates(paths)
    found = [
        Issued(
            one.serial_number,
            office_named(one),
            one.subject.rfc4514_string(),
            one.not_valid_after_utc,
            one.serial_number in revoked,
        )
        for one in read
    ]
    return sorted(found, key=lambda one: one.expires_at)


def issued_certificates(paths: HqPaths) -> list[x509.Certificate]:
    """The authority's copies of them."""
    return [certificate_from(path.read_bytes()) for path in paths.issued.glob("*.pem")]


def current_list(paths: HqPaths) -> RevokedList:
    """The list of the revoked as it stands."""
    return revoked_list(paths.crl.read_bytes(), certificate_from(paths.ca.certificate.read_bytes()))


def sign_list(paths: HqPaths, more: Sequence[int] = (), days: int = LIST_DAYS) -> None:
    """Sign the list of the revoked anew, with these added; what is on it stays on it."""
    key, authority = _authority(paths)
    with _alone(paths):
        entries: dict[int, x509.RevokedCertificate] = {}
        number = 1
        if paths.crl.exists():
            before = revoked_list(paths.crl.read_bytes(), authority)
            entries, number = {one.serial_number: one for one in before.entries}, before.number + 1
        for serial in more:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now()).build()
            entries.setdefault(serial, entry)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(authority.subject)
            .last_update(now() - _SKEW)
            .next_update(now() + dt.timedelta(days=days))
            .add_extension(x509.CRLNumber(number), critical=False)
        )
        for entry in entries.values():
            builder = builder.add_revoked_certificate(entry)
        signed = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        disk.replace(paths.crl, signed, 0o644)


def _issue(
    paths: HqPaths,
    files: CertificateFiles,
    names: Sequence[x509.GeneralName],
    usage: x509.ObjectIdentifier,
    days: int,
) -> None:
    _, authority = _authority(paths)
    _refuse_taken(files.certificate, files.key)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, files.name)])
    certificate = _certify(paths, subject, key.public_key(), names, usage, dt.timedelta(days=days))
    disk.make_folder(files.folder)
    disk.write_new(files.key, _key_text(key))
    disk.write_new(files.certificate, text_of(certificate), 0o644)
    beside = CertificateFiles(files.folder, "ca").certificate
    if not beside.exists():
        disk.write_new(beside, text_of(authority), 0o644)


def _certify(  # noqa: PLR0913, PLR0917 - the fields of one certificate; three kinds of it are made here
    paths: HqPaths,
    subject: x509.Name,
    public_key: CertificatePublicKeyTypes,
    names: Sequence[x509.GeneralName],
    usage: x509.ObjectIdentifier,
    lasts: dt.timedelta,
) -> x509.Certificate:
    signing_key, authority = _authority(paths)
    since, until, at = authority.not_valid_before_utc, authority.not_valid_after_utc, now()
    certificate = (
        _dated(x509.CertificateBuilder(), lasts, until, since=since, at=at)
        .subject_name(subject)
        .issuer_name(authority.subject)
        .public_key(public_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.PrivateKeyUsagePeriod(at, at + lasts), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False
        )
        .sign(signing_key, hashes.SHA256())
    )
    disk.write_new(paths.issued_certificate(certificate.serial_number), text_of(certificate), 0o644)
    return certificate


def _lasts(before: x509.Certificate) -> dt.timedelta:
    most = dt.timedelta(days=CERTIFICATE_DAYS)
    return renewed_for(issued_for(before) or most, most)


def _authority(paths: HqPaths) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    try:
        key = serialization.load_pem_private_key(paths.ca.key.read_bytes(), None)
        certificate = certificate_from(paths.ca.certificate.read_bytes())
    except FileNotFoundError:
        raise NotFound("the certificate authority's key; make one with: init") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Refused("authority_key", "the authority's key is no elliptic curve key")
    return key, certificate


@contextmanager
def _alone(paths: HqPaths) -> Iterator[None]:
    handle = os.open(paths.ca.certificate, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _refuse_taken(*paths: Path) -> None:
    for path in paths:
        if path.exists():
            raise Refused("file_exists", f"{path.name} is there already, and nothing is overwritten")


def _dated(
    builder: x509.CertificateBuilder,
    lasts: dt.timedelta,
    latest: dt.datetime | None = None,
    since: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> x509.CertificateBuilder:
    """Valid `since` the authority is: what was renewed while a clock was ahead holds when it is right again."""
    if lasts < dt.timedelta(days=1):
        raise InvalidInput("days", str(lasts), "at least 1")
    at = at or now()
    expires, begins = at + lasts, at - _SKEW
    return (
        builder.serial_number(x509.random_serial_number())
        .not_valid_before(min(begins, since) if since else begins)
        .not_valid_after(min(expires, latest) if latest else expires)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return x509.DNSName(name)
    except ValueError as error:
        raise InvalidInput("name", name, "a host name in ASCII, or an address") from error


def _key_text(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def text_of(certificate: x509.Certificate) -> bytes:
    """A certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def text_of_key(certificate: x509.Certificate) -> bytes:
    """The public key that a certificate is for."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return certificate.public_key().public_bytes(serialization.Encoding.DER, form)
