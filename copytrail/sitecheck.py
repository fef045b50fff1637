"""Whether a published site can be used from where readers are: read without a key, in parts, and by a player on another site.

Contract: ``check(base, files, pool)`` asks for every file under its public address and yields a :class:`Fault` for each thing that a reader
would stumble over; nothing when all is well.  A player that opens a package needs its length (HEAD), parts of it (RFC 9110 §14: 206 with
the very bytes) and leave to read from another origin (Fetch standard §3.3).  Only the address that was given is asked: a redirect is a
fault, no answer one more.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from urllib3 import BaseHTTPResponse, PoolManager
from urllib3.exceptions import HTTPError

ORIGIN = "https://replayweb.page"  # any other origin than the site's own would do
PART = 64  # bytes: enough for the head of a ZIP file, and for the end that holds its directory
IN_PARTS = (".wacz", ".parquet", ".gz", ".sqlite")  # what is read in parts; the rest too, where it is large
LARGE = 1024 * 1024  # bytes that are not held in memory to be compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that a reader would stumble over."""

    path: str
    what: str  # get, length, range, origin
    message: str


def check(base: str, files: Mapping[str, Path], pool: PoolManager) -> Iterator[Fault]:
    """The faults of the files of a site: what is published under ``base``, and the local file that each path should show."""
    for path, local in files.items():
        address = f"{base.rstrip('/')}/{quote(path)}"
        try:
            in_parts = path.endswith(IN_PARTS) or local.stat().st_size > LARGE
            faults = _parts(pool, address, local) if in_parts else _whole(pool, address, local)
            yield from (Fault(path=path, what=what, message=message) for what, message in faults)
        except HTTPError as error:
            yield Fault(path=path, what="get", message=f"{address} does not answer: {error}")


def _ask(pool: PoolManager, method: str, address: str, **headers: str) -> BaseHTTPResponse:
    return pool.request(method, address, headers={"Origin": ORIGIN, "Accept-Encoding": "identity", **headers}, redirect=False, timeout=30)


def _whole(pool: PoolManager, address: str, local: Path) -> Iterable[tuple[str, str]]:
    answer = _ask(pool, "GET", address)
    if answer.status != 200:
        yield "get", f"{address} answers {answer.status}"
    elif answer.data != local.read_bytes():
        yield "get", f"{address} shows other bytes than were published"


def _parts(pool: PoolManager, address: str, local: Path) -> Iterable[tuple[str, str]]:
    size = local.stat().st_size
    head = _ask(pool, "HEAD", address)
    if head.status != 200:
        yield "get", f"{address} answers {head.status} to HEAD"
        return
    if head.headers.get("Content-Length") != str(size):
        yield "length", f"{address} says that it has {head.headers.get('Content-Length')} bytes, not {size}"
    if head.headers.get("Access-Control-Allow-Origin") not in {"*", ORIGIN}:
        yield "origin", f"{address} lets no other site read it: a player elsewhere cannot open it (no Access-Control-Allow-Origin)"
    for first in {0, max(size - PART, 0)}:
        last = min(first + PART, size) - 1
        answer = _ask(pool, "GET", address, Range=f"bytes={first}-{last}")
        if answer.status != 206 or answer.headers.get("Content-Range") != f"bytes {first}-{last}/{size}":
            yield "range", f"{address} answers {answer.status} to a request for bytes {first} to {last}: a player must load all of it"
            return
        with local.open("rb") as file:
            file.seek(first)
            if answer.data != file.read(PART):
                yield "range", f"{address} shows other bytes than were published"
