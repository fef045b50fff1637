"""Documents of the archive put into stories as they come: what is new is placed, what was placed stays where it is.

Contract: of each article the first whole text counts (``crawlers/storytexts.py``), in the order of publication, or of capture where a page
states no time.  ``gather`` places the articles of a selection that have no place yet and yields each with the reason; ``PART`` of them
become one object (``archive/gatherings.py``) before they are yielded.  Who runs beside another loses nothing: the one whose number is taken
looks again.  ``candidates`` are the articles that stand in one gathered story with members of a watched one.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice

from archive.gatherings import gatherings, remember, remembered, save
from archive.judgements import ruled_out
from archive.records import Capture, Document, Selection, Story
from archive.relations import Merged, Placement
from archive.selecting import chosen, text_of
from archive.store import ObjectExists
from archive.surts import surt
from archive.vault import Archive
from crawlers.reread import NO_ARTICLES
from crawlers.storytexts import first_of
from pipeline.clusters.events import Placed
from pipeline.clusters.memory import dumped, loaded
from pipeline.clusters.online import State, place, replay
from pipeline.clusters.profile import moment

PART = 2000  # documents of one object


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An article that is no member of a story and tells of the same event as members do, as far as clustering can tell."""

    url: str
    document: str
    gathered: str  # id of the gathered story
    beside: int  # members of the watched story that are in it


def recalled(archive: Archive) -> tuple[State, int]:
    """All that was gathered, and the number of the last object; CodecError when one is damaged."""
    kept = remembered(archive.catalogue)
    number, state = (kept[0], loaded(kept[1])) if kept else (0, State())
    for item in gatherings(archive.store, number):
        known = archive.catalogue.captures_with(placement.document for placement in item.placements)
        for placement in item.placements:
            capture = known.get(placement.document)
            replay(state, placement, text_of(archive, capture) if capture else None)
        number = item.number
    return state, number


def gather(archive: Archive, now: datetime, selection: Selection | None = None) -> Iterator[tuple[Document, Placed]]:
    """Place what has no place yet, and say where and why."""
    state, number = recalled(archive)
    waiting = iter(_waiting(archive, state, selection or Selection()))
    while part := list(islice(waiting, PART)):
        while True:
            placed = [(document, place(state, document)) for document in _texts(archive, part) if document.capture not in state.home]
            if not placed:
                break
            try:
                save(archive, number + 1, [_placement(document, item) for document, item in placed], now)
            except ObjectExists:  # somebody else gathers too
                state, number = recalled(archive)
                continue
            number += 1
            break
        remember(archive.catalogue, number, dumped(state))
        yield from placed


def _waiting(archive: Archive, state: State, selection: Selection) -> list[str]:
    """The captures whose texts are to be placed, in the order in which they are."""
    veil = archive.veil()  # also for who may see everything: what is gathered is shown
    shown = (item for item in chosen(archive, selection) if item.found not in NO_ARTICLES and veil.hides(item) is None)
    found: list[tuple[datetime, str]] = []
    for _, group in groupby(shown, key=lambda item: item.surt):  # http and https are one article
        captures = list(group)
        if not any(item.id in state.home for item in captures) and (held := first_of(archive, captures)) is not None:
            found.append((moment(held.document.published) or held.capture.time, held.capture.id))
    return [capture for _, capture in sorted(found)]


def _texts(archive: Archive, captures: list[str]) -> Iterator[Document]:
    known = archive.catalogue.captures_with(captures)
    held = (first_of(archive, [known[name]]) for name in captures if name in known)
    return (item.document for item in held if item is not None)


def _placement(document: Document, item: Placed) -> Placement:
    return Placement(document=document.capture, url=document.url, story=item.joined, score=item.score, changes=item.changes)


def members_of(archive: Archive) -> dict[str, list[Placement]]:
    """The documents of each gathered story by its id, as all objects together have it."""
    home: dict[str, str] = {}
    placed: dict[str, Placement] = {}
    for item in (placement for gathering in gatherings(archive.store) for placement in gathering.placements):
        placed[item.document], home[item.document] = item, item.story
        for change in item.changes:
            home |= dict.fromkeys(change.members, change.into if isinstance(change, Merged) else change.new)
    found: dict[str, list[Placement]] = {}
    for document, story in home.items():
        found.setdefault(story, []).append(placed[document])
    return found


def candidates(archive: Archive, story: Story) -> list[Candidate]:
    """What may belong to a story, those beside most of its members first; of what a person ruled out nothing is said."""
    members = {surt(member.url) for member in story.members}
    known = members | {surt(url) for url in ruled_out(archive.store, story.slug)}
    gathered = members_of(archive)
    beside = Counter({name: sum(surt(item.url) in members for item in items) for name, items in gathered.items()})
    captures = archive.catalogue.captures_with(item.document for name in beside for item in gathered[name] if beside[name])
    found = [
        Candidate(url=item.url, document=item.document, gathered=name, beside=count)
        for name, count in beside.items()
        for item in gathered[name]
        if count and surt(item.url) not in known and _is_shown(archive, captures.get(item.document))
    ]
    return sorted(found, key=lambda item: (-item.beside, item.url))


def _is_shown(archive: Archive, capture: Capture | None) -> bool:
    return capture is not None and archive.veil().hides(capture) is None
