"""URLs as the archive knows them: what is asked for, the key it is sorted by, and whose it is.

Contract: ``clean`` gives the URL that goes over the wire: scheme http or https, host in lower case and ASCII, no fragment, no default
port, a path that is at least ``/``, everything percent-encoded that must be (WHATWG URL, path and special-query sets); an escape that is
there is left as it is.  ``BadUrl`` says why a text is no such URL.  ``surt`` gives the key under which it is found (``archive/surts.py``).
"""

import ipaddress
import re
from functools import cache, lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

import idna
import tldextract

from archive.surts import surt

__all__ = ["URL_LIMIT", "BadUrl", "Suffixes", "clean", "host", "registered_domain", "suffixes", "surt"]

URL_LIMIT = 8192  # RFC 9110 §4.1 asks for at least 8,000
_PORTS = {"http": 80, "https": 443}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?")
_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?")
_PATH_UNSAFE = re.compile(r"""[^!$-;=@-\]_a-z|~]""")
_QUERY_UNSAFE = re.compile(r"""[^!$-&(-;=?-~]""")


class BadUrl(ValueError):
    """A text that is no URL that can be fetched."""


def clean(url: str) -> str:
    """The URL as it is asked for and archived."""
    text = url.strip(" \t\r\n\f").partition("#")[0]
    if len(text) > URL_LIMIT:
        raise BadUrl(f"longer than {URL_LIMIT} characters: {text[:60]}…")
    parts = _split(text)
    path = _encoded(parts.path.replace("\\", "/") or "/", _PATH_UNSAFE)
    query = f"?{_encoded(parts.query, _QUERY_UNSAFE)}" if "?" in text else ""
    return f"{parts.scheme}://{_ascii_host(parts.hostname or '')}{_port(parts)}{path}{query}"


def host(url: str) -> str:
    """The host of a URL in lower case, without port; an IPv6 address without its brackets."""
    return _split(url).hostname or ""


def registered_domain(host: str) -> str:
    """The name that one owner registered: ``news.example.co.uk`` is ``example.co.uk``; an address or a single label is itself."""
    plain = host.lower().strip("[]").rstrip(".")
    found = _suffixes()(plain)
    if found.suffix or found.ipv4 or found.ipv6:
        return found.top_domain_under_public_suffix or plain
    return ".".join(plain.split(".")[-2:])  # the rule of the list for a name that it does not know is "*"


class Suffixes(NamedTuple):
    """What the public suffix list says of a host: the suffix of a registry, and the one that counts those of private owners too.

    Each with the name one level below it; None for an address and for a host that is a suffix itself.
    """

    registry: str | None
    domain: str | None
    private: str | None
    private_domain: str | None


@lru_cache(4096)
def suffixes(host: str) -> Suffixes:
    """``blog.github.io`` is below ``io``, and privately below ``github.io``."""
    public, private = _suffixes()(host), _suffixes()(host, include_psl_private_domains=True)
    if public.ipv4 or public.ipv6:
        return Suffixes(None, None, None, None)
    if not public.suffix:  # the rule of the list for a name that it does not know is "*"
        last = host.rpartition(".")[2] or None
        domain = registered_domain(host) if "." in host else None
        return Suffixes(last, domain, last, domain)
    found = (public.suffix, public.top_domain_under_public_suffix, private.suffix, private.top_domain_under_public_suffix)
    return Suffixes(*(text or None for text in found))


def _split(url: str) -> SplitResult:
    if _CONTROLS.search(url):
        raise BadUrl(f"control character in {url[:200]!r}")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 -- a port that is none raises here
    except ValueError as error:
        raise BadUrl(f"{error}: {url[:200]!r}") from error
    if parts.scheme not in _PORTS:
        raise BadUrl(f"not a web address: {url[:200]!r}")
    if not parts.hostname:
        raise BadUrl(f"no host in {url[:200]!r}")
    if "@" in parts.netloc:
        raise BadUrl(f"credentials in the URL of {parts.hostname}")
    return parts


def _port(parts: SplitResult) -> str:
    return "" if parts.port in (None, _PORTS[parts.scheme]) else f":{parts.port}"


def _ascii_host(name: str) -> str:
    if ":" in name:
        try:
            return f"[{ipaddress.IPv6Address(name).compressed}]"
        except ValueError as error:
            raise BadUrl(str(error)) from error
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except idna.IDNAError as error:
            raise BadUrl(f"no host name: {error}") from error
    if len(name) > 253 or not _HOST.fullmatch(name) or (_NUMERIC.fullmatch(name) and not _is_ipv4(name)):
        raise BadUrl(f"no host name: {name[:200]!r}")
    return name


def _is_ipv4(name: str) -> bool:
    """Whether a host that ends in a number is an address in its one plain form; 2130706433 and 0x7f.1 are not."""
    try:
        return ipaddress.IPv4Address(name).compressed == name
    except ValueError:
        return False


def _encoded(text: str, unsafe: re.Pattern[str]) -> str:
    try:
        return unsafe.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), text)
    except UnicodeEncodeError as error:
        raise BadUrl(f"not Unicode text: {text[:200]!r}") from error


@cache
def _suffixes() -> tldextract.TLDExtract:
    # The list in the package: no fetch, no cache on disk, the same answer on every machine.
    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
