"""Certificates: the leaf and what the server sent above it, in the exchange and once in each WARC file."""

import _ssl  # what SSLObject stands on
import base64
import gzip
import ssl
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from support.certificates import Authority
from support.crawling import now
from support.wireserver import WireServer, page

from archive.layout import warc_name
from archive.records import Exchange
from archive.warcwrite import WarcFile
from crawlers.address import parse_connect_to
from crawlers.tls import trust
from crawlers.wire import Limits, Wire

HOST = "paper.example"


class Later(ssl.SSLObject):
    """What Python 3.13 and later make public; older ones have it inside."""

    def get_unverified_chain(self) -> list[bytes]:
        if hasattr(ssl.SSLObject, "get_unverified_chain"):
            return list(super().get_unverified_chain())  # type: ignore[misc]  # typeshed follows python_version
        inner: Any = self._sslobj  # type: ignore[attr-defined]
        return [certificate.public_bytes(_ssl.ENCODING_DER) for certificate in inner.get_unverified_chain()]


async def fetch(authority: Authority, *hosts: str, later: bool = True) -> list[Exchange]:
    """A page of each host from a server that sends its chain; ``later`` on a Python that tells it."""
    context = trust(authority.ca_file)
    if later:
        context.sslobject_class = Later
    async with WireServer({"/": page()}, tls=authority.intermediate().server_context(HOST, *hosts)) as server:
        wire = Wire(rules=parse_connect_to(server.connect_to), trust=context)
        drafts = [
            Exchange(url=f"https://{host}/", started=now(), request=b"GET / HTTP/1.1\r\nHost: %b\r\n\r\n" % host.encode()) for host in hosts
        ]
        found = [await wire.exchange(draft, Limits(seconds=5, body=1000)) for draft in drafts]
        await wire.close()
    return found


async def test_the_chain_is_what_the_server_sent(authority: Authority) -> None:
    """The leaf stands apart; above it come the intermediates, not the authority that the client knows already."""
    (exchange,) = await fetch(authority, HOST)

    (above,) = exchange.chain
    assert exchange.status == 200
    assert exchange.certificate is not None
    assert b"Test Intermediate" in above
    assert exchange.certificate != above
    assert authority.certificate.public_bytes(Encoding.DER) not in exchange.chain


async def test_the_chain_is_kept_where_python_tells_it(authority: Authority) -> None:
    """Before Python 3.13 there is no public way to the chain, and the leaf is kept alone."""
    (exchange,) = await fetch(authority, HOST, later=False)

    assert exchange.certificate is not None
    assert len(exchange.chain) == hasattr(ssl.SSLObject, "get_unverified_chain")


async def test_certificates_stand_once_in_a_file(authority: Authority, tmp_path: Path) -> None:
    """Leaf and chain are written with the first exchange of each host that showed them, and again in the next file."""
    exchanges = await fetch(authority, HOST, HOST, "other.example", HOST)
    leaf, (above,) = exchanges[0].certificate, exchanges[0].chain
    assert leaf is not None

    for serial in (1, 2):
        file = WarcFile.create(tmp_path, warc_name(now(), serial, "desk"), {}, now())
        for exchange in exchanges:
            file.append(exchange)
        lines = [line for line in gzip.decompress(file.seal().read_bytes()).split(b"\r\n") if line.startswith(b"copytrail-c")]
        pair = [b"copytrail-certificate: " + base64.b64encode(leaf), b"copytrail-chain: " + base64.b64encode(above)]
        assert [line for line in lines if not line.startswith(b"copytrail-conditional")] == pair * 2
