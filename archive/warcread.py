"""Pages, read back from WARC files.

Contract: ``record_at`` opens the one record at an address.  ``page`` is what the pipeline reads: the answer of a capture with its codings
undone, through a revisit to the response that holds the payload.  Bytes that are not what they should be are a ``WarcError``, whatever they
are.  What a file holds tells ``archive/indexing.py``.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Protocol

from archive.captures import answer_head, charset
from archive.codings import decoded
from archive.heads import Head
from archive.layout import PLAIN_SUFFIX
from archive.records import Capture, Page, RecordRef
from archive.warcfields import WarcError, placed
from archive.warcstream import LINE_ENDS, Record, records

__all__ = ["Record", "Source", "WarcError", "page", "record_at", "records"]


class Source(Protocol):
    """Where WARC files lie: a store, or files by their names."""

    def open(self, key: str, offset: int = 0, length: int | None = None) -> IO[bytes]:
        """A reader from ``offset`` on that may end after ``length`` bytes."""


@contextmanager
def record_at(source: Source, ref: RecordRef) -> Iterator[Record]:
    """The record at ``ref``, open for reading; WarcError when none lies there, StoreError when a store cannot be read."""
    plain = ref.key.endswith(PLAIN_SUFFIX)
    length = ref.length + (len(LINE_ENDS) if plain else 0)
    with placed(ref.key), source.open(ref.key, ref.offset, length) as stream:
        record = next(records(stream, ref.offset, plain=plain), None)
        if record is None:
            raise WarcError(f"offset {ref.offset}: no record")
        yield record


def page(store: Source, capture: Capture, resolve: Callable[[str], Capture | None], limit: int) -> Page:
    """The answer of ``capture``, at most ``limit`` bytes of it; ``resolve`` finds the capture that a revisit refers to.

    WarcError when the record is not the one that was captured, or a revisit's original is nowhere.
    """
    with _opened(store, capture) as (record, head):
        if capture.kind == "response":
            body, problem = decoded(head, record.block, limit)
            return _page(capture, head, charset(head.first("content-type")), body, problem)
    original = resolve(capture.refers_to) if capture.refers_to else None
    if original is None or original.kind != "response":
        raise WarcError(f"{capture.ref.key}: {capture.id} is a revisit of {capture.refers_to}, which is not in the archive")
    with _opened(store, original) as (record, original_head):
        body, problem = decoded(original_head, record.block, limit)
    # A 304 need not repeat the Content-Type of what it stands for (RFC 9110 §15.4.5); a revisit may hold no head (WARC 1.1 §6.7.2).
    stated = head.first("content-type") or original_head.first("content-type")
    return _page(capture, head if head.start_line else original_head, charset(stated), body, problem)


@contextmanager
def _opened(store: Source, capture: Capture) -> Iterator[tuple[Record, Head]]:
    with record_at(store, capture.ref) as record:
        if record.id != capture.id:
            raise WarcError(f"offset {capture.ref.offset} holds {record.id}, not {capture.id}")
        yield record, answer_head(record.block, may_miss=capture.kind == "revisit")
        _ = record.length  # passes over what was not read and checks the record's end: a flipped bit is never taken for text


def _page(capture: Capture, head: Head, charset: str | None, body: bytes, problem: str | None) -> Page:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.fields)
    problem = problem or (f"cut short ({capture.truncated})" if capture.truncated else None)
    return Page(capture=capture, headers=headers, body=body, charset=charset, problem=problem)
