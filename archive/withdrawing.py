"""Captures withdrawn on request: found with everything that shows the same bytes, hidden or erased, and shown again.

Contract: ``find`` changes nothing: it gives what the request names, the revisits that stand for it and go with it, and the copies of
the same payload elsewhere, which go with it when they are meant too.  ``hide`` stores the :class:`Withdrawal`, which holds from then on;
``lift`` shows again what was hidden.  Erasing begins in the same way (``archive/erasing.py``).  WithdrawalError says why not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive import codec, unveiled
from archive.custody import Act, this_agent
from archive.records import Capture
from archive.surts import surt
from archive.vault import Archive
from archive.withdrawals import Mode, Withdrawal, named, standing, stone_of, withdrawals


class WithdrawalError(ValueError):
    """What cannot be withdrawn or lifted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks for."""

    reason: str
    mode: Mode
    urls: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    until: datetime | None = None
    copies: bool = False  # also what has the same payload at other addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """What a request is about, each capture once, by time."""

    named: tuple[Capture, ...]
    revisits: tuple[Capture, ...]  # elsewhere, that stand for one of those
    copies: tuple[Capture, ...]  # elsewhere, with the same payload, and the revisits of these

    def taken(self, request: Request) -> tuple[Capture, ...]:
        """What is withdrawn."""
        return self.named + self.revisits + (self.copies if request.copies else ())


def find(archive: Archive, request: Request) -> Affected:
    """What the archive holds of it; WithdrawalError for a record that nobody knows."""
    chosen = {capture.id: capture for url in request.urls for capture in unveiled.at(archive.catalogue, surt(url))}
    for record in request.records:
        capture = archive.catalogue.capture(record)
        if capture is None:
            raise WithdrawalError(f"no capture {record} in the archive")
        chosen[capture.id] = capture
    same = {capture.id: capture for capture in _alike(archive, chosen.values()) if capture.id not in chosen}
    revisits = {capture.id: capture for capture in same.values() if capture.refers_to in chosen}
    return Affected(
        named=_by_time(chosen.values()),
        revisits=_by_time(revisits.values()),
        copies=_by_time(capture for capture in same.values() if capture.id not in revisits and _is_copy(capture, chosen.values())),
    )


def _alike(archive: Archive, captures: Iterable[Capture]) -> Iterable[Capture]:
    """What has the payload of one of these, and what was captured at the same addresses: a revisit may state no payload."""
    payloads = {capture.payload_digest for capture in captures if capture.payload_length and capture.payload_digest is not None}
    for payload in sorted(payloads):
        yield from unveiled.showing(archive.catalogue, payload)
    for key in sorted({capture.surt for capture in captures}):
        yield from unveiled.at(archive.catalogue, key)


def _is_copy(capture: Capture, chosen: Iterable[Capture]) -> bool:
    return capture.payload_digest is not None and capture.payload_digest in {item.payload_digest for item in chosen if item.payload_length}


def _by_time(captures: Iterable[Capture]) -> tuple[Capture, ...]:
    return tuple(sorted(captures, key=lambda item: (item.time, item.id)))


def hide(archive: Archive, request: Request, now: datetime) -> Withdrawal:
    """Show it no more, from now on; an address may be named of which nothing was captured yet."""
    _check(request, now)
    return save(archive, drafted(archive, request, find(archive, request).taken(request), now), now)


def drafted(archive: Archive, request: Request, taken: Sequence[Capture], now: datetime) -> Withdrawal:
    """What is asked for, of the captures that it takes now; without an id."""
    return Withdrawal(
        id="",
        time=now,
        agent=archive.agent or this_agent(None),
        reason=request.reason,
        mode=request.mode,
        until=request.until,
        urls=request.urls,
        records=request.records,
        payloads=payloads_of(taken) if request.copies else (),
        stones=tuple(map(stone_of, taken)),
    )


def payloads_of(captures: Iterable[Capture]) -> tuple[str, ...]:
    """The payloads of captures, but for the empty one."""
    return tuple(sorted({item.payload_digest for item in captures if item.payload_digest is not None and item.payload_length}))


def lift(archive: Archive, identifier: str, reason: str, now: datetime) -> Withdrawal:
    """Show again what a withdrawal hid, an embargo too."""
    known = {item.id: item for item in withdrawals(archive.store)}
    found = known.get(identifier)
    if found is None or found.mode is Mode.LIFT:
        raise WithdrawalError(f"there is no withdrawal {identifier!r}; copytrail withdraw --list has them")
    if found.mode is Mode.ERASE:
        raise WithdrawalError(f"{identifier} erased its records; there is nothing to show again")
    if found not in standing(known.values(), now):
        raise WithdrawalError(f"{identifier} holds no longer")
    agent = archive.agent or this_agent(None)
    return save(archive, Withdrawal(id="", time=now, agent=agent, reason=reason, mode=Mode.LIFT, lifts=identifier), now)


def _check(request: Request, now: datetime) -> None:
    if not request.reason.strip():
        raise WithdrawalError("a withdrawal needs a reason")
    if request.until is not None and request.until <= now:
        raise WithdrawalError(f"the embargo would end at {request.until.isoformat()}, which is past")


def save(archive: Archive, withdrawal: Withdrawal, now: datetime) -> Withdrawal:
    """Store a withdrawal under the id of its content, with a record of who did it; it holds when this returns."""
    kept = named(withdrawal)
    archive.create(kept.key, codec.text_of(kept).encode(), now)
    if archive.watch is not None:
        archive.watch.forget()
    about = f"{kept.mode} {kept.id}: {kept.reason}"
    archive.record(Act.WITHDREW, about, now, counts={"captures": len(kept.stones)})
    return kept
