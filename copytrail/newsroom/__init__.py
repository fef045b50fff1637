"""The demo newsroom: five invented outlets that cover one invented story, served on loopback.

The story, the closing and reopening of a lift bridge, is made up, and so are its people, places, papers and agencies.  What is real is
the shape: the pages carry the share bars, breadcrumbs, doubled bodies and promotion lines of real ones, link and feed as real ones do,
and are edited, corrected and deleted as time goes on.  ``expected.yaml`` says what a correct run finds in them, ``seeds`` holds the five
articles as a researcher would have scraped them.

    with Newsroom(MovableClock(FIRST_CRAWL)) as newsroom:
        os.environ.update(newsroom.environment())  # the crawler now finds the outlets
        newsroom.clock.move(to=SECOND_CRAWL)  # and a week has passed

What a page looks like depends on nothing but the request and the clock (``site.respond``).
"""

from copytrail.newsroom.clock import FIRST_CRAWL, SECOND_CRAWL, MovableClock
from copytrail.newsroom.content import EXPECTED, SEEDS
from copytrail.newsroom.server import Newsroom
from copytrail.newsroom.site import Response, respond

__all__ = ["EXPECTED", "FIRST_CRAWL", "SECOND_CRAWL", "SEEDS", "MovableClock", "Newsroom", "Response", "respond"]
