"""Where a request may go: name resolution, the policy on addresses, and the operator's ``COPYTRAIL_CONNECT_TO``.

Contract: ``resolve`` gives the socket addresses to try, in the resolver's order, none of them private; it raises
``Broken`` in phase DNS (``not_found``, ``resolver``, ``bad_name``) or POLICY (``private_address``).  The policy looks
at addresses after resolution, so that a name or an odd spelling (``127.1``, ``2130706433``) that leads inside is
refused as well.

``COPYTRAIL_CONNECT_TO`` is a comma-separated list of ``HOST:PORT=ADDRESS:PORT`` with ``*`` for any host or any port
on the left; the first match wins.  It changes only where the connection goes: Host, server name, certificate check
and robots origin keep the name of the URL.  It is the one way to a private address.  IPv6 addresses stand in
brackets.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from archive.kinds import Phase
from crawlers.failures import BAD_NAME, PRIVATE_ADDRESS, Broken, failure_of

_PLACE = re.compile(r"(?P<host>\*|\[[0-9A-Fa-f:.]+\]|[^\s:=,\[\]*]+):(?P<port>\*|\d{1,5})")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_PORTS = {"http": 80, "https": 443}

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What a URL names: the other end of a connection, before any resolution."""

    host: str
    port: int
    tls: bool

    @classmethod
    def of(cls, url: str) -> "Endpoint":
        """The endpoint of an http or https URL; ValueError for any other."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(f"not an http or https URL: {url}")
        return cls(host=parts.hostname, port=parts.port or _PORTS[parts.scheme], tls=parts.scheme == "https")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectRule:
    """One entry of ``COPYTRAIL_CONNECT_TO``; None stands for ``*``."""

    host: str | None
    port: int | None
    to_host: str
    to_port: int

    def matches(self, host: str, port: int) -> bool:
        """Whether the rule speaks of this place."""
        return self.host in (None, host.lower()) and self.port in (None, port)


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketAddress:
    """An address that a socket can connect to."""

    family: int
    ip: str
    place: tuple[object, ...]  # as getaddrinfo gave it: with the port and, for IPv6, the scope


def parse_connect_to(text: str) -> tuple[ConnectRule, ...]:
    """The rules of ``COPYTRAIL_CONNECT_TO``; ValueError names the entry that cannot be read."""
    return tuple(_rule(entry.strip()) for entry in text.split(",") if entry.strip())


async def resolve(endpoint: Endpoint, rules: Sequence[ConnectRule]) -> list[SocketAddress]:
    """The addresses to try for ``endpoint``."""
    rule = next((rule for rule in rules if rule.matches(endpoint.host, endpoint.port)), None)
    if rule is not None:
        return await _look_up(rule.to_host, rule.to_port)
    found = await _look_up(endpoint.host, endpoint.port)
    allowed = [address for address in found if is_public(address.ip)]
    if not allowed:
        raise Broken(Phase.POLICY, PRIVATE_ADDRESS, f"{endpoint.host} leads to {found[0].ip}, which is not a public address")
    return allowed


def check_literal(endpoint: Endpoint) -> None:
    """Broken in phase POLICY for a host that is an address which is not public, in any spelling, or a name of this machine.

    For requests through a proxy: it looks names up by itself, where no policy of ours sees what they lead to.
    """
    host = endpoint.host.rstrip(".").lower()
    ip = _literal(host)
    if f".{host}".endswith(".localhost") or (ip is not None and not is_public(ip)):
        raise Broken(Phase.POLICY, PRIVATE_ADDRESS, f"{endpoint.host} is not a public address, and is not asked of a proxy either")


def is_public(ip: str) -> bool:
    """Whether the address lies on the public internet, also when it carries an IPv4 address inside."""
    address = ipaddress.ip_address(ip)
    inner = _embedded(address)
    if inner is not None:
        return is_public(str(inner))
    local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not address.is_multicast and not address.is_reserved and not local


def _literal(host: str) -> str | None:
    """The address that ``host`` is; inet_aton reads what resolvers take for one: ``127.1``, ``0x7f000001``."""
    if ":" in host:
        return host
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def _embedded(address: IPAddress) -> ipaddress.IPv4Address | None:
    """The IPv4 address to which an IPv6 address leads: mapped, 6to4, Teredo or NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


async def _look_up(host: str, port: int) -> list[SocketAddress]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # the IDNA codec, for a label that is empty or too long
        raise Broken(Phase.DNS, BAD_NAME, f"{host}: not a host name: {error}") from error
    except socket.gaierror as error:
        failure = failure_of(error, Phase.DNS)
        raise Broken(Phase.DNS, failure.kind, f"{host}: {failure.message}") from error
    return [SocketAddress(family=family, ip=str(place[0]), place=place) for family, _, _, _, place in found]


def _rule(entry: str) -> ConnectRule:
    left, equals, right = entry.partition("=")
    source, target = _PLACE.fullmatch(left), _PLACE.fullmatch(right)
    if not equals or source is None or target is None or "*" in right:
        raise ValueError(f"COPYTRAIL_CONNECT_TO: {entry!r} is not HOST:PORT=ADDRESS:PORT (* only on the left)")
    host, port = source["host"].strip("[]").lower(), source["port"]
    return ConnectRule(
        host=None if host == "*" else host,
        port=None if port == "*" else _port(port, entry),
        to_host=target["host"].strip("[]"),
        to_port=_port(target["port"], entry),
    )


def _port(text: str, entry: str) -> int:
    port = int(text)
    if not 0 < port < 65536:
        raise ValueError(f"COPYTRAIL_CONNECT_TO: no such port in {entry!r}")
    return port
