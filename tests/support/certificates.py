"""A certificate authority for one test run, made with ``cryptography``; nothing of it is ever trusted outside the tests.

The certificates follow RFC 5280 as far as Python 3.13 and later ask for it (VERIFY_X509_STRICT): key identifiers, and the use of a key.
"""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Authority:
    """Signs leaves; ``ca_file`` is what a client is told to trust, ``above`` what servers send after their leaf."""

    folder: Path
    ca_file: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()

    def intermediate(self) -> "Authority":
        """An authority that is signed by this one; the client still trusts the one at the top."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _authority("Test Intermediate", key, self.certificate.subject, self.key, below=0)
        return Authority(self.folder, self.ca_file, key, certificate, (certificate, *self.above))

    def server_context(self, *names: str) -> ssl.SSLContext:
        """The context of a server that is called ``names``."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = _builder(names[0], key, self.certificate.subject, self.key).add_extension(alternatives, critical=False)
        leaf = builder.sign(self.key, hashes.SHA256())
        path = self.folder / f"{names[0].replace('*', 'any')}.pem"
        path.write_bytes(_key_pem(key) + b"".join(_pem(certificate) for certificate in (leaf, *self.above)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def make_authority(folder: Path) -> Authority:
    """A new authority with its certificate in ``folder``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test Authority")])
    certificate = _authority("Test Authority", key, name, key, below=1)
    path = folder / "authority.pem"
    path.write_bytes(_pem(certificate))
    return Authority(folder, path, key, certificate)


def _authority(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Name, signer: ec.EllipticCurvePrivateKey, *, below: int
) -> x509.Certificate:
    """A certificate that may sign others, with at most ``below`` authorities under it."""
    uses = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    usage = x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **uses)
    builder = _builder(name, key, issuer, signer).add_extension(usage, critical=True)
    return builder.add_extension(x509.BasicConstraints(ca=True, path_length=below), critical=True).sign(signer, hashes.SHA256())


def _builder(name: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Name, signer: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
