"""What a crawl does not ask for any more, because it was withdrawn from the archive (``archive/withdrawals.py``).

Contract: :meth:`Barrier.why` gives the reason in words, or None.  The store is looked at again, in a thread, when the last look is
``FRESH`` seconds old; all that ask meanwhile wait for the same look.  StoreError or CodecError when it cannot say: then nothing is asked
for.
"""

import asyncio
from typing import Final

from archive.vault import Archive
from archive.withdrawals import NOTHING, Veil
from crawlers.pace import seconds

FRESH: Final = 1.0  # a look in a thread for each request would cost as much as to write its records


class Barrier:
    """One archive's withdrawals, as a crawl needs them."""

    def __init__(self, archive: Archive) -> None:
        """Nothing is known yet."""
        self._archive = archive
        self._veil: Veil = NOTHING
        self._until = 0.0
        self._look: asyncio.Task[None] | None = None

    async def why(self, url: str) -> str | None:
        """Why an address is not asked for any more."""
        if seconds() >= self._until:
            if self._look is None:
                self._look = asyncio.ensure_future(self._look_again())
            await asyncio.shield(self._look)
        found = self._veil.bars(url)
        return f"withdrawn ({found.id}): {found.reason}" if found is not None else None

    async def _look_again(self) -> None:
        asked = seconds()
        try:
            self._veil = await asyncio.to_thread(self._archive.veil)
            self._until = asked + FRESH
        finally:
            self._look = None
