"""Which visits another worker has made meanwhile, by the catalogue that both share."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.badweb import article, message, serving
from support.doors import CONTACT
from support.wireserver import CLOSE, Reply, WireServer

from archive.kinds import Verdict
from archive.leases import Leases
from archive.records import Lead, Outcome
from archive.settings import Settings
from archive.vault import Archive, open_archive
from copytrail.newsroom import FIRST_CRAWL, MovableClock
from crawlers.leasing import Leaseholder
from crawlers.pace import Pace
from crawlers.requestlog import RequestLog
from crawlers.run import run_story
from crawlers.sharing import Place, Sharing
from crawlers.stories import add_seeds, due_leads, story_named

PAGE = "http://shared.example/page"


def sharing(archive: Archive, clock: MovableClock, holder: str) -> Sharing:
    """One worker's share of the story."""
    leases = Leaseholder(Leases(archive.catalogue, holder), Pace(), RequestLog(), clock)
    return Sharing(leases=leases, catalogue=archive.catalogue, story="shared")


async def _placed(share: Sharing, leads: Sequence[Lead]) -> Place:
    place = await share.place(leads[0], leads)
    await share.leases.release()
    return place


async def _begun(share: Sharing, leads: Sequence[Lead]) -> None:
    await share.begin()
    await share.note(leads)


SAME, WALL = (
    (message({"body": article("A ferry returns")}),),
    (message({"status": "403 Forbidden", "body": "<title>Just a moment...</title><h1>Checking your browser before you go on</h1>"}),),
)


@pytest.mark.parametrize("again", [SAME, WALL, (CLOSE,)], ids=["the same", "a wall", "no answer"])
@pytest.mark.parametrize("first", [SAME, WALL], ids=["a member", "never read"])
def test_a_visit_is_done_when_another_has_made_it_since_we_began(tmp_path: Path, first: Reply, again: Reply) -> None:
    """Whatever came of it; what was visited before, a moment ago and by whomever, is visited when asked for."""
    wire = WireServer({"/page": [first, again]})
    base = Settings(store=str(tmp_path / "archive"), contact=CONTACT, delay=0.0, max_hops=0)
    clock = MovableClock(FIRST_CRAWL)
    with serving(wire), open_archive(base) as archive:
        settings = replace(base, connect_to=wire.connect_to)
        add_seeds(archive, "shared", [PAGE], clock())
        run_story(archive, settings, story="shared", clock=clock)
        clock.move(by=timedelta(days=1))
        leads = due_leads(archive, story_named(archive, "shared"), clock(), everything=False)
        early, late = (sharing(archive, clock, name) for name in ("early", "late"))
        asyncio.run(_begun(early, leads))
        clock.move(by=timedelta(seconds=30))
        run_story(archive, settings, story="shared", recrawl="due", clock=clock)
        asyncio.run(_begun(late, leads))
        places = [asyncio.run(_placed(share, leads)) for share in (early, late)]

    assert [lead.url for lead in leads] == [PAGE]
    assert places == [Place.DONE, Place.OURS]


def test_a_domain_that_nobody_else_had_is_not_looked_at(tmp_path: Path) -> None:
    """The fencing number tells that nobody was there since our run began: the catalogue is not asked what became of each page."""
    clock = MovableClock(FIRST_CRAWL)
    with open_archive(Settings(store=str(tmp_path / "archive"), contact=CONTACT)) as archive:
        add_seeds(archive, "shared", [PAGE], clock())
        leads = archive.catalogue.waiting("shared")
        share = sharing(archive, clock, "alone")
        asyncio.run(_begun(share, leads))
        archive.catalogue.add_outcomes("shared", [ended_by_nobody(leads[0], clock())])
        alone = asyncio.run(_placed(share, leads))

    assert alone is Place.OURS


def ended_by_nobody(lead: Lead, now: datetime) -> Outcome:
    """An outcome that came without the lease: no worker writes one so."""
    return Outcome(run="elsewhere", url=lead.url or "", verdict=Verdict.KEPT, reason="as told", time=now, lead=lead)
