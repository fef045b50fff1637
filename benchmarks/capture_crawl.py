"""One crawl of the page server, for ``benchmarks.capture_cost``: ``python -m benchmarks.capture_crawl ROW PORT PAGES FOLDER [PROXY]``.

Contract: prints a JSON object: ``pages`` that the spider got, ``cpu`` seconds (user and system, all threads) from the first request to the
end of the spider, ``sealed`` the same to the end of the crawl, with everything brought home.  Spider, scheduler, robots.txt and number of
hosts are the same in every row; rows differ in ``ROWS`` alone.
"""

import json
import os
import resource
import sys
from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

HOSTS = 32
_COMMON: dict[str, Any] = {"CONCURRENT_REQUESTS": HOSTS, "LOG_LEVEL": "WARNING", "ROBOTSTXT_OBEY": True}
_OURS = {"ADDONS": {"crawlers.addon.Copytrail": 100}, "TELNETCONSOLE_ENABLED": False}
_LEAN = {"CONCURRENT_ITEMS": 4}
ROWS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain, charset": ("charset", _LEAN),
    "plain, no cookies": ("charset", {**_LEAN, "COOKIES_ENABLED": False}),
    "plain, as it comes": ("bare", {"LOG_LEVEL": "DEBUG"}),
    "ours, charset": ("charset", _OURS),
    "ours, no charset": ("bare", _OURS),
    "warcprox": ("charset", _LEAN),
}


def cpu() -> float:
    """Seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Reader(Spider):
    """Asks for the pages of one kind, and counts those that came decoded."""

    name = "reader"

    def __init__(self, kind: str, port: int, pages: int, proxy: str | None) -> None:
        super().__init__()
        # From 127.0.0.2 on: warcprox takes 127.0.0.1 for itself.
        self._urls = [f"http://127.0.0.{number % HOSTS + 2}:{port}/{kind}/{number}.html" for number in range(pages)]
        self._meta = {"proxy": proxy} if proxy else {}
        self.begun = self.ended = 0.0
        self.got = 0

    async def start(self) -> AsyncIterator[Request]:
        """Every page."""
        self.begun = cpu()
        for url in self._urls:
            yield Request(url, meta=dict(self._meta))

    def parse(self, response: Response) -> None:
        """Look at the body as any spider would."""
        self.got += response.status == 200 and response.body.endswith(b"</html>\n")

    def closed(self, reason: str) -> None:
        """Stop the clock."""
        self.ended = cpu()


def main(row: str, port: int, pages: int, folder: str, proxy: str | None = None) -> None:
    """Crawl once."""
    kind, settings = ROWS[row]
    os.environ |= {
        "COPYTRAIL_CONTACT": "desk@copytrail.example",
        "COPYTRAIL_STORE": folder,
        "COPYTRAIL_DELAY": "0",
        "COPYTRAIL_CONNECT_TO": f"*:*=127.0.0.1:{port}",
    }
    process = AsyncCrawlerProcess({**_COMMON, **settings})
    crawler = process.create_crawler(Reader)
    process.crawl(crawler, kind=kind, port=port, pages=pages, proxy=proxy)
    process.start()
    spider = crawler.spider
    assert isinstance(spider, Reader)
    print(json.dumps({"pages": spider.got, "cpu": spider.ended - spider.begun, "sealed": cpu() - spider.begun}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], *sys.argv[5:])
