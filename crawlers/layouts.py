"""Whether the texts of a run tell of an outlet's new layout: the archive's side of ``pipeline.layouts``.

Contract: reads the catalogue, changes nothing.  The run is given by its outcomes; an outlet's past is the last texts before the run.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from archive.catalogue import Catalogue
from archive.records import Alarm, Outcome
from pipeline.layouts import LAST, Row, layout_breaks, row_of
from pipeline.losses import NO_ARTICLES, outlet_of


def breaks_of(catalogue: Catalogue, outcomes: Iterable[Outcome], now: datetime) -> tuple[Alarm, ...]:
    """The alarms that the texts of one run raise."""
    rows = list(_rows(catalogue, outcomes))
    begun = min((row.time for row in rows), default=now)
    outlets = {outlet_of(row.url) for row in rows if row.lacks}
    history = {outlet: _past(catalogue, outlet, begun) for outlet in outlets}
    return layout_breaks(rows, history, now)


def _rows(catalogue: Catalogue, outcomes: Iterable[Outcome]) -> Iterator[Row]:
    for outcome in outcomes:
        if outcome.capture is not None and outcome.lead.found not in NO_ARTICLES:
            document = catalogue.document(outcome.capture)
            row = row_of(document, outcome.time) if document is not None else None
            if row is not None:
                yield row


def _past(catalogue: Catalogue, outlet: str, begun: datetime) -> list[Row]:
    """The last texts of an outlet before a run, oldest first."""
    found = catalogue.last_documents(outlet, begun, LAST)
    return [row for document, time in reversed(found) if (row := row_of(document, time)) is not None]
