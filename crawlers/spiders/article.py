"""``scrapy crawl article -a url=URL``: one page, or several separated by blanks, into the archive."""

from collections.abc import Sequence
from typing import Any

from archive.kinds import Found
from archive.records import Lead, Story
from crawlers.spiders.base import ArchivingSpider
from crawlers.stories import given


class ArticleSpider(ArchivingSpider):
    """Fetches what a person names and nothing else."""

    name = "article"
    found = Found.GIVEN

    def __init__(self, url: str = "", **kwargs: Any) -> None:
        """Take one URL, or several separated by blanks."""
        super().__init__(**kwargs)
        self._urls = url.split()

    def first_leads(self, story: Story | None) -> Sequence[Lead]:
        """What was named; StoryError for nothing, and for a URL that cannot be fetched."""
        return given(self._urls, self.name, self.found)
