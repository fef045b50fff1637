"""The operator's key: an ed25519 key in OpenSSH's own format, as ``ssh-keygen -t ed25519`` makes it.

Contract: one key serves manifests and packages.  ``sign`` gives an SSH signature (``archive/sshsig.py``).  WACZ's own anonymous signature
asks for ECDSA, and players read P-384 alone, so ``package_key`` derives such a key from the same secret: always the same one, and nobody
who breaks it learns anything of the first.  KeyProblem for a file that is no such key, is locked with a passphrase, or can be read by
others; like ssh, this refuses only what its own user could have closed.
"""

import os
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from archive import sshsig

_CURVE = ec.SECP384R1()
_PURPOSE = b"copytrail: the ECDSA P-384 key of WACZ packages"
_MADE_BY = "make one with: ssh-keygen -t ed25519 -N '' -f PATH"


class KeyProblem(ValueError):
    """A signing key that cannot be used; the message names the file and what would do."""


class SigningKey:
    """A private key."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = sshsig.blob(private.public_key())
        self.fingerprint = sshsig.fingerprint(self.public)

    def sign(self, message: bytes) -> bytes:
        """An armoured SSH signature."""
        return sshsig.sign(self._private, message)

    def package_key(self) -> ec.EllipticCurvePrivateKey:
        """The ECDSA key for the signature that the WACZ format knows (HKDF, RFC 5869; 64 bytes leave no bias: FIPS 186-5 A.2.1)."""
        secret = HKDF(algorithm=hashes.SHA512(), length=64, salt=None, info=_PURPOSE).derive(self._private.private_bytes_raw())
        return ec.derive_private_key(1 + int.from_bytes(secret, "big") % (_CURVE.group_order - 1), _CURVE)


def load_key(path: Path) -> SigningKey:
    """The key in a file; KeyProblem when there is none that can be used."""
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            data = file.read(1024 * 1024)
    except OSError as error:
        raise KeyProblem(f"signing_key: {path}: {error.strerror}") from error
    if state.st_uid == os.getuid() and stat.S_IMODE(state.st_mode) & 0o077:
        raise KeyProblem(f"signing_key: {path} can be read by others: chmod 600 {path}")
    try:
        private = load_ssh_private_key(data, None)
    except TypeError as error:
        raise KeyProblem(f"signing_key: {path} is locked with a passphrase, which nobody types here: {_MADE_BY}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyProblem(f"signing_key: {path} is no private key of OpenSSH ({error}): {_MADE_BY}") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyProblem(f"signing_key: {path} is not an ed25519 key: {_MADE_BY}")
    return SigningKey(private)
