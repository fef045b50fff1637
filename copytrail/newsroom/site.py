"""What the outlets answer: ``respond(host, path, headers, now) -> Response``, a pure function.

``path`` is the request target with its query, ``headers`` has lower-case names.  The same arguments give the same bytes.  A host that is
no outlet's is answered with 404.  The server's part is left out: a ``Response`` without Content-Length is sent in chunks.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import parse_qs

from copytrail.newsroom.content import HERE, Article, Outlet, outlets
from copytrail.newsroom.pages import render, shown

STATIC = HERE / "static"
FOUNDED = datetime(2026, 1, 1, tzinfo=UTC)  # pictures and style sheets are older than the story


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer: status, header fields as (name, value), and the body as it goes over the wire, chunk framing apart."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Resource:
    """What a path stands for, before conditions and codings; ``modified`` is None where no validator is to be sent."""

    body: bytes
    mime: str
    modified: datetime | None = None
    status: int = HTTPStatus.OK
    headers: tuple[tuple[str, str], ...] = ()


def respond(host: str, path: str, headers: Mapping[str, str], now: datetime, *, method: str = "GET") -> Response:
    """Answer a request to an outlet."""
    outlet = outlets().get(host.lower().removesuffix(":80"))
    if outlet is None:
        return plain(HTTPStatus.NOT_FOUND, f"no outlet has the host {host}\n")
    if method not in {"GET", "HEAD"}:
        return plain(HTTPStatus.METHOD_NOT_ALLOWED, "the outlets are for reading\n", (("allow", "GET, HEAD"),))
    target, _, query = path.partition("?")
    resource = (
        _moved(outlet, target, query)
        or _asset(target)
        or _routed(outlet, target, now)
        or _article(outlet, target, now, headers.get("cookie", ""))
        or _missing(outlet, target, now)
    )
    return _answer(outlet, resource, headers, now)


def plain(status: int, text: str, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """Return a short answer in plain text."""
    body = text.encode()
    return Response(
        status=status, headers=(*headers, ("content-type", "text/plain; charset=utf-8"), ("content-length", str(len(body)))), body=body
    )


def _moved(outlet: Outlet, path: str, query: str) -> _Resource | None:
    """Follow an old address, or the form of the consent page back to its article."""
    wanted = parse_qs(query).get("to", [""])[0]
    if path == "/consent" and wanted in outlet.walled:
        cookie = ("set-cookie", "consent=yes; Path=/; Max-Age=31536000; SameSite=Lax")
        return _Resource(status=HTTPStatus.SEE_OTHER, headers=(("location", wanted), cookie), body=b"", mime="text/plain")
    if path not in outlet.redirects:
        return None
    moved = (("location", outlet.redirects[path]),)
    return _Resource(status=HTTPStatus.MOVED_PERMANENTLY, headers=moved, body=b"moved\n", mime="text/plain")


def _asset(path: str) -> _Resource | None:
    folder, _, name = path.rpartition("/")
    # The name is looked up in a listing and never joined to the folder: it comes from outside.
    files = {file.name: file for file in STATIC.iterdir()} if folder == "/assets" else {}
    return _Resource(body=files[name].read_bytes(), mime=_mime(name), modified=FOUNDED) if name in files else None


def _routed(outlet: Outlet, path: str, now: datetime) -> _Resource | None:
    """Make a front page, feed, sitemap or robots.txt, which all change with what is listed."""
    if path not in outlet.routes:
        return None
    body = _bytes(outlet, render(outlet.routes[path], outlet, now, path=path))
    modified = _newest(shown(outlet, now))
    if path.endswith(".gz"):
        return _Resource(body=gzip.compress(body, mtime=0), mime="application/gzip", modified=modified)
    return _Resource(body=body, mime=_mime(outlet.routes[path], outlet.charset), modified=modified)


def _article(outlet: Outlet, path: str, now: datetime, cookie: str) -> _Resource | None:
    amp = path.endswith("/amp/")
    found = next((article for article in outlet.at(now) if article.path == (path.removesuffix("amp/") if amp else path)), None)
    if found is None or (amp and not found.amp):
        return None
    if found.status != HTTPStatus.OK:
        return replace(_missing(outlet, path, now), status=found.status)
    if path in outlet.walled and "consent=yes" not in cookie:
        return _page(outlet, f"{outlet.key}/consent.html", path, now)
    page = _page(outlet, f"{outlet.key}/{'amp' if amp else 'article'}.html", path, now, found)
    beside = (article for article in shown(outlet, now) if article.picked or article.path == (found.related or {}).get("path"))
    return replace(page, modified=_newest((found, *beside)))


def _missing(outlet: Outlet, path: str, now: datetime) -> _Resource:
    return replace(_page(outlet, "missing.html", path, now), status=HTTPStatus.NOT_FOUND)


def _page(outlet: Outlet, template: str, path: str, now: datetime, article: Article | None = None) -> _Resource:
    return _Resource(body=_bytes(outlet, render(template, outlet, now, path=path, article=article)), mime=_mime(template, outlet.charset))


def _bytes(outlet: Outlet, text: str) -> bytes:
    return text.encode(outlet.charset, "xmlcharrefreplace")


def _mime(name: str, charset: str = "utf-8") -> str:
    """Return the Content-Type for a file name; a feed is XML whatever kind it is, as most papers serve it."""
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{mime}; charset={charset}" if mime.startswith("text/") or mime.endswith("/xml") else mime


def _newest(articles: Iterable[Article]) -> datetime:
    return max((article.modified for article in articles), default=FOUNDED).astimezone(UTC)


def _answer(outlet: Outlet, resource: _Resource, headers: Mapping[str, str], now: datetime) -> Response:
    """Put conditions, content coding and framing to what the path stands for."""
    sent = [("date", _http_date(now)), ("server", outlet.key), *resource.headers]
    validators = _validators(outlet, resource)
    if _unchanged(validators, headers):
        return Response(status=HTTPStatus.NOT_MODIFIED, headers=(*sent, *validators.items()))
    body = resource.body
    sent += [("content-type", resource.mime), *validators.items()]
    if outlet.gzip and resource.mime.startswith("text/"):
        sent.append(("vary", "Accept-Encoding"))
        if "gzip" in headers.get("accept-encoding", ""):
            body = gzip.compress(body, mtime=0)
            sent.append(("content-encoding", "gzip"))
    if not outlet.chunked:
        sent.append(("content-length", str(len(body))))
    return Response(status=resource.status, headers=tuple(sent), body=body)


def _validators(outlet: Outlet, resource: _Resource) -> dict[str, str]:
    """Return the fields by which the answer can be asked for again; the ETag is weak because it stands for the gzipped body too."""
    if resource.modified is None:
        return {}
    tag = hashlib.sha256(resource.body).hexdigest()[:16]
    every = {"etag": f'W/"{tag}"' if outlet.gzip else f'"{tag}"', "last-modified": _http_date(resource.modified)}
    return {name: every[name] for name in outlet.validators}


def _unchanged(validators: Mapping[str, str], headers: Mapping[str, str]) -> bool:
    """Evaluate the conditions of a request: If-None-Match goes before If-Modified-Since (RFC 9110 §13.2.2)."""
    if "if-none-match" in headers:
        asked = {tag.strip() for tag in headers["if-none-match"].split(",")}
        return "etag" in validators and bool(asked & {validators["etag"], "*"})
    if "if-modified-since" not in headers or "last-modified" not in validators:
        return False
    try:
        since = parsedate_to_datetime(headers["if-modified-since"])
    except ValueError:
        return False  # a date that cannot be read is no condition (RFC 9110 §13.1.3)
    return parsedate_to_datetime(validators["last-modified"]) <= since


def _http_date(time: datetime) -> str:
    return format_datetime(time.astimezone(UTC), usegmt=True)
