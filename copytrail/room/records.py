"""What lies in the archive, handed out as it is: records and payloads by their ids, mementos, TimeMaps, index rows.

Contract: every body is streamed from the store.  A record is its gzip member, byte for byte, or with ``?plain`` what it holds.  A payload
is the body with its transfer coding removed and its content coding kept, which is what its digest is of; through a revisit that of the
record it stands for.  Both are files to be saved, whatever the server called them: of the headers that were archived only the media type
of an unchanged memento becomes one of ours, where it is one.
"""

import base64
import re
import zlib
from collections.abc import Iterator
from itertools import chain, islice
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from archive import warcread
from archive.captures import answer_head
from archive.http import entity
from archive.indexranges import count
from archive.records import Capture
from archive.selecting import original_of
from archive.vault import Archive
from archive.warcfields import WarcError
from copytrail.room import cdxserver, mementos
from copytrail.room.addresses import asked_time, asked_url, memento, stamp
from copytrail.room.refusals import Refused, held
from copytrail.room.rooms import here, room_of, target
from copytrail.room.safety import BARE_POLICY
from copytrail.room.views import kind_of, view

PIECE = 64 * 1024  # bytes
LINES = 250  # of an index or a TimeMap that are sent at once
T = TypeVar("T")
_TOKEN = re.compile(r"[a-z0-9_.:+-]{1,40}")
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,64}/[a-z0-9!#$&^_.+-]{1,64}")


def primed(items: Iterator[T]) -> Iterator[T]:
    """The same items; what goes wrong before the first does so here, where an error page can still be given."""
    first = list(islice(items, 1))
    return chain(first, items)


def packed(lines: Iterator[str]) -> Iterator[str]:
    """The same text in pieces of some size: each piece costs a change of threads."""
    for line in lines:
        yield line + "".join(islice(lines, LINES - 1))


def record(request: Request) -> Response:
    """``/record/ID``."""
    archive = room_of(request).archive
    capture = held(archive, request.path_params["id"])
    with warcread.record_at(archive.store, capture.ref) as found:
        if found.id != capture.id:
            raise WarcError(f"{capture.ref.key}: offset {capture.ref.offset} holds {found.id}, not {capture.id}")
    zipped = capture.ref.key.endswith(".gz")
    plain = "plain" in request.query_params or not zipped
    pieces = _pieces(archive, capture)
    return _file(_unpacked(pieces) if zipped and plain else pieces, f"{capture.id[-36:]}.warc{'' if plain else '.gz'}", "application/warc")


def _pieces(archive: Archive, capture: Capture) -> Iterator[bytes]:
    with archive.store.open(capture.ref.key, capture.ref.offset, capture.ref.length) as stream:
        while piece := stream.read(PIECE):
            yield piece


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(zlib.MAX_WBITS + 16)
    for piece in pieces:
        data = piece
        while data:
            yield inflate.decompress(data, PIECE)
            data = inflate.unconsumed_tail
    yield inflate.flush()


def raw(request: Request) -> Response:
    """``/raw/ID``."""
    archive = room_of(request).archive
    return _raw(archive, held(archive, request.path_params["id"]))


def _raw(archive: Archive, capture: Capture) -> Response:
    source = capture if capture.kind == "response" else original_of(archive, capture)
    if source is None:
        raise Refused(404, "This revisit stands for a record that the archive does not hold.")
    response = _file(primed(_payload(archive, source)), f"{source.id[-36:]}.payload", "application/octet-stream")
    if source.payload_digest and source.payload_digest.startswith("sha256:"):
        digest = source.payload_digest.removeprefix("sha256:")
        response.headers["etag"] = f'"{digest}"'
        response.headers["content-digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(digest)).decode()}:"  # RFC 9530
    if source.payload_length is not None:
        response.headers["content-length"] = str(source.payload_length)
    return response


def _as_archived(archive: Archive, capture: Capture) -> Response:
    """What the page was, codings undone and nothing rewritten, under its own media type, for replayers; a browser saves it."""
    page = archive.page(capture)
    kind = kind_of(page)
    charset = f"; charset={page.charset}" if page.charset and _TOKEN.fullmatch(page.charset) else ""
    response = _file(iter([page.body]), f"{capture.id[-36:]}.memento", "application/octet-stream")
    if _MEDIA_TYPE.fullmatch(kind):
        response.headers["content-type"] = kind + charset
    return response


def _payload(archive: Archive, capture: Capture) -> Iterator[bytes]:
    with warcread.record_at(archive.store, capture.ref) as found:
        if found.id != capture.id:
            raise WarcError(f"{capture.ref.key}: offset {capture.ref.offset} holds {found.id}, not {capture.id}")
        yield from entity(answer_head(found.block), found.block)


def _file(pieces: Iterator[bytes], name: str, kind: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "content-security-policy": BARE_POLICY}
    return StreamingResponse(pieces, media_type=kind, headers=headers)


def memento_of(request: Request) -> Response:
    """``/memento/20261121103000/URL``: the page as it was, as far as it is without danger; with ``id_`` unchanged."""
    archive = room_of(request).archive
    digits, _, rest = target(request, "/memento/").partition("/")
    time, mark = asked_time(digits)
    capture = mementos.nearest(archive, asked_url(rest), time)
    if digits != stamp(capture.time) + mark:
        return RedirectResponse(memento(capture.url, capture.time, mark), 302)
    response = _as_archived(archive, capture) if mark else view(room_of(request), capture, as_was=True)
    response.headers["memento-datetime"] = mementos.http_date(capture.time)
    response.headers["link"] = mementos.links(here(request), capture.url, mementos.place(archive, capture))
    return response


def timegate(request: Request) -> Response:
    """``/timegate/URL`` (RFC 7089 §4.1, a TimeGate apart from its original that redirects)."""
    archive = room_of(request).archive
    url = asked_url(target(request, "/timegate/"))
    capture = mementos.nearest(archive, url, mementos.asked(request.headers.get("accept-datetime")))
    headers = {"vary": "accept-datetime", "link": mementos.links(here(request), url)}
    return RedirectResponse(here(request) + memento(capture.url, capture.time), 302, headers)


def timemap(request: Request) -> Response:
    """``/timemap/link/URL`` and ``/timemap/json/URL``."""
    form = request.path_params["form"]
    if form not in {"link", "json"}:
        raise Refused(404, "A TimeMap is given as link or as json.")
    make, kind = (mementos.timemap_links, mementos.LINK_FORMAT) if form == "link" else (mementos.timemap_json, "application/json")
    lines = primed(packed(make(room_of(request).archive, here(request), asked_url(target(request, f"/timemap/{form}/")))))
    return StreamingResponse(lines, media_type=kind)


def cdx(request: Request) -> Response:
    """``/cdx?url=…``."""
    archive = room_of(request).archive
    query = cdxserver.asked(request.query_params.multi_items())
    if query.pages_only:
        every = count(archive.catalogue, query.wanted)
        pages = -(-every // query.page_size)
        return JSONResponse({"pages": pages, "pageSize": query.page_size, "blocks": pages})
    try:
        lines = list(islice(found := cdxserver.text(query, cdxserver.rows(archive, query)), 1))
    except TimeoutError as error:
        raise Refused(503, "The next row was not found in time: narrow the query.", headers={"retry-after": "60"}) from error
    if not lines:
        # Clients of pywb take 400 for the page after the last, and 404 with this object for nothing at all.
        message = {"message": f"No Captures found for: {request.query_params.get('url')}"}
        return JSONResponse(message, 400 if query.page else 404)
    kind = {"cdxj": "text/x-cdxj", "json": "application/x-ndjson", "text": "text/plain"}[query.output]
    return StreamingResponse(chain(lines, packed(found)), media_type=kind)
