"""Headquarters' signing key: ECDSA P-256 over SHA-256, so that `openssl dgst -verify` can check what it signed."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from supervision.errors import Refused
from supervision.paths import Paths
from supervision.secret_files import keep_secret

KEY = "audit-signing-key"


def make_key(paths: Paths) -> None:
    """Make the key, if there is none yet."""
    keep_secret(paths.secret(KEY), _fresh)


def sign(paths: Paths, data: bytes) -> tuple[str, str]:
    """The signature (DER, in base64) of some bytes, and the public key (PEM) that it is checked with."""
    key = serialization.load_pem_private_key(keep_secret(paths.secret(KEY), _fresh), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Refused("signing_key", "the signing key is no elliptic curve key")
    signature = key.sign(data, ec.ECDSA(hashes.SHA256()))
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = key.public_key().public_bytes(serialization.Encoding.PEM, form)
    return base64.b64encode(signature).decode("ascii"), public.decode("ascii")


def find_public_key(paths: Paths) -> str | None:
    """The public key (PEM) of what is signed here; None where nothing was ever signed."""
    return sign(paths, b"")[1] if paths.secret(KEY).exists() else None


def is_signed(data: bytes, signature: str, public_key: str) -> bool:
    """Whether the holder of that key signed exactly these bytes."""
    try:
        key = serialization.load_pem_public_key(public_key.encode("ascii"))
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        key.verify(base64.b64decode(signature, validate=True), data, ec.ECDSA(hashes.SHA256()))
    except (ValueError, binascii.Error, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _fresh() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
