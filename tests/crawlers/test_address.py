"""Where a request may go."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.kinds import Phase
from crawlers.address import Endpoint, check_literal, is_public, parse_connect_to, resolve
from crawlers.failures import Broken

ROOT = Path(__file__).resolve().parents[2]
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,20}(\.[a-z]{2,8}){0,2}", fullmatch=True)
PORTS = st.integers(1, 65535)


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # cloud metadata
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 -- an address to refuse, not to bind
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
    ],
)
def test_an_address_that_is_not_public_is_known(ip: str) -> None:
    """Private, loopback, link-local, multicast and reserved addresses are no targets, also inside an IPv6 address."""
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"])
def test_a_public_address_is_a_target(ip: str) -> None:
    """An address on the public internet may be connected to."""
    assert is_public(ip)


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://paper.example/", Endpoint(host="paper.example", port=80, tls=False)),
        ("https://paper.example/x", Endpoint(host="paper.example", port=443, tls=True)),
        ("https://paper.example:8443", Endpoint(host="paper.example", port=8443, tls=True)),
        ("http://[2001:db8::1]:81/", Endpoint(host="2001:db8::1", port=81, tls=False)),
    ],
)
def test_a_url_names_an_endpoint(url: str, endpoint: Endpoint) -> None:
    """Scheme, host and port of a URL say where and how to connect."""
    assert Endpoint.of(url) == endpoint


@pytest.mark.parametrize("url", ["ftp://paper.example/", "http:///x", "paper.example", "http://paper.example:x/"])
def test_what_is_no_web_address_has_no_endpoint(url: str) -> None:
    """Other schemes, a missing host and a port that is none are refused."""
    with pytest.raises(ValueError, match=r".+"):
        Endpoint.of(url)


async def target(rules: str, url: str) -> str:
    (first, *_) = await resolve(Endpoint.of(url), parse_connect_to(rules))
    return f"{first.ip} {first.place[1]}"


@pytest.mark.parametrize(
    ("rules", "url", "expected"),
    [
        ("*:*=127.0.0.1:8000", "https://paper.example/", "127.0.0.1 8000"),
        ("paper.example:443=127.0.0.1:1,*:*=127.0.0.1:2", "https://paper.example/", "127.0.0.1 1"),
        ("paper.example:443=127.0.0.1:1,*:*=127.0.0.1:2", "http://paper.example/", "127.0.0.1 2"),
        ("*:*=127.0.0.1:2,paper.example:443=127.0.0.1:1", "https://paper.example/", "127.0.0.1 2"),
        ("*:80=127.0.0.1:1, *:443=127.0.0.1:2,", "https://other.example/", "127.0.0.1 2"),
        ("PAPER.example:*=127.0.0.1:3", "http://Paper.Example:8080/", "127.0.0.1 3"),
        ("[2001:db8::1]:80=127.0.0.1:4", "http://[2001:db8::1]/", "127.0.0.1 4"),
        ("*:*=[::1]:5", "http://paper.example/", "::1 5"),
    ],
)
async def test_the_first_rule_that_matches_wins(rules: str, url: str, expected: str) -> None:
    """COPYTRAIL_CONNECT_TO is read in order; a star stands for any host or port; it may lead to loopback."""
    assert await target(rules, url) == expected


@pytest.mark.parametrize(
    "text",
    [
        "paper.example=127.0.0.1:80",
        "paper.example:80",
        "a:80=b",
        "a:80=*:80",
        "a:80=b:*",
        "a:0=b:1",
        "a:80=b:99999",
        ":80=b:1",
        "a:x=b:1",
        "a b:1=c:2",
    ],
)
def test_a_rule_that_cannot_be_read_is_named(text: str) -> None:
    """A slip in COPYTRAIL_CONNECT_TO is an error that quotes the entry, not a rule that never matches."""
    with pytest.raises(ValueError, match=r"COPYTRAIL_CONNECT_TO: .*"):
        parse_connect_to(text)


@given(NAMES, PORTS, NAMES, PORTS)
def test_what_is_written_as_a_rule_is_read_as_one(host: str, port: int, to_host: str, to_port: int) -> None:
    """Each part of an entry comes back as it was written."""
    (rule,) = parse_connect_to(f"{host}:{port}={to_host}:{to_port}")

    assert (rule.host, rule.port, rule.to_host, rule.to_port) == (host, port, to_host, to_port)
    assert rule.matches(host.upper(), port)
    assert not rule.matches(host + "x", port)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_a_private_address_is_refused_after_resolution(host: str) -> None:
    """However the address is spelled, what it leads to decides."""
    with pytest.raises(Broken) as caught:
        await resolve(Endpoint.of(f"http://{host}/"), ())

    assert (caught.value.failure.phase, caught.value.failure.kind) == (Phase.POLICY, "private_address")


def test_an_odd_spelling_of_a_private_address_is_refused_too() -> None:
    """The resolver reads ``127.1`` and plain numbers as addresses; the policy sees what it read."""
    # In a process of its own: the guard of the tests takes such a spelling for a name that is looked up.
    code = """
import asyncio
from crawlers.address import Endpoint, resolve
from crawlers.failures import Broken
for host in ("127.1", "2130706433", "0x7f000001", "0177.0.0.1"):
    try:
        print(asyncio.run(resolve(Endpoint.of(f"http://{host}/"), ())))
    except Broken as broken:
        print(broken.failure.kind)
"""
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout

    assert printed.split() == ["private_address"] * 4


async def test_a_rule_speaks_only_of_its_own_place() -> None:
    """A rule for one port opens no other port of the same private host."""
    with pytest.raises(Broken, match="not a public address"):
        await resolve(Endpoint.of("http://127.0.0.1:22/"), parse_connect_to("127.0.0.1:8000=127.0.0.1:8000"))


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "10.0.0.1.", "fe80::1%eth0", "LOCALHOST", "a.localhost."]
)
def test_a_proxy_is_asked_for_no_private_address(host: str) -> None:
    """Where a proxy looks names up, a host that is an inner address in any spelling is refused as it stands."""
    with pytest.raises(Broken) as caught:
        check_literal(Endpoint(host=host, port=80, tls=False))

    assert (caught.value.failure.phase, caught.value.failure.kind) == (Phase.POLICY, "private_address")


@pytest.mark.parametrize("host", ["paper.example", "notlocalhost", "1.1.1.1", "2606:4700::1111", "10.example"])
def test_a_proxy_is_asked_for_any_other_name(host: str) -> None:
    """A name leads where the proxy says; a public address may be asked for."""
    check_literal(Endpoint(host=host, port=80, tls=False))


@pytest.mark.parametrize("host", ["a..example", "x" * 64 + ".example"])
async def test_what_is_no_host_name_is_not_looked_up(host: str) -> None:
    """An empty or overlong label is a failure of its own kind, not a crash of the codec."""
    with pytest.raises(Broken) as caught:
        await resolve(Endpoint.of(f"http://{host}/"), ())

    assert (caught.value.failure.phase, caught.value.failure.kind) == (Phase.DNS, "bad_name")


async def test_addresses_that_are_not_public_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several addresses of one name only the public ones are tried."""
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("10.0.0.1", "1.1.1.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)

    found = await resolve(Endpoint.of("http://paper.example/"), ())

    assert [address.ip for address in found] == ["1.1.1.1"]
