"""The sort-friendly form of URLs (SURT), the key of CDXJ: equal to what pywb and cdxj-indexer write.

Contract: ``surt`` takes any text and never fails: what others archived need be no URL that we would fetch.  It is coarse by design (case,
www, order of the query, escapes, sessions), has no space, and is never used to fetch.  The rules are those of webarchive-commons
(IAURLCanonicalizer over GoogleURLCanonicalizer), whose Python port both tools use: a test holds a table of keys against both.
"""

import ipaddress
import re
import socket
from urllib.parse import unquote_to_bytes

_PORTS = {"http": 80, "https": 443}
_PARTS = re.compile(r"(?P<scheme>[^:]*):(?://(?P<authority>[^/?#]*))?(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?", re.DOTALL)
_HAS_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_SCHEMES = re.compile(r"^(https?://)+")
_BREAKS = re.compile(r"[\n\r\t]")
_SPACE = " \t\n\r\x0b\x0c"
_SURT_UNSAFE = re.compile(r"[^!-~]|[#%]")
_NUMBERS = re.compile(r"[0-9.]+")
_WWW = re.compile(r"^www[0-9]*\.")

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
    if parts["scheme"].startswith("http") and not name and path:
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
