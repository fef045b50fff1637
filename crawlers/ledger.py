"""The account of one run: which URLs it knows, which are under way, and what came back for each.

Contract: a URL enters once (:meth:`Ledger.expect`) and leaves once (:meth:`Ledger.settle`); :meth:`Ledger.quiet` waits until none is under
way.  Law 3 rests on it: what has not been settled when the run ends is still listed, and gets its outcome from whoever closes the run.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from archive.kinds import Truncation, Verdict
from archive.records import Capture, Failure, Lead, RecordRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came back for one lead."""

    lead: Lead
    time: datetime
    status: int | None = None
    capture: Capture | None = None
    ref: RecordRef | None = None
    failure: Failure | None = None
    truncated: Truncation | None = None
    refused: tuple[Verdict, str] | None = None  # why it was not fetched at all
    again: bool = False  # refused for now alone
    location: str | None = None  # where a redirect points, absolute
    robots: str | None = None
    received: int = 0  # bytes of the payload


class Ledger:
    """The URLs of one run."""

    def __init__(self) -> None:
        """Start with no URL known."""
        self._leads: dict[str, Lead] = {}
        self._open: set[str] = set()
        self._fetched: list[Fetched] = []
        self._quiet = asyncio.Event()
        self._quiet.set()
        self.hosts: Counter[str] = Counter()  # pages asked for, by registered domain
        self.pages = 0
        self.requisites = 0
        self.bytes = 0

    def expect(self, lead: Lead) -> bool:
        """Enter a lead's URL; False when the run knows it already."""
        assert lead.url is not None
        if lead.url in self._leads:
            return False
        self._leads[lead.url] = lead
        self._open.add(lead.url)
        self._quiet.clear()
        return True

    def settle(self, fetched: Fetched) -> None:
        """Note what came back for a URL that is under way; a second answer for it is passed over."""
        assert fetched.lead.url is not None
        if fetched.lead.url not in self._open:
            return
        self._open.discard(fetched.lead.url)
        self._fetched.append(fetched)
        self.bytes += fetched.received
        if not self._open:
            self._quiet.set()

    async def quiet(self) -> None:
        """Wait until nothing is under way."""
        await self._quiet.wait()

    def take(self) -> list[Fetched]:
        """What has been settled since the last call, in the order in which it came."""
        taken, self._fetched = self._fetched, []
        return taken

    def unfinished(self) -> list[Lead]:
        """The leads that are still under way."""
        return [self._leads[url] for url in self._leads if url in self._open]

    def known(self) -> list[str]:
        """Every URL that this run has entered."""
        return list(self._leads)

    def knows(self, url: str) -> bool:
        """Whether this run has entered the URL."""
        return url in self._leads
