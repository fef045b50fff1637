"""Search, with the flags of the command: the same query finds the same articles, and a pull takes what is on the page."""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from archive.records import Capture
from archive.selecting import NoSuchStory
from copytrail.room import wishes
from copytrail.room.looks import page
from copytrail.room.refusals import Refused
from copytrail.room.rooms import room_of
from copytrail.room.stories import page_number
from copytrail.searchrows import search as search_captures
from copytrail.searchrows import search_rows

A_PAGE = 25  # articles


def search(request: Request) -> Response:
    """``/search``."""
    room = room_of(request)
    slug = request.query_params.get("story") or None
    selection = wishes.wish(request.query_params, slug)
    filled = {**wishes.fields(request.query_params), "story": slug or ""}
    found: list[Capture] = []
    if wishes.narrows(selection) or slug:
        with room.heavy():
            try:
                found = search_captures(room.archive, selection)
            except NoSuchStory as error:
                raise Refused(404, f"{error}.") from error
    pages = max(1, -(-len(found) // A_PAGE))
    number = page_number(request, pages)
    return page(
        "search",
        room,
        heading="Search",
        at="/search",
        rows=list(search_rows(room.archive, found[(number - 1) * A_PAGE : number * A_PAGE], selection)),
        total=len(found),
        asked=wishes.narrows(selection) or slug is not None,
        filled=filled,
        asked_words=filled["text"],
        slugs=room.archive.catalogue.slugs(),
        states=wishes.STATES,
        kinds=wishes.KINDS,
        pages=pages,
        page=number,
        start=(number - 1) * A_PAGE,
        query="&".join(_query(request)),
    )


def _query(request: Request) -> Iterator[str]:
    """The query without its page."""
    return (part for part in request.url.query.split("&") if part and not part.startswith("page="))
