"""Certificates and the list of the revoked made anew before they run out, under the keys that they have.

With the same key a renewed certificate takes the place of the old one in one step, and what the authority signed
before fits its renewed certificate, too. Whoever wants another key has one issued.
"""

import datetime as dt
from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from supervision import disk
from supervision.certificates import authority
from supervision.certificates.reading import certificate_from, issued_by, issued_for, office_named
from supervision.certificates.rules import Ending, Paper, is_due, warns
from supervision.errors import InvalidInput
from supervision.paths import CertificateFiles, HqPaths, Paths

PUBLIC = 0o644


def list_endings(paths: HqPaths) -> list[Ending]:
    """What headquarters itself has that ends: authority, list, and the intake's certificate where it is here."""
    return list(_endings(paths))


def _endings(paths: HqPaths) -> Iterator[Ending]:
    if not paths.ca.certificate.exists():
        return
    yield _ending(Paper.AUTHORITY, _read(paths.ca))
    yield Ending(Paper.LIST, authority.current_list(paths).next_update_at)
    if paths.server.certificate.exists():
        yield _ending(Paper.SERVER, _read(paths.server))


def list_node_endings(paths: Paths) -> list[Ending]:
    """What an office's node has that ends: its own certificate, and that of headquarters' authority."""
    found = []
    if paths.to_hq.certificate.exists():
        found.append(_ending(Paper.OFFICE, _read(paths.to_hq)))
    if paths.hq_authority.exists():
        found.append(_ending(Paper.AUTHORITY, certificate_from(paths.hq_authority.read_bytes())))
    return found


def renew_due(paths: HqPaths, at: dt.datetime) -> list[Paper]:
    """Renew what is due at headquarters; what was. Nothing where the authority's key is kept elsewhere."""
    if not paths.ca.key.exists():
        return []
    renew = {
        Paper.AUTHORITY: authority.renew_itself,
        Paper.LIST: authority.sign_list,
        Paper.SERVER: authority.renew_server,
    }
    due = [ending.paper for ending in list_endings(paths) if is_due(ending, at)]
    for paper in due:
        renew[paper](paths)
    return due


def keep_warning(paths: HqPaths, at: dt.datetime) -> None:
    """Keep since when it is said that the list runs out, for who decides whether it still holds; or forget it."""
    if not paths.crl.exists():
        return
    if not warns(Ending(Paper.LIST, authority.current_list(paths).next_update_at), at):
        paths.list_warned.unlink(missing_ok=True)
    elif not paths.list_warned.exists():
        disk.write_new(paths.list_warned, at.isoformat().encode(), PUBLIC)


def renewed_for_office(paths: HqPaths, data: bytes, at: dt.datetime) -> bytes:
    """The certificate that an office is to have that shows this one: this, or its renewal (PEM).

    A key gets one renewal each time it is due, however often it asks.
    """
    shown = certificate_from(data)
    office = office_named(shown)
    if office is None or not is_due(_ending(Paper.OFFICE, shown), at) or not paths.ca.key.exists():
        return _text(shown)
    held = [one for one in authority.issued_certificates(paths) if _same_owner(one, shown)]
    newest = max(held, key=lambda one: one.not_valid_after_utc, default=shown)
    if is_due(_ending(Paper.OFFICE, newest), at):
        newest = authority.renew_office(paths, shown, office)
    return _text(newest)


def take_renewed(paths: Paths, certificate: bytes, authority_certificate: bytes) -> bool:
    """Put what headquarters renewed in the place of what the node has; whether anything was new.

    Raises InvalidInput for what is not for the node's own key, or not of the authority that it knows.
    """
    known, mine = (
        certificate_from(paths.hq_authority.read_bytes()),
        certificate_from(paths.to_hq.certificate.read_bytes()),
    )
    theirs, new = certificate_from(authority_certificate), certificate_from(certificate)
    if not (_same_owner(theirs, known) and issued_by(theirs, known)):
        raise InvalidInput("authority", "is another than the one that is known here")
    if not (_same_owner(new, mine) and issued_by(new, known)):
        raise InvalidInput("certificate", "is not for this node's key")
    taken = False
    for path, old, newer in ((paths.hq_authority, known, theirs), (paths.to_hq.certificate, mine, new)):
        if newer.not_valid_after_utc > old.not_valid_after_utc:
            disk.replace(path, _text(newer))
            taken = True
    return taken


def authority_text(paths: HqPaths) -> bytes:
    """The authority's certificate (PEM)."""
    return paths.ca.certificate.read_bytes()


def _same_owner(one: x509.Certificate, other: x509.Certificate) -> bool:
    return (
        isinstance(one.public_key(), ec.EllipticCurvePublicKey)
        and one.public_key() == other.public_key()
        and one.subject == other.subject
        and office_named(one) == office_named(other)
    )


def served_ending(certificate: bytes) -> Ending:
    """Of a certificate as it is shown: by headquarters to an office, by nginx to a browser."""
    return _ending(Paper.SERVED, certificate_from(certificate))


def _ending(paper: Paper, certificate: x509.Certificate) -> Ending:
    return Ending(paper, certificate.not_valid_after_utc, issued_for(certificate))


def _read(files: CertificateFiles) -> x509.Certificate:
    return certificate_from(files.certificate.read_bytes())


def _text(certificate: x509.Certificate) -> bytes:
    return authority.text_of(certificate)
