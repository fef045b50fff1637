"""Records made from Scrapy's own Response, as packages on the index make them: ``python -m benchmarks.peer_scrapy ASKS OUT``.

Contract: Scrapy as it comes, but for what would ask twice or elsewhere.  ``OUT`` becomes JSON lines ``tool, url, request, response`` (the
last two in base64): ``Scrapy, handler`` from the signal ``response_downloaded``, before any middleware, and ``Scrapy, spider`` from the
callback.  The best is made of what a Response has: all values of all headers, reason phrases from Python's table, the request's target
with its query, its Host.
"""

import base64
import json
import sys
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response

REASONS = {status.value: status.phrase for status in HTTPStatus}
SETTINGS: dict[str, Any] = {
    "CONCURRENT_REQUESTS": 1,  # the cases of one connection follow each other
    "COOKIES_ENABLED": False,
    "DOWNLOAD_TIMEOUT": 3,
    "HTTPERROR_ALLOW_ALL": True,
    "LOG_ENABLED": False,
    "REDIRECT_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "RETRY_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
}


class Recorder(Spider):
    """Asks, and writes both kinds of record."""

    name = "recorder"

    def __init__(self, asks: list[dict[str, Any]], out: Path) -> None:
        super().__init__()
        self._asks = asks
        self._out = out

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Listen before any middleware."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.downloaded, signals.response_downloaded)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Every ask."""
        for ask in self._asks:
            meta = {"proxy": f"http://{ask['proxy']}"} if ask["proxy"] else {}
            yield Request(ask["url"], method=ask["method"], headers=ask["headers"], body=ask["body"], meta=meta, dont_filter=True)

    def downloaded(self, response: Response, request: Request) -> None:
        """Before any middleware."""
        self._write("Scrapy, handler", response, request)

    def parse(self, response: Response) -> None:
        """After all of them."""
        assert response.request is not None
        self._write("Scrapy, spider", response, response.request)

    def _write(self, tool: str, response: Response, request: Request) -> None:
        start = f"HTTP/1.1 {response.status} {REASONS.get(response.status, '')}\r\n".encode()
        answer = start + response.headers.to_string() + b"\r\n\r\n" + response.body
        parts = urlsplit(request.url)
        line = f"{request.method} {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n".encode()
        asked = line + request.headers.to_string() + b"\r\n\r\n" + request.body
        row = {"tool": tool, "url": request.url, "request": _text(asked), "response": _text(answer)}
        with self._out.open("a", encoding="utf-8") as out:
            out.write(json.dumps(row) + "\n")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


if __name__ == "__main__":
    process = AsyncCrawlerProcess(SETTINGS)
    process.crawl(Recorder, json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
    process.start()
