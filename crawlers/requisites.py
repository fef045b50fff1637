"""What pages need to be shown: read from the archive, and held against what is there already.

Contract: fetches nothing and decides nothing; ``pipeline.requisites`` reads the bytes, ``pipeline.validators`` says what is young enough.
When the articles of a run are in, :class:`Requisites` gives what their pages need, level by level: what a page names, what its style
sheets name, what those import, ``DEPTH`` levels at most.  What the run or the archive has already is not fetched, but what it needs in
turn is looked for all the same.  Each pair of a page or sheet and what it needs is a lead of its own in the run's log, once, so that a
pull of one page finds what it shares with others.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive.records import Capture, Lead, Page, Story
from archive.selecting import original_of
from archive.store import ObjectMissing
from archive.urls import surt
from archive.vault import Archive
from archive.warcread import WarcError
from crawlers.ledger import Ledger
from pipeline.coverage import Shown, leads_of_requisites, shows_member
from pipeline.requisites import MOST, SHEET, Needed, of_page, of_sheet
from pipeline.validators import suffices

DEPTH = 5  # a sheet that imports a sheet that imports a sheet with a font is at 4
logger = logging.getLogger(__name__)


def needs_of_page(archive: Archive, capture: Capture, hop: int) -> list[Lead]:
    """What a captured page needs."""
    return _needs(archive, capture, hop, of_page)


def needs_of_sheet(archive: Archive, capture: Capture, hop: int) -> list[Lead]:
    """What a captured style sheet needs; nothing when the capture is none."""
    shown = original_of(archive, capture) or capture
    sheet = shown.status == 200 and (capture.mime or shown.mime) == SHEET
    return _needs(archive, capture, hop, of_sheet) if sheet else []


def _needs(archive: Archive, capture: Capture, hop: int, read: Callable[[Page], Needed]) -> list[Lead]:
    try:
        needed = read(archive.page(capture))
    except (WarcError, ObjectMissing):
        return []  # damaged or gone: `verify` names it
    if needed.more:
        logger.warning("%s needs more than %d files to be shown: the first ones are fetched", capture.url, MOST)
    return leads_of_requisites(needed.urls, capture.url, hop)


@dataclass(slots=True, kw_only=True)
class Requisites:
    """The requisites of one run."""

    archive: Archive
    ledger: Ledger
    clock: Callable[[], datetime]
    young: timedelta  # how old what is in the archive may be
    waiting: Sequence[Lead] = ()  # what earlier runs did not get
    bare: Sequence[Capture] = ()  # pages of earlier runs whose requisites nobody has looked for
    _seen: set[str] = field(default_factory=set)

    def first(self, story: Story | None, shown: Iterable[Shown]) -> list[Lead]:
        """What the pages need that show an article of the story, or every page where there is no story."""
        articles = None if story is None else {surt(member.url) for member in story.members}
        pages = [(item.capture, item.hop) for item in shown if articles is None or shows_member(item.document, articles)]
        found = [lead for capture, hop in pages for lead in needs_of_page(self.archive, capture, hop)]
        visited = {capture.url for capture, _ in pages}
        late = [lead for page in self.bare if page.url not in visited for lead in needs_of_page(self.archive, page, page.hop)]
        return [*found, *late, *self.waiting]

    def wanted(self, leads: Iterable[Lead]) -> list[Lead]:
        """What is to be fetched of these, or instead of those that are there and need more."""
        fetch = []
        queue = deque(leads)
        while queue:
            lead = queue.popleft()
            assert lead.url is not None
            if lead.url in self._seen or self.ledger.knows(lead.url):
                continue
            self._seen.add(lead.url)
            if suffices(self.archive.catalogue.latest(lead.url), self.clock(), self.young):
                queue.extend(leads_of_requisites(self.archive.catalogue.needed_by(lead.url), lead.url, lead.hop))
            else:
                fetch.append(lead)
        return fetch

    def unknown(self, leads: Iterable[Lead]) -> list[Lead]:
        """The leads whose pair of page and requisite no run has noted yet."""
        noted: dict[str, set[str]] = {}
        fresh = {}
        for lead in leads:
            parent, url = lead.parent or "", lead.url or ""
            if parent not in noted:
                noted[parent] = set(self.archive.catalogue.needed_by(parent))
            if url not in noted[parent]:
                fresh[parent, url] = lead
        return list(fresh.values())
