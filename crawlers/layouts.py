"""Whether the texts of a run tell of an outlet's new layout: the archive's side of ``pipeline.layouts``.

Contract: reads the archive, changes nothing.  The run is given by its outcomes; an outlet's past is the last texts before the run.  Only
where there is an alarm are pages read again, so that it can say whether the place that held the outlet's text is still there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from archive.catalogue import Catalogue
from archive.records import Alarm, Outcome
from archive.vault import Archive
from crawlers.profiles import profile_of, traces, tracing
from pipeline.layouts import LAST, Row, layout_breaks, row_of
from pipeline.losses import NO_ARTICLES, outlet_of
from pipeline.profiles import moved


def breaks_of(archive: Archive, outcomes: Iterable[Outcome], now: datetime) -> tuple[Alarm, ...]:
    """The alarms that the texts of one run raise."""
    rows = list(_rows(archive.catalogue, outcomes))
    begun = min((row.time for _, row in rows), default=now)
    outlets = {outlet_of(row.url) for _, row in rows if row.lacks}
    history = {outlet: _past(archive.catalogue, outlet, begun) for outlet in outlets}
    found = layout_breaks((row for _, row in rows), history, now)
    return tuple(_explained(archive, alarm, [item for item in rows if outlet_of(item[1].url) == alarm.about], begun) for alarm in found)


def _explained(archive: Archive, alarm: Alarm, rows: Sequence[tuple[str, Row]], begun: datetime) -> Alarm:
    """The alarm with what the markup of its pages says: a text can be short without any change of the layout."""
    lacking = [capture for capture, row in rows if row.lacks]
    with tracing() as pool:
        profile = profile_of(archive, pool, alarm.about, begun)
        change = moved(profile, traces(archive, pool, lacking)) if profile is not None else None
    if change is None:
        return alarm
    figures = {"place_pages": change.pages, "place_looked_at": change.articles, "place_pages_before": change.pages_before}
    return replace(alarm, message=f"{alarm.message}; {change}", evidence={**alarm.evidence, **figures})


def _rows(catalogue: Catalogue, outcomes: Iterable[Outcome]) -> Iterator[tuple[str, Row]]:
    """The capture and the row of each text; a page that was as empty before, and was only asked for again, is no news."""
    for outcome in outcomes:
        known = outcome.again and len(catalogue.captures_of(outcome.url)) > 1
        if outcome.capture is not None and outcome.lead.found not in NO_ARTICLES and not known:
            document = catalogue.document(outcome.capture)
            row = row_of(document, outcome.time) if document is not None else None
            if row is not None:
                yield outcome.capture, row


def _past(catalogue: Catalogue, outlet: str, begun: datetime) -> list[Row]:
    """The last texts of an outlet before a run, oldest first."""
    found = catalogue.last_documents(outlet, begun, LAST)
    return [row for document, time in reversed(found) if (row := row_of(document, time)) is not None]
