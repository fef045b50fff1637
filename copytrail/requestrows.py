"""The request log of a story's newest run as rows: what ``status STORY --requests`` prints."""

from collections.abc import Iterator

from archive import codec
from archive.records import RequestEvent
from archive.requestlog import events_of
from archive.vault import Archive


def request_rows(archive: Archive, story: str) -> Iterator[tuple[dict[str, object], str]]:
    """Each event of the run that ended last, as a row and as a line; none when it asked for nothing, or was before there were logs."""
    outcomes = archive.catalogue.outcomes_of(story)
    if outcomes:
        for event in events_of(archive.store, max(outcomes, key=lambda item: item.time).run):
            yield codec.plain(event), _line(event)


def _line(event: RequestEvent) -> str:
    when = event.time.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    facts = [
        str(event.status) if event.status is not None else "",
        event.why,
        f"{event.seconds:g} s" if event.seconds is not None else "",
        f"until {event.until:%Y-%m-%dT%H:%M:%SZ}" if event.until is not None else "",
        f"try {event.attempt}" if event.attempt > 1 else "",
        f"from {event.via}" if event.via is not None else "",
    ]
    return f"{when}  {event.deed:9} {event.url}  {', '.join(filter(None, facts))}".rstrip()
