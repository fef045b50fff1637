"""URLs as the archive knows them: what is asked for, the key it is sorted by, and whose it is.

Contract: ``clean`` gives the URL that goes over the wire: scheme http or https, host in lower case and ASCII, no fragment, no default
port, a path that is at least ``/``, everything percent-encoded that must be (WHATWG URL, path and special-query sets); an escape that is
there is left as it is.  ``BadUrl`` says why a text is no such URL.  ``surt`` gives the sort key of CDXJ, equal to what pywb and
cdxj-indexer write; it is coarse by design (case, www, order of the query, escapes), has no space, and is never used to fetch.
"""

import ipaddress
import re
import socket
from collections.abc import Callable
from functools import cache
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

import idna
import tldextract

URL_LIMIT = 8192  # RFC 9110 §4.1 asks for at least 8,000
_PORTS = {"http": 80, "https": 443}
_PARTS = re.compile(r"(?P<scheme>[^:]*):(?://(?P<authority>[^/?#]*))?(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?", re.DOTALL)
_HAS_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_SCHEMES = re.compile(r"^(https?://)+")
_BREAKS = re.compile(r"[\n\r\t]")
_SPACE = " \t\n\r\x0b\x0c"
_SURT_UNSAFE = re.compile(r"[^!-~]|[#%]")
_NUMBERS = re.compile(r"[0-9.]+")
_WWW = re.compile(r"^www[0-9]*\.")
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
    """The sort-friendly form: ``http://www.example.com/B?b&a`` is ``com,example)/b?a&b``; an address whose port is none is its own key."""
    if not url or url.startswith("filedesc"):
        return url or "-"
    text = _BREAKS.sub("", url.strip(_SPACE))
    text = _SCHEMES.sub(r"\1", text if _HAS_SCHEME.match(text) else f"http://{text}")
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return url
    scheme, path = parts["scheme"].lower(), parts["path"]
    name, port = _authority(parts["authority"] or "")
    if scheme.startswith("http") and not name and path:
        name, _, rest = path.lstrip("/").partition("/")
        path = f"/{rest}"
    if port and not (port.isdecimal() and port.isascii() and int(port) <= 65535):
        return url
    labels = _surt_host(name)
    where = f"{labels}{_surt_port(scheme, int(port or 0))})" if labels else f"{parts['scheme']}:"
    return f"{where}{_surt_path(path, rooted=bool(labels))}{_surt_query(parts['query'] or '')}"


def _authority(text: str) -> tuple[str, str]:
    """Host and port; who logs in is no part of a key."""
    text = text.rpartition("@")[2].rstrip(":")
    if "[" in text:
        name, _, port = text.partition("[")[2].partition("]")
        return name, port.partition(":")[2]
    name, _, port = text.partition(":")
    return name, port


def _surt_port(scheme: str, port: int) -> str:
    return "" if port in (0, _PORTS.get(scheme)) else f":{port}"


def _surt_host(name: str) -> str:
    plain = _unescaped(name).decode("utf-8", "surrogateescape").lower()
    labels = [label for label in plain.split(".") if label]
    try:
        plain = ".".join(labels).encode("idna").decode()
    except UnicodeError:
        plain = ".".join(labels)
    plain = _WWW.sub("", _escaped(plain.encode("utf-8", "surrogateescape")))
    return ",".join(reversed(_dotted(plain).split(".")))


def _dotted(name: str) -> str:
    """An IPv4 address in its four numbers, however few it is written in; any other name as it is."""
    try:
        if name.isdecimal():
            return str(ipaddress.IPv4Address(int(name) % 2**32))
        return socket.inet_ntoa(socket.inet_aton(name)) if _NUMBERS.fullmatch(name) else name
    except OSError:
        return name


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


def _surt_path(path: str, *, rooted: bool) -> str:
    text = _escaped(_unescaped(path))
    text = _segments(text) if rooted else text.removesuffix("/") or text
    for pattern in _PATH_SESSIONS:
        text = pattern.sub(r"\1\2", text)
    return text.lower()


def _segments(path: str) -> str:
    """A path without empty segments and dots."""
    kept: list[str] = []
    for part in path.removeprefix("/").split("/"):
        if part == ".." and kept:
            kept.pop()
        elif part != ".":
            kept.append(part)
    return "/" + "/".join(filter(None, kept))


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
    return _SURT_UNSAFE.sub(lambda match: f"%{ord(match[0]):02x}", data.decode("latin-1"))
