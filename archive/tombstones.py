"""What stands in the place of what is withdrawn: that something was there, when, with which digest, and why it is not shown.

Contract: ``withheld`` gives each hidden or erased capture that a selection is about, once, by story, address, outlet's host and time of
capture; what its text says is not asked, or the answer would tell.  ``row`` has the keys of ``KEYS``, and neither address nor words.
"""

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

from archive import unveiled
from archive.catalogue import Catalogue
from archive.records import Capture, Selection
from archive.selecting import NoSuchStory
from archive.urls import BadUrl, host, registered_domain, surt
from archive.vault import Archive
from archive.withdrawals import Stone, Withdrawal, stone_of

KEYS = ("record_id", "captured", "digest", "withdrawn", "mode", "reason", "until", "withdrawal")


def withheld(archive: Archive, selection: Selection) -> Iterator[tuple[Stone, Withdrawal]]:
    """What is not shown of what a selection is about; NoSuchStory for a story that nobody knows."""
    fits, told = _about(archive, selection), set[str]()
    for withdrawal in archive.veil().standing:
        for stone in (*withdrawal.stones, *map(stone_of, _later(archive, withdrawal))):
            if stone.record not in told and fits(stone):
                told.add(stone.record)
                yield stone, withdrawal


def row(stone: Stone, withdrawal: Withdrawal) -> dict[str, str | None]:
    """A tombstone as others may see it."""
    values = (
        stone.record,
        stone.time.isoformat().replace("+00:00", "Z"),
        stone.digest or stone.block_digest,
        withdrawal.time.isoformat().replace("+00:00", "Z"),
        str(withdrawal.mode),
        withdrawal.reason,
        withdrawal.until.isoformat().replace("+00:00", "Z") if withdrawal.until else None,
        withdrawal.id,
    )
    return dict(zip(KEYS, values, strict=True))


def _later(archive: Archive, withdrawal: Withdrawal) -> Iterator[Capture]:
    """What was captured or brought in of its addresses since it was made."""
    return (capture for url in withdrawal.urls for capture in unveiled.at(archive.catalogue, surt(url)))


def _about(archive: Archive, selection: Selection) -> Callable[[Stone], bool]:
    members = None
    if selection.story is not None:
        story = Catalogue.story(archive.catalogue, selection.story)  # with the articles that are not shown
        if story is None:
            raise NoSuchStory(f"there is no story {selection.story!r}")
        members = {member.url for member in story.members}

    def fits(stone: Stone) -> bool:
        name = _host(stone.url)
        outlets = {name, name.removeprefix("www."), registered_domain(name)}
        early = selection.captured_from is not None and stone.time < selection.captured_from
        late = selection.captured_to is not None and stone.time > selection.captured_to
        return (
            not (early or late)
            and (members is None or stone.url in members)
            and (selection.url is None or fnmatchcase(stone.url, selection.url))
            and (selection.outlet is None or selection.outlet.lower() in outlets)
        )

    return fits


def _host(url: str) -> str:
    try:
        return host(url)
    except BadUrl:
        return ""  # what others archived need be no address
