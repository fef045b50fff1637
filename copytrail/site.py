"""A site for everybody: the pages and packages of some stories as plain files in a folder or a bucket.

Contract: ``made`` builds the whole site in a folder; the same archive gives the same bytes, for every time in it is that of a capture.
``put`` brings it to a shelf: only what is new or other than before is sent, and what an earlier site listed and this one has no more is
removed, nothing else.  ``site.json`` lists every file; before a file is sent it is listed there without a digest, so that whatever comes
after an interruption, the same site or another, finds what is there.  What is withdrawn is not in the archive as it is read here, so it is
on no page, and goes from the shelf with the next ``publish``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from archive import codec, takehome
from archive.custody import handed_out
from archive.pulljob import NothingSelected
from archive.records import Selection, Story
from archive.shelf import Shelf
from archive.store import ObjectInfo, StoreError
from archive.takehomefiles import TYPES
from archive.vault import Archive
from copytrail.storypage import environment, page
from copytrail.storyview import story_view

LIST = "site.json"
DATA = "data"
_MIMES = {**TYPES, ".html": "text/html; charset=utf-8", ".json": "application/json", ".cff": "text/yaml; charset=utf-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What ``site.json`` says: the program, and every other file."""

    schema: str = "copytrail.site/1"
    software: str
    files: tuple[ObjectInfo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A story on the first page of the site; ``files`` by their paths in the site."""

    slug: str
    title: str
    articles: int
    outlets: int
    captures: int
    days: str
    files: tuple[ObjectInfo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How many files were sent, left as they were, and removed."""

    sent: int
    left: int
    removed: int


def made(archive: Archive, stories: Sequence[Story], forms: Sequence[str], title: str, folder: Path, software: str) -> Site:
    """Build the site of some stories in an empty folder; NothingSelected for a story that has nothing to show."""
    shown = [_story(archive, story, forms, folder, software) for story in stories]
    first = environment().get_template("site.html").render(title=title, stories=shown, version=software)
    (folder / "index.html").write_text(first, encoding="utf-8")
    return Site(software=software, files=handed_out(folder))


def put(site: Site, folder: Path, shelf: Shelf) -> Moved:
    """Bring a site to a shelf."""
    before = _listed(shelf)
    now = {item.key: item for item in site.files}
    other = [path for path, item in now.items() if before.get(path) != item]
    gone = [path for path in before if path not in now]
    if other:
        coming = {**before, **{path: ObjectInfo(key=path, size=0, sha256=None) for path in other}}
        _list(replace(site, files=tuple(coming.values())), folder, shelf)
    for path in other:
        shelf.put(path, folder / path, mime(path))
    for path in gone:
        shelf.remove(path)
    _list(site, folder, shelf)
    return Moved(sent=len(other), left=len(now) - len(other), removed=len(gone))


def _list(site: Site, folder: Path, shelf: Shelf) -> None:
    (folder / LIST).write_text(json.dumps(codec.plain(site), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    shelf.put(LIST, folder / LIST, mime(LIST))


def mime(path: str) -> str:
    """The media type of a file, by its name."""
    return _MIMES.get(Path(path).suffix, "application/octet-stream")


def _listed(shelf: Shelf) -> Mapping[str, ObjectInfo]:
    """The files of the site that is there; StoreError when something else has that name: what is there is not ours to replace."""
    data = shelf.read(LIST)
    if data is None:
        return {}
    try:
        return {item.key: item for item in codec.read(Site, data).files}
    except codec.CodecError as error:
        raise StoreError(f"{shelf.url} holds a {LIST} of another program: name another place") from error


def _story(archive: Archive, story: Story, forms: Sequence[str], folder: Path, software: str) -> Shown:
    home = folder / story.slug
    home.mkdir()
    selection = Selection(story=story.slug)
    package = takehome.pack(archive, selection, forms, home / DATA, software)
    if package.created is None:
        raise NothingSelected(f"{story.slug} has no capture that may be shown")
    view = story_view(archive, story, package.created)
    (home / "index.html").write_text(page(view), encoding="utf-8")
    return Shown(
        slug=story.slug,
        title=story.title,
        articles=len(view.articles),
        outlets=len(view.outlets),
        captures=len(view.captures),
        days=_days([capture.time for capture in view.captures]),
        files=handed_out(home / DATA, folder),
    )


def _days(times: Sequence[datetime]) -> str:
    """The first and the last day."""
    return " – ".join(dict.fromkeys(f"{time.astimezone(UTC):%Y-%m-%d}" for time in (min(times), max(times))))
