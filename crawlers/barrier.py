"""What a crawl does not ask for any more, because it was withdrawn from the archive (``archive/withdrawals.py``).

Contract: :meth:`Barrier.why` gives the reason in words, or None.  The store is looked at again, in a thread, when the last look is
``FRESH`` seconds old; all that ask meanwhile wait for the same look.  StoreError or CodecError when it cannot say: then nothing is asked
for.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from archive.withdrawals import NOTHING, Veil
from crawlers.pace import seconds

FRESH: Final = 1.0  # a look in a thread for each request would cost as much as to write its records


class Barrier:
    """One archive's withdrawals, as a crawl needs them."""

    def __init__(self, look: Callable[[], Veil]) -> None:
        """``look`` may ask the store."""
        self._look = look
        self._veil: Veil = NOTHING
        self._until = 0.0
        self._under_way: asyncio.Task[None] | None = None

    async def why(self, url: str) -> str | None:
        """Why an address is not asked for any more."""
        if seconds() >= self._until:
            if self._under_way is None:
                self._under_way = asyncio.ensure_future(self._ask())
            await asyncio.shield(self._under_way)
        found = self._veil.bars(url)
        return f"withdrawn ({found.id}): {found.reason}" if found is not None else None

    async def _ask(self) -> None:
        asked = seconds()
        try:
            self._veil = await asyncio.to_thread(self._look)
            self._until = asked + FRESH
        finally:
            self._under_way = None
