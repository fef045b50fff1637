"""A revisit against the record to which it refers (WARC 1.1 §5.11–5.13, §6.7).

Contract: pure.  ``check`` takes what a revisit states and what was found under the id, or else the URL and the time, that it states; it
gives what is wrong as a rule and words.  Dates are compared as far as the less exact of them tells.
"""

from collections.abc import Iterator
from typing import NamedTuple

from archive import labelled
from archive.labelled import OURS, Labelled, agree

_WITH_PAYLOAD = ("response", "resource", "conversion")


class Revisit(NamedTuple):
    """What a revisit says; ``refers_to``, ``uri`` and ``date`` are of its original."""

    file: str
    offset: int
    id: str | None
    refers_to: str | None
    uri: str | None
    date: str | None
    payload: str | None
    own_date: str


class Original(NamedTuple):
    """What was found; ``payload`` is the sha256, ``stated`` what its header says of it."""

    id: str | None
    type: str
    uri: str | None
    date: str
    payload: bytes | None
    stated: str | None


def check(revisit: Revisit, original: Original | None) -> Iterator[tuple[str, str]]:
    """Everything that is wrong between the two."""
    if original is None:
        wanted = revisit.refers_to or f"{revisit.uri} at {revisit.date}"
        yield "revisit-dangling", f"a revisit of {wanted}, which is nowhere in what was verified"
        return
    stated = labelled.parse(revisit.payload or "")
    if original.type not in _WITH_PAYLOAD:
        yield "revisit-chain", f"a revisit of a {original.type} record, {original.id}"
    elif stated is not None and not agree(stated, payloads(original.payload, original.stated)):
        yield "revisit-other", f"a revisit for the payload {revisit.payload}, which is not that of {original.id}"
    if revisit.uri is not None and revisit.uri != original.uri:
        yield "revisit-uri", f"WARC-Refers-To-Target-URI is {revisit.uri[:200]}, {original.id} is of {str(original.uri)[:200]}"
    if revisit.date is not None and _order(revisit.date, original.date):
        yield "revisit-date", f"WARC-Refers-To-Date is {revisit.date[:40]}, {original.id} is of {original.date[:40]}"
    if _order(revisit.own_date, original.date) < 0:
        yield "revisit-early", f"a revisit at {revisit.own_date[:40]} of {original.id}, which is of {original.date[:40]}"


def _order(one: str, other: str) -> int:
    """Below 0 when the first date is earlier, above 0 when it is later, 0 when they are one."""
    one, other = one.removesuffix("Z"), other.removesuffix("Z")
    exact = min(len(one), len(other))
    return (one[:exact] > other[:exact]) - (one[:exact] < other[:exact])


def payloads(digest: bytes | None, stated: str | None) -> tuple[Labelled, ...]:
    """Every digest by which an index or a revisit may call a payload."""
    header = labelled.parse(stated or "")
    return (*((header,) if header is not None else ()), *((Labelled(OURS, digest),) if digest is not None else ()))
