"""How the room's pages are made: templates beside those of the story page, with its filters and its style.

Contract: ``page`` gives a whole HTML answer.  Everything that comes from outside is escaped by the template engine.  ``refused`` is the
page of an error, which shows no more than the refusal says.
"""

import base64
import re
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from copytrail import __version__
from copytrail.room import addresses
from copytrail.room.refusals import Refused
from copytrail.room.rooms import Room
from copytrail.room.safety import PAGE_POLICY
from copytrail.storypage import environment

_FRAMED = ("/memento/", "/timegate/", "/view/")  # what a frame of ours may lead to
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M2 3h9v2H2zm3 4h9v2H5zm-3 4h9v2H2z" fill="#b3392f"/></svg>'


class _Plain(dict[str, str]):
    """Outlets in one colour: theirs are of a story."""

    def __missing__(self, outlet: str) -> str:
        return "x"


def page(name: str, room: Room, status: int = 200, **values: Any) -> HTMLResponse:
    """A page by the name of its template."""
    return HTMLResponse(_rendered(name, room.clock(), **values), status)


def _rendered(name: str, now: datetime | None, **values: Any) -> str:
    more = {"article_page": addresses.article, "capture_page": addresses.capture, "memento": addresses.memento, "words": _words}
    return environment().get_template(f"room/{name}.html").render(version=__version__, now=now, colour=_Plain(), **more, **values)


def refused(scope: Scope, error: Refused) -> Response:
    """The page of an error."""
    headers = dict(error.headers)
    if scope["path"].startswith(_FRAMED):
        headers["content-security-policy"] = PAGE_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    values = {"heading": error.title, "status": error.status, "message": error.message, "withdrawal": error.withdrawal}
    return HTMLResponse(_rendered("error", None, **values), error.status, headers)


def with_style(html: str) -> HTMLResponse:
    """A page that brings a style sheet of its own: the policy lets this very one through."""
    digests = (base64.b64encode(sha256(found.encode()).digest()).decode() for found in _STYLE.findall(html))
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return HTMLResponse(html, headers={"content-security-policy": PAGE_POLICY.replace("style-src 'self'", f"style-src {allowed}")})


@cache
def style() -> str:
    """The style sheet of all pages."""
    templates = environment()
    return "\n".join(templates.get_template(name).render() for name in ("story.css", "room/room.css"))


def _words(text: str) -> int:
    return len(text.split())
