"""A story taken home from the room: every format of ``pull``, as a file with ranges and a digest.

Contract: a file is made whole in the spool before its first byte is given, once for those who ask for the same while the story's definition
and what is withdrawn stay the same, for ten minutes.  Its ETag is the digest of its bytes, so that a download can go on after a break
(``Range`` with ``If-Range``) and never mixes two.  That it was taken is noted in the archive's custody records, where the archive can be
written.  The spool keeps few files; the oldest goes first.
"""

import logging
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from archive import codec
from archive.custody import Act
from archive.pull import FORMATS, describe, pull
from archive.pulljob import NothingSelected
from archive.pullplan import PullError
from archive.records import Selection
from archive.signing import KeyProblem
from archive.store import ObjectInfo, StoreError, measured
from copytrail import __version__
from copytrail.room import wishes
from copytrail.room.looks import page
from copytrail.room.refusals import Refused
from copytrail.room.rooms import Room, here, room_of
from copytrail.room.safety import BARE_POLICY
from copytrail.room.stories import story_of
from copytrail.selecting import relate

_LOG = logging.getLogger("copytrail.room")
TYPES = {
    "warc": ("warc.gz", "application/warc"),
    "wacz": ("wacz", "application/wacz"),
    "cdxj": ("cdxj", "text/x-cdxj"),
    "parquet": ("parquet", "application/vnd.apache.parquet"),
    "sqlite": ("sqlite", "application/vnd.sqlite3"),
    "jsonl": ("jsonl", "application/x-ndjson"),
    "csv": ("csv", "text/csv; charset=utf-8"),
    "txt": ("txt", "text/plain; charset=utf-8"),
    "md": ("md", "text/markdown; charset=utf-8"),
}
WORDS = {
    "wacz": "Everything in one package that ReplayWeb.page shows, with index, pages and digests",
    "warc": "The records themselves, byte for byte, with what their pages need",
    "cdxj": "Where each record lies in the archive’s own files",
    "parquet": "One row a capture, with its text: for polars, pandas, DuckDB and R",
    "sqlite": "All tables in one database: captures, texts, changes, relations; opens in Datasette",
    "csv": "One row a capture, with its text: for a spreadsheet",
    "jsonl": "One row a capture, with its text: for programs",
    "txt": "The texts alone, each version once",
    "md": "The texts with headlines, dates and citations",
}


def downloads(request: Request) -> Response:
    """``/stories/SLUG/downloads``."""
    room = room_of(request)
    story = story_of(room, request.path_params["slug"])
    selection = wishes.wish(request.query_params, story.slug)
    query = str(request.url.query)
    return page(
        "downloads",
        room,
        heading="Take it home",
        story=story,
        part=describe(selection) if wishes.narrows(selection) else None,
        query=f"?{query}" if wishes.narrows(selection) else "",
        forms=[(form, TYPES[form][0], WORDS[form]) for form in WORDS if form in FORMATS],
        filled=wishes.fields(request.query_params),
        states=wishes.STATES,
        base=here(request),
    )


def download(request: Request) -> Response:
    """``/stories/SLUG/pull/FORM``, or with a file's name: ``/stories/SLUG/pull/SLUG.SUFFIX``."""
    room = room_of(request)
    story = story_of(room, request.path_params["slug"])
    form = _form(story.slug, request.path_params["form"])
    selection = wishes.wish(request.query_params, story.slug)
    suffix, kind = TYPES[form]
    name = codec.text_of(selection) + repr((form, room.state(story)))

    def make(path: Path) -> ObjectInfo:
        return _make(room, selection, form, path)

    file = f"{story.slug}{'-part' if wishes.narrows(selection) else ''}.{suffix}"
    made = room.files.file(name, file, make)
    headers = {"etag": made.etag, "content-security-policy": BARE_POLICY}
    return FileResponse(made.path, media_type=kind, filename=file, headers=headers)


def _form(slug: str, name: str) -> str:
    named = {f"{slug}.{suffix}": form for form, (suffix, _) in TYPES.items()}
    form = named.get(name, name)
    if form not in FORMATS or form not in TYPES:
        raise Refused(404, f"A story is given as {', '.join(TYPES)}.")
    return form


def _make(room: Room, selection: Selection, form: str, path: Path) -> ObjectInfo:
    with room.heavy():
        if form == "sqlite" and selection.story is not None:
            relate(room.archive, selection.story)
        try:
            pulled = pull(room.archive, selection, form, path, f"copytrail/{__version__}", folder=False)
        except NothingSelected as error:
            raise Refused(404, f"{error}.") from error
        except PullError as error:
            raise Refused(500, f"The store does not hold what the catalogue says: {error}.") from error
    with path.open("rb") as stream:
        size, digest = measured(stream)
    info = ObjectInfo(key=path.name, size=size, sha256=digest)
    _note(room, selection, form, info, {"captures": pulled.captures, "records": pulled.records, "bytes": size})
    return info


def _note(room: Room, selection: Selection, form: str, info: ObjectInfo, counts: dict[str, Any]) -> None:
    """Leave word of it; an archive that can only be read takes none, which is said in the log."""
    about = f"{describe(selection)} as {form}, from the reading room"
    try:
        room.archive.record(Act.PULLED, about, room.clock(), selection=selection, objects=[info], counts=counts)
    except (KeyProblem, StoreError) as error:
        _LOG.warning("no custody record could be written: %s", error)
