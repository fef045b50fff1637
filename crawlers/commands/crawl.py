"""``scrapy crawl`` with an exit code that tells how the crawl went.

Scrapy's own ends with 0 when nothing could be fetched (users.md §4), so that cron and a workflow engine see success.  Here the spider's
outcomes decide: 0 done, 2 wrong usage, 3 partly done, 4 nothing reached or archive unreachable, 5 refused.  A crawl that may not start says
why in one line.
"""

import argparse
import sys

from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from archive.catalogue import CatalogueError
from archive.store import StoreError
from crawlers.addon import session_of
from crawlers.session import BadSettings, CrawlRefused
from crawlers.spiders.base import ArchivingSpider


class Command(CrawlCommand):
    """Run one spider; the exit code is the spider's."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, then ask the spider how it went."""
        if len(args) != 1:
            raise UsageError("name one spider: scrapy crawl story, article or feed")
        assert self.crawler_process is not None
        known = self.crawler_process.spider_loader.list()
        if args[0] not in known:
            raise UsageError(f"there is no spider {args[0]!r}; there are {', '.join(known)}")
        crawler = self._create_crawler(args[0])
        self.exitcode = _refusal(crawler)
        if self.exitcode:
            return
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        if isinstance(crawler.spider, ArchivingSpider):
            self.exitcode = crawler.spider.exit_code()
        elif self.crawler_process.bootstrap_failed:
            self.exitcode = 1


def _refusal(crawler: Crawler) -> int:
    """Open the crawl's session; the exit code when it cannot be, with the reason on stderr."""
    try:
        session_of(crawler)
    except CrawlRefused as error:
        sys.stderr.write(f"crawl refused: {error}\n")
        return 2 if isinstance(error, BadSettings) else 5
    except (StoreError, CatalogueError) as error:
        sys.stderr.write(f"the crawl cannot start: {error}\n")
        return 4
    return 0
