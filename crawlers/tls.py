"""TLS: whom we trust, and what a record says about a connection.

Contract: ``trust(ca_file)`` is a client context that always verifies certificate and name against the system's
authorities and, when given, those of a PEM file (OSError, or ssl.SSLError when it holds none).  ``facts(ssl_object)``
gives the WARC-Protocol token, the cipher suite by its IANA name, as WARC-Cipher-Suite asks, the leaf certificate in DER,
and the certificates above it as the server sent them; Python tells those since 3.13.
"""

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_VERSIONS = {"TLSv1.3": "tls/1.3", "TLSv1.2": "tls/1.2", "TLSv1.1": "tls/1.1", "TLSv1": "tls/1.0"}
# OpenSSL's own names of the TLS 1.2 suites: "ECDHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES256-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305".
_AES = re.compile(r"(?P<keys>(?:EC)?DHE-[A-Z]+)-AES(?P<bits>128|256)-(?P<mode>GCM-)?(?P<mac>SHA\d*)")
_CHACHA = re.compile(r"(?P<keys>(?:EC)?DHE-[A-Z]+)-CHACHA20-POLY1305")


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFacts:
    """What a record keeps of a TLS connection."""

    protocol: str | None
    cipher: str | None
    certificate: bytes | None
    chain: tuple[bytes, ...]


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """The context of every https connection."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])  # the records hold HTTP/1.1 messages: a server must not choose h2
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def facts(connection: ssl.SSLObject) -> TlsFacts:
    """What is known after the handshake."""
    cipher = connection.cipher()
    sent: Callable[[], list[bytes]] = getattr(connection, "get_unverified_chain", list)  # since Python 3.13; the leaf comes first
    return TlsFacts(
        protocol=_VERSIONS.get(connection.version() or ""),
        cipher=iana_name(cipher[0]) if cipher else None,
        certificate=connection.getpeercert(binary_form=True),
        chain=tuple(sent()[1:]),
    )


def iana_name(name: str) -> str:
    """The IANA name of a cipher suite that OpenSSL names; TLS 1.3 suites have one name only."""
    if match := _AES.fullmatch(name):
        mode = "GCM" if match["mode"] else "CBC"
        return f"TLS_{match['keys'].replace('-', '_')}_WITH_AES_{match['bits']}_{mode}_{match['mac']}"
    if match := _CHACHA.fullmatch(name):
        return f"TLS_{match['keys'].replace('-', '_')}_WITH_CHACHA20_POLY1305_SHA256"
    return name
