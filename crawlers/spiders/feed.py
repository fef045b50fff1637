"""``scrapy crawl feed -a url=URL``: a feed or sitemap and the articles that it lists, into the archive."""

from collections.abc import Sequence
from typing import Any

from archive.records import Found, Lead, Story
from crawlers.spiders.base import ArchivingSpider
from crawlers.stories import given


class FeedSpider(ArchivingSpider):
    """Follows the entries of a feed, whatever they are about."""

    name = "feed"

    def __init__(self, url: str = "", **kwargs: Any) -> None:
        """Take one URL, or several separated by blanks."""
        super().__init__(**kwargs)
        self._leads = given(url.split(), self.name, Found.FEED_LINK)

    def first_leads(self, story: Story | None) -> Sequence[Lead]:
        """The feeds that were named."""
        return self._leads
