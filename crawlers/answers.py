"""A Scrapy response or failure as the one value that the ledger takes.

Contract: pure; an exception of a kind that is not foreseen still gives a :class:`Fetched`, with its class name as the reason: no URL may
end a run without an outcome (law 3).
"""

from dataclasses import replace
from datetime import datetime

from scrapy.http import Response

from archive.kinds import Phase, Verdict
from archive.records import Capture, Failure, Lead
from crawlers.ledger import Fetched
from crawlers.messages import target_of
from crawlers.politeness import Throttled
from crawlers.refusals import NotSent
from crawlers.robots import RobotsRefusal
from crawlers.session import Kept, kept_by

MAX_REDIRECTS = 10


def from_response(lead: Lead, response: Response, now: datetime) -> Fetched:
    """What an answer says about its lead."""
    return replace(_archived(lead, kept_by(response.meta), now), status=response.status, location=target_of(response))


def from_archive(lead: Lead, capture: Capture) -> Fetched:
    """What a run that was killed had fetched for its lead."""
    return _archived(lead, Kept(capture=capture, record=capture.id, ref=capture.ref), capture.time)


def from_exception(lead: Lead, error: BaseException, now: datetime, kept: Kept | None = None, robots: str | None = None) -> Fetched:
    """What a failed fetch, or one that was not allowed, says about its lead; ``kept`` is where its last exchange lies.

    ``robots`` is the record of the robots.txt that had permitted it, if that was asked.
    """
    fetched = _from_exception(lead, error, now, kept)
    return fetched if fetched.robots else replace(fetched, robots=robots)


def _from_exception(lead: Lead, error: BaseException, now: datetime, kept: Kept | None) -> Fetched:
    if isinstance(error, RobotsRefusal):
        return _forbidden(lead, error, now)
    if isinstance(error, Throttled):
        return Fetched(lead=lead, time=now, refused=(Verdict.THROTTLED, str(error)))
    if isinstance(error, NotSent):
        return Fetched(lead=lead, time=now, refused=(error.verdict, error.reason), again=True)  # another run may have more room
    found = _archived(lead, getattr(error, "kept", None) or kept, now)
    if found.capture is not None:
        return found  # an answer came, and Scrapy could not undo its content coding: the archive reads it by itself
    failure: Failure = getattr(error, "failure", None) or Failure(phase=Phase.HEAD, kind=type(error).__name__, message=str(error))
    return replace(found, failure=failure)


def _forbidden(lead: Lead, error: RobotsRefusal, now: datetime) -> Fetched:
    """robots.txt said no, or nothing: then the host's trouble is the lead's."""
    if error.failure is not None:
        failure = replace(error.failure, message=f"robots.txt: {error.failure.message}")
        return Fetched(lead=lead, time=now, failure=failure, robots=error.record)
    return Fetched(lead=lead, time=now, refused=(Verdict.REFUSED_ROBOTS, error.reason), robots=error.record, again=error.again)


def _archived(lead: Lead, kept: Kept | None, now: datetime) -> Fetched:
    """What the archive holds of a fetch."""
    capture = kept.capture if kept else None
    if kept is None or capture is None:
        return Fetched(lead=lead, time=now, ref=kept.ref if kept else None)
    return Fetched(
        lead=lead,
        time=capture.time,
        status=capture.status,
        capture=capture,
        ref=kept.ref,
        truncated=capture.truncated,
        robots=capture.robots,
        received=capture.payload_length or 0,
    )


def redirected(lead: Lead, fetched: Fetched) -> Lead | None:
    """The lead that a redirect makes; None when the answer is no redirect or points nowhere that can be fetched."""
    if fetched.location is None or fetched.location == lead.url:
        return None
    return replace(lead, url=fetched.location, parent=lead.url, evidence=f"redirect ({fetched.status}) from {lead.url}")


def looped(fetched: Fetched, chain: tuple[str, ...]) -> Fetched:
    """The fetch marked as failed when its redirect leads back into its own chain or the chain is too long."""
    if fetched.location in chain:
        return replace(fetched, refused=(Verdict.FAILED, f"redirect loop: back to {fetched.location}"))
    if fetched.location is not None and len(chain) > MAX_REDIRECTS:
        return replace(fetched, refused=(Verdict.FAILED, f"more than {MAX_REDIRECTS} redirects"))
    return fetched
