"""An alarm about an outlet's layout says whether the place that held the text is still there."""

from datetime import timedelta
from pathlib import Path

import pytest
from support.courier import OUTLET, TOWNS, keep, town_page
from support.exchanges import STARTED
from support.smallarchive import settings

from archive.kinds import AlarmKind, Found, Verdict
from archive.records import Lead, Outcome
from archive.vault import Archive, open_archive
from crawlers.layouts import breaks_of

SHELL = (
    "<html><head><meta property='og:type' content='article'><title>{town}</title></head><body><div id='{name}'></div>{rest}</body></html>"
)
OLD_PLACE = "<section class='box'><div class='story'><p>{town}</p></div></section>"
DAY = STARTED + timedelta(days=-2)


def outcome(archive: Archive, url: str) -> Outcome:
    """How the last visit of a URL ended."""
    capture = archive.catalogue.captures_of(url)[-1]
    lead = Lead(url=url, found=Found.GIVEN)
    return Outcome(run="run", url=url, verdict=Verdict.KEPT, reason="", time=capture.time, lead=lead, capture=capture.id)


@pytest.mark.parametrize(("rest", "pages"), [("", 0), (OLD_PLACE, 3)])
def test_the_place_of_the_text_is_looked_for(rest: str, pages: int, tmp_path: Path) -> None:
    """Pages without text: the alarm tells those that have another layout from those in which the text's place is empty."""
    urls = {f"https://{OUTLET}/new/{town}": SHELL.format(town=town, name="root", rest=rest.format(town=town)) for town in TOWNS[:3]}
    with open_archive(settings(tmp_path)) as archive:
        keep(archive, {f"https://{OUTLET}/{town}": town_page(town) for town in TOWNS}, -3)
        keep(archive, urls, -2)
        (alarm,) = breaks_of(archive, [outcome(archive, url) for url in urls], DAY + timedelta(hours=1))

    assert (alarm.kind, alarm.about) == (AlarmKind.LAYOUT_BREAK, OUTLET)
    assert f"the text stood in “section.box > div.story > p” on 5 of 5 pages, and {pages} of these 3 have such a place" in alarm.message
    assert (alarm.evidence["place_pages"], alarm.evidence["place_looked_at"], alarm.evidence["place_pages_before"]) == (pages, 3, 5)
