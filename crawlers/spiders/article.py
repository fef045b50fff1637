"""``scrapy crawl article -a url=URL``: one page, or several separated by blanks, into the archive."""

from collections.abc import Sequence
from typing import Any

from archive.records import Found, Lead, Story
from crawlers.spiders.base import ArchivingSpider
from crawlers.stories import given


class ArticleSpider(ArchivingSpider):
    """Fetches what a person names and nothing else."""

    name = "article"

    def __init__(self, url: str = "", **kwargs: Any) -> None:
        """Take one URL, or several separated by blanks."""
        super().__init__(**kwargs)
        self._leads = given(url.split(), self.name, Found.GIVEN)

    def first_leads(self, story: Story | None) -> Sequence[Lead]:
        """The pages that were named."""
        return self._leads
