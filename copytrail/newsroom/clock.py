"""The clock of the demo: ``MovableClock`` is a ``Callable[[], datetime]`` that anybody may set, from any thread.

Times are aware and in UTC.  The clock stands still unless it is given seconds to run on (``time.monotonic``), so that a test decides what
time it is.  A naive time is a ValueError.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

FIRST_CRAWL = datetime(2026, 5, 13, 9, tzinfo=UTC)
SECOND_CRAWL = FIRST_CRAWL + timedelta(days=7)


def _standing() -> float:
    return 0.0


class MovableClock:
    """Tells the time that it was last set to, plus the seconds that have run since."""

    def __init__(self, start: datetime, *, seconds: Callable[[], float] = _standing) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self.move(to=start)

    def __call__(self) -> datetime:
        with self._lock:
            return self._now()

    def move(self, *, to: datetime | None = None, by: timedelta = timedelta()) -> datetime:
        """Set the clock to a time, or on by some time (or both, in this order); return the new time."""
        if to is not None and to.tzinfo is None:
            raise ValueError(f"a time without a zone: {to.isoformat()}")
        with self._lock:
            self._time = (self._now() if to is None else to.astimezone(UTC)) + by
            self._since = self._seconds()
            return self._time

    def _now(self) -> datetime:
        return self._time + timedelta(seconds=self._seconds() - self._since)
