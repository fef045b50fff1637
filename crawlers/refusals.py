"""Requests that are not sent, for now or in this run, and how their URLs end it."""

from scrapy.exceptions import IgnoreRequest

from archive.kinds import Verdict


class NotSent(IgnoreRequest):
    """A request that this run does not send; another run may."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        """Carry the verdict and the reason."""
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason


class Stopped(NotSent):
    """The crawl was stopped before the request went out."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(Verdict.OVER_BUDGET, "the run was stopped before this was fetched")
