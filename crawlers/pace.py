"""When each domain may be asked again: the one place that keeps the delay.

Contract: :meth:`Pace.wait` is asked right before a request goes out, and the request goes out when it says 0.  The delay runs from the
moment at which the answer to the last request began, because only then is it certain that the server has had that request; without an
answer, from the end of the attempt.  Time is the machine's since it was started, sleep included, so that neither a clock that is set nor a
lid that is closed shortens a wait.
"""

import time
from typing import Final

_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def seconds() -> float:
    """Now."""
    return time.clock_gettime(_CLOCK)


class Pace:
    """The waits of all domains, as long as a session lasts."""

    def __init__(self) -> None:
        """Start with no domain waiting."""
        self._ready: dict[str, float] = {}
        self._delays: dict[str, float] = {}

    def wait(self, domain: str) -> float:
        """Seconds until the domain may be asked."""
        return max(0.0, self._ready.get(domain, 0.0) - seconds())

    def hold(self, domain: str, wait: float) -> None:
        """Let nobody ask the domain for some seconds; a longer wait that is on already stays."""
        self._ready[domain] = max(self._ready.get(domain, 0.0), seconds() + wait)

    def delay(self, domain: str, least: float) -> float:
        """Seconds between two requests: ours, or the longer ones that the site asks for."""
        return max(least, self._delays.get(domain, 0.0))

    def slow_down(self, domain: str, delay: float) -> None:
        """Keep at least this delay from now on."""
        self._delays[domain] = self.delay(domain, delay)
