"""URLs as the archive knows them: what is asked for, the key it is sorted by, and whose it is.

Contract: ``clean`` gives the URL that goes over the wire: scheme http or https, host in lower case and ASCII, no fragment, no default
port, a path that is at least ``/``, everything percent-encoded that must be (WHATWG URL, path and special-query sets); an escape that is
there is left as it is.  ``BadUrl`` says why a text is no such URL.  ``surt`` gives the sort key of CDXJ, equal to what pywb and
cdxj-indexer write; it is coarse by design (case, www, order of the query, escapes), has no space, and is never used to fetch.
"""

import ipaddress
import re
from collections.abc import Callable
from functools import cache
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

import idna
import tldextract

URL_LIMIT = 8192  # RFC 9110 §4.1 asks for at least 8,000
_PORTS = {"http": 80, "https": 443}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?")
_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?")
_PATH_UNSAFE = re.compile(r"""[^!$-;=@-\]_a-z|~]""")
_QUERY_UNSAFE = re.compile(r"""[^!$-&(-;=?-~]""")

# The session identifiers that the web archives' canonicaliser drops (webarchive-commons, IAURLCanonicalizer).
_PATH_SESSIONS = (
    re.compile(r"^(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)$", re.IGNORECASE),
    re.compile(r"^(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)$", re.IGNORECASE),
)
_QUERY_SESSIONS = tuple(
    re.compile(rf"^(.*){pattern}(?:&(.*))?$", re.IGNORECASE)
    for pattern in (
        "jsessionid=[0-9a-z]{32}",
        "phpsessid=[0-9a-z]{32}",
        "sid=[0-9a-z]{32}",
        "aspsessionid[a-z]{8}=[a-z]{24}",
        "cfid=[^&]+&cftoken=[^&]+",
    )
)


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


def surt(url: str) -> str:
    """The sort-friendly form: ``http://www.example.com/B?b&a`` is ``com,example)/b?a&b``."""
    parts = _split(url)
    name = re.sub(r"^www[0-9]*\.", "", _ascii_host(parts.hostname or "").strip("[]."))
    labels = name if ":" in name else ",".join(reversed(name.split(".")))
    return f"{labels}{_port(parts)}){_surt_path(parts.path)}{_surt_query(parts.query)}"


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
def _suffixes() -> Callable[[str], tldextract.tldextract.ExtractResult]:
    # The list in the package: no fetch, no cache on disk, the same answer on every machine.
    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())


def _surt_path(path: str) -> str:
    kept: list[str] = []
    for part in _escaped(_unescaped(path)).removeprefix("/").split("/"):
        if part == ".." and kept:
            kept.pop()
        elif part != ".":
            kept.append(part)
    text = "/" + "/".join(filter(None, kept))
    for pattern in _PATH_SESSIONS:
        text = pattern.sub(r"\1\2", text)
    return text.lower()


def _surt_query(query: str) -> str:
    text = _escaped(_unescaped(query))
    for pattern in _QUERY_SESSIONS:
        text = pattern.sub(lambda match: match[1] + (match[2] or ""), text)
    pairs = sorted(pair.partition("=") for pair in text.lower().split("&"))
    return "?" + "&".join("".join(pair) for pair in pairs) if text else ""


def _unescaped(text: str) -> bytes:
    """Percent escapes undone until none is left, so that ``%2541`` and ``A`` sort together."""
    data = text.encode("utf-8", "surrogateescape")
    while (undone := unquote_to_bytes(data)) != data:
        data = undone
    return data


def _escaped(data: bytes) -> str:
    return "".join(chr(byte) if 0x20 < byte < 0x7F and byte not in b"#%" else f"%{byte:02x}" for byte in data)
