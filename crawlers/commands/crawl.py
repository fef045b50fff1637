"""``scrapy crawl`` with an exit code that tells how the crawl went.

Scrapy's own ends with 0 when nothing could be fetched (users.md §4), so that cron and a workflow engine see success.  Here the spider's
outcomes decide: 0 done, 3 partly done, 4 nothing reached or store unreachable, 5 refused.
"""

import argparse

from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.exceptions import UsageError

from crawlers.spiders.base import ArchivingSpider


class Command(CrawlCommand):
    """Run one spider; the exit code is the spider's."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, then ask the spider how it went."""
        if len(args) != 1:
            raise UsageError("name one spider: scrapy crawl story, article or feed")
        assert self.crawler_process is not None
        crawler = self._create_crawler(args[0])
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        if isinstance(crawler.spider, ArchivingSpider):
            self.exitcode = crawler.spider.exit_code()
        elif self.crawler_process.bootstrap_failed:
            self.exitcode = 1
