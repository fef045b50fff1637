"""What ``gather`` does: texts of files once, or those of the archive going on from the last time.

Contract: files are read in order of publication, those without a date last, and nothing is stored; exit 3 when one cannot be read.  In the
archive what is new is placed and recorded; an archive that cannot be reached is a StoreError or CatalogueError.
"""

from collections.abc import Sequence
from datetime import datetime

from archive.records import Document, Selection
from archive.vault import Archive
from copytrail import gatherrows
from copytrail.output import Talk
from copytrail.relaterows import texts
from crawlers.gathering import candidates, gather, members_of
from crawlers.stories import story_named
from crawlers.storytexts import one
from pipeline.clusters.online import State, place
from pipeline.clusters.profile import moment


def of_texts(talk: Talk, arguments: Sequence[str]) -> int:
    """Put the texts of files together; nothing is kept."""
    given = texts(arguments)
    for problem in given.problems:
        talk.warn(f"{problem.source}: {problem.message}")
    state = State()
    for document in sorted(given.documents, key=_age):
        _tell(talk, gatherrows.placed_rows(document, place(state, document)))
    _tell(talk, gatherrows.story_rows(state.stories, {item.capture: item for item in given.documents}, state.stories))
    _sum_up(talk, len(given.documents), state.stories)
    if not given.documents:
        return 1
    return 3 if given.problems else 0


def _age(document: Document) -> tuple[bool, float]:
    time = moment(document.published)
    return time is None, time.timestamp() if time else 0.0


def of_archive(talk: Talk, archive: Archive, selection: Selection, now: datetime, *, every: bool) -> int:
    """Place what is new, and tell the stories to which something came, or ``every`` one."""
    fresh: list[str] = []
    for document, item in gather(archive, now, selection):
        fresh.append(document.capture)
        _tell(talk, gatherrows.placed_rows(document, item))
    stories = {name: [item.document for item in items] for name, items in members_of(archive).items()}
    home = {document: name for name, documents in stories.items() for document in documents}
    told = set(stories) if every else {home[document] for document in fresh}
    held = {name: found.document for story in told for name in stories[story] if (found := one(archive, name)) is not None}
    _tell(talk, gatherrows.story_rows(stories, held, told))
    _sum_up(talk, len(fresh), stories)
    return 0


def for_story(talk: Talk, archive: Archive, story: str) -> int:
    """Tell what may belong to a watched story."""
    found = candidates(archive, story_named(archive, story))
    _tell(talk, gatherrows.candidate_rows(story, found))
    talk.say(f"{len(found)} candidates among the gathered articles; copytrail gather looks for new ones")
    return 0


def _tell(talk: Talk, rows: gatherrows.Rows) -> None:
    for schema, row, line in rows:
        talk.emit(schema, row, line)


def _sum_up(talk: Talk, fresh: int, stories: gatherrows.Stories) -> None:
    together = sum(len(members) > 1 for members in stories.values())
    talk.say(f"{fresh} texts placed; {sum(map(len, stories.values()))} in {len(stories)} stories, {together} of them with several texts")
