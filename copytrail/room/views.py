"""One capture as a reader sees it: cleaned, with its pictures, under a policy that lets it do nothing.

Contract: ``view`` gives an HTML document for any capture.  With ``as_was`` it has the status of the archived answer, a redirect leads to
where the archived one led, in this room, and a picture is itself; else its status is 200, for a frame.  What cannot be shown says why.
"""

from typing import cast

from starlette.responses import RedirectResponse, Response

from archive.heads import media_type
from archive.records import Capture, Page
from archive.selecting import requisites_of
from archive.warcfields import WarcError
from copytrail.room import shown
from copytrail.room.addresses import memento
from copytrail.room.rooms import Room
from copytrail.room.safety import BARE_POLICY
from pipeline.markup import absolute, decode
from pipeline.textpool import TextFailure

TEXT_LIMIT = 1024 * 1024  # bytes of plain text that are shown
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_TEXT = ("text/", "application/json", "application/xml", "application/rss+xml", "application/atom+xml")
_PICTURES_LIMIT = 16 * 1024 * 1024  # bytes of all the pictures of a page


def view(room: Room, capture: Capture, *, as_was: bool = False) -> Response:
    """The document."""
    page = room.archive.page(capture)
    if as_was and 300 <= capture.status < 400 and capture.status != 304 and capture.location:
        there = absolute(capture.url, capture.location)
        if there is not None:
            return RedirectResponse(memento(there, capture.time), 302)
    kind = kind_of(page)
    if as_was and kind in shown.PICTURES:
        return Response(page.body, _status(capture), media_type=kind, headers={"content-security-policy": BARE_POLICY})
    status = _status(capture) if as_was else 200
    return Response(_document(room, page, kind), status, media_type="text/html", headers={"content-security-policy": shown.POLICY})


def _status(capture: Capture) -> int:
    """That of the archived answer, where it may be said again: a 304 stands for what it left out."""
    return capture.status if 400 <= capture.status < 600 else 200


def kind_of(page: Page) -> str:
    """The media type that an archived answer states; HTML where it states none."""
    return media_type(next((value for name, value in page.headers if name.lower() == "content-type"), None)) or "text/html"


def _document(room: Room, page: Page, kind: str) -> str:
    url = page.capture.url
    if kind in shown.PICTURES and len(page.body) <= shown.PICTURE_LIMIT:
        return shown.of_picture(kind, page.body, url)
    if kind in _HTML:
        return _cleaned(room, page)
    if kind.startswith(_TEXT):
        left_out = f"what comes after {TEXT_LIMIT:,} bytes" if len(page.body) > TEXT_LIMIT else ""
        return shown.of_text(decode(page.body[:TEXT_LIMIT], page.charset).text, url, left_out)
    return shown.of_words(f"This is a file of type {kind}. It is not shown here; its record and its payload can be saved.", url)


def _cleaned(room: Room, page: Page) -> str:
    url = page.capture.url
    ((_, found),) = room.cleaners.extract([page])
    if isinstance(found, TextFailure):
        return shown.of_words("This page is not shown: it takes too long to take apart. Its record and its payload can be saved.", url)
    return shown.framed(cast(shown.Cleaned, found), url, _Pictures(room, page.capture))


class _Pictures:
    """The pictures that a page needed, as far as they are held and not too large."""

    def __init__(self, room: Room, capture: Capture) -> None:
        self._room, self._left = room, _PICTURES_LIMIT
        self._held = {item.url: item for item in requisites_of(room.archive, [capture]) if item.mime in shown.PICTURES}

    def __call__(self, url: str) -> tuple[str, bytes] | None:
        held = self._held.get(url)
        if held is None or held.mime is None or (held.payload_length or 0) > shown.PICTURE_LIMIT:
            return None
        try:
            body = self._room.archive.page(held).body
        except WarcError:
            return None
        self._left -= len(body)
        return (held.mime, body) if self._left >= 0 else None
