"""What a certificate and the list of the revoked say, each read in one place."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from supervision.errors import InvalidInput
from supervision.paths import is_office_code

OFFICE_URI = "urn:supervision:office:"


@dataclass(frozen=True)
class RevokedList:
    """The list of the revoked, its signature checked."""

    serials: frozenset[int]
    next_update_at: dt.datetime
    number: int
    entries: Sequence[x509.RevokedCertificate]


def certificate_from(data: bytes) -> x509.Certificate:
    """Exactly one certificate, PEM or DER; InvalidInput if it is none."""
    try:
        if not data.lstrip().startswith(b"-----BEGIN"):
            return x509.load_der_x509_certificate(data)
        (certificate,) = x509.load_pem_x509_certificates(data)
    except ValueError as error:
        raise InvalidInput("certificate", "cannot be read", "one certificate, PEM or DER") from error
    return certificate


def office_named(certificate: x509.Certificate) -> str | None:
    """The office of its one name `urn:supervision:office:<code>`; None if it names none."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    codes = [uri.removeprefix(OFFICE_URI) for uri in uris if uri.startswith(OFFICE_URI)]
    return codes[0] if len(codes) == 1 and is_office_code(codes[0]) else None


def issued_for(certificate: x509.Certificate) -> dt.timedelta | None:
    """How long it was issued for; None for one that does not say it.

    Its own dates do not: it is valid since its authority is, and never longer than that.
    """
    try:
        period = certificate.extensions.get_extension_for_class(x509.PrivateKeyUsagePeriod).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    if period.not_before is None or period.not_after is None:
        return None
    return period.not_after - period.not_before


def for_clients(certificate: x509.Certificate) -> bool:
    """Whether it may be shown by a client, and is no authority itself."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return ExtendedKeyUsageOID.CLIENT_AUTH in usage and not basic.ca


def issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Whether the authority signed it."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def revoked_list(data: bytes, authority: x509.Certificate) -> RevokedList:
    """The list, if the authority signed it; InvalidInput otherwise."""
    try:
        crl = x509.load_pem_x509_crl(data)
        number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except (ValueError, x509.ExtensionNotFound) as error:
        raise InvalidInput("list of the revoked", "cannot be read") from error
    key = authority.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not crl.is_signature_valid(key):
        raise InvalidInput("list of the revoked", "is not signed by this authority")
    if crl.next_update_utc is None:
        raise InvalidInput("list of the revoked", "does not say until when it holds")
    entries = tuple(crl)
    return RevokedList(frozenset(one.serial_number for one in entries), crl.next_update_utc, number, entries)
