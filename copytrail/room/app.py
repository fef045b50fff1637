"""The whole room as one ASGI application.

Contract: ``application`` is what a server runs.  Every handler is a plain function, run in a thread, because the catalogue and the store
wait for disks; what it refuses and what the archive cannot give is a page with a status.
"""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from archive.catalogue import CatalogueError
from archive.store import StoreError
from archive.warcfields import WarcError
from copytrail.room import articles, downloads, finding, looks, records, stories
from copytrail.room.refusals import Refused, held
from copytrail.room.rooms import Room, room_of
from copytrail.room.safety import Door, Rules
from copytrail.room.views import view

Handler = Callable[[Request], Response]


def application(room: Room, rules: Rules) -> Door:
    """The room behind its door."""
    app = Starlette(
        routes=[Route(path, handler, methods=["GET"]) for path, handler in _HANDLERS.items()],
        exception_handlers={
            Refused: _refused,
            404: _nowhere,
            CatalogueError: _away,
            StoreError: _away,
            WarcError: _broken,
            Exception: _failed,
        },
    )
    app.router.redirect_slashes = False  # an address is what it is: no redirect is made of what was asked for
    app.state.room = room
    return Door(app, rules, looks.refused)


def frame(request: Request) -> Response:
    """``/view/ID``: a capture as it is shown in a frame."""
    room = room_of(request)
    return view(room, held(room.archive, request.path_params["id"]))


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return looks.refused(request.scope, error)


def _nowhere(request: Request, _error: Exception) -> Response:
    return looks.refused(request.scope, Refused(404, "There is no such page in this room."))


def _away(request: Request, error: Exception) -> Response:
    message = f"The archive cannot be reached: {error}"
    return looks.refused(request.scope, Refused(503, message, headers={"retry-after": "60"}))


def _broken(request: Request, error: Exception) -> Response:
    return looks.refused(
        request.scope, Refused(500, f"The archive does not hold what its index says: {error}. copytrail verify tells more.")
    )


def _failed(request: Request, _error: Exception) -> Response:
    return looks.refused(request.scope, Refused(500, "Something went wrong here; the log of the room says what."))


_HANDLERS: dict[str, Handler] = {
    "/": stories.home,
    "/stories/{slug}": stories.story,
    "/stories/{slug}/graph": stories.graph,
    "/stories/{slug}/graph.{form}": stories.graph_file,
    "/stories/{slug}/status": stories.watch,
    "/stories/{slug}/downloads": downloads.downloads,
    "/stories/{slug}/pull/{form}": downloads.download,
    "/status": stories.status,
    "/search": finding.search,
    "/article": articles.article,
    "/capture/{id}": articles.capture,
    "/capture/{id}/ledger": articles.ledger,
    "/diff": articles.diff,
    "/compare": articles.compare,
    "/view/{id}": frame,
    "/record/{id}": records.record,
    "/raw/{id}": records.raw,
    "/memento/{rest:path}": records.memento_of,
    "/timegate/{rest:path}": records.timegate,
    "/timemap/{form}/{rest:path}": records.timemap,
    "/cdx": records.cdx,
    "/style.css": lambda _: Response(looks.style(), media_type="text/css"),
    "/icon.svg": lambda _: Response(looks.ICON, media_type="image/svg+xml"),
    "/robots.txt": lambda _: PlainTextResponse("User-agent: *\nDisallow: /\n"),
}
