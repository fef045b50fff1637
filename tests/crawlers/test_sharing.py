"""Which visits another worker has made meanwhile, by the catalogue that both share."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from support.badweb import article, message, serving
from support.doors import CONTACT
from support.wireserver import WireServer

from archive.leases import Leases
from archive.records import Lead
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


async def _placed(share: Sharing, archive: Archive, clock: MovableClock) -> Place:
    leads = due_leads(archive, story_named(archive, "shared"), clock(), everything=True)
    place = await share.place(leads[0], leads)
    await share.leases.release()
    return place


async def _begun(share: Sharing, leads: Sequence[Lead]) -> None:
    await share.begin()
    await share.note(leads)


def test_a_visit_is_done_when_another_has_made_it_since_we_began(tmp_path: Path) -> None:
    """What was captured after our run began is done; what was captured before, a moment ago and by whomever, is visited when asked for."""
    wire = WireServer({"/page": (message({"body": article("A ferry returns")}),)})
    base = Settings(store=str(tmp_path / "archive"), contact=CONTACT, delay=0.0, max_hops=0)
    clock = MovableClock(FIRST_CRAWL)
    with serving(wire), open_archive(base) as archive:
        settings = replace(base, connect_to=wire.connect_to)
        add_seeds(archive, "shared", [PAGE], clock())
        run_story(archive, settings, story="shared", clock=clock)
        leads = due_leads(archive, story_named(archive, "shared"), clock(), everything=True)
        early, late = (sharing(archive, clock, name) for name in ("early", "late"))
        asyncio.run(_begun(early, leads))
        clock.move(by=timedelta(seconds=30))
        run_story(archive, settings, story="shared", recrawl="all", clock=clock)
        asyncio.run(_begun(late, leads))
        places = [asyncio.run(_placed(share, archive, clock)) for share in (early, late)]

    assert places == [Place.DONE, Place.OURS]
