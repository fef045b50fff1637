"""The request log of a run: every request, and every decision about one, as objects.

Contract: ``requests/<run>/000001.jsonl.gz`` and up, one :class:`RequestEvent` a line, in the order in which things happened; a run writes a
part whenever its WARC is sealed, and the last one when it ends.  Of a run that was killed the last part is missing: what it had asked for
since then stands in its recovered WARC.  Nothing is derived from the log: it is there to be read by whoever asks what was done to a site.
"""

import gzip
from collections.abc import Iterator, Sequence
from datetime import datetime

from archive import codec, layout
from archive.records import RequestEvent
from archive.store import ObjectExists, Store
from archive.vault import Archive


def save_events(archive: Archive, run: str, part: int, events: Sequence[RequestEvent], now: datetime) -> int:
    """Store one part under the next number that is free from ``part`` on; that number."""
    text = "".join(f"{codec.text_of(event)}\n" for event in events)
    data = gzip.compress(text.encode(), mtime=0)
    while True:
        try:
            archive.create(layout.requests_key(run, part), data, now)
        except ObjectExists:  # a run of this name before us
            part += 1
            continue
        return part


def events_of(store: Store, run: str) -> Iterator[RequestEvent]:
    """The whole log of a run, part by part; CodecError when one cannot be read."""
    for key in store.keys(layout.requests_of(run)):
        yield from read_events(store.read(key))


def read_events(data: bytes) -> Iterator[RequestEvent]:
    """The events of one part."""
    try:
        text = gzip.decompress(data)
    except (OSError, EOFError) as error:
        raise codec.CodecError(f"not a part of a request log: {error}") from error
    for line in text.splitlines():
        yield codec.read(RequestEvent, line)
