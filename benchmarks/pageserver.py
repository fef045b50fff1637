"""A server of invented news pages, as cheap as a server in Python can be: ``python -m benchmarks.pageserver PAGES``.

Contract: prints its port on 127.0.0.1 (it answers on every address of loopback) and serves until its standard input closes.
``/charset/N.html`` and ``/bare/N.html`` are page N with and without a charset in Content-Type, gzipped; every other path is 404,
robots.txt too.  A page is some 38 KB of HTML and 14 KB of gzip, each another one, the same in every run.
"""

import asyncio
import gzip
import random
import sys

_MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
_LETTERS = "eetaoinshrdlucmfwypvbgk"


def html(number: int) -> bytes:
    """Page ``number`` of an invented newspaper."""
    draw = random.Random(number)  # noqa: S311 -- the same pages in every run
    words = ["".join(draw.choices(_LETTERS, k=draw.randint(2, 10))) for _ in range(2500)]
    weights = [1 / (rank + 60) for rank in range(len(words))]
    paragraphs = [" ".join(draw.choices(words, weights, k=70)) for _ in range(60)]
    links = "".join(f'<li class="teaser"><a href="/news/{word}-{number}">{word}</a></li>\n' for word in words[:120])
    body = "\n".join(f'<p class="article__text">{text.capitalize()}.</p>' for text in paragraphs)
    return (
        f"<!DOCTYPE html>\n<html lang=en><head><title>{words[0]} {number}</title></head>\n<body><nav><ul>{links}</ul></nav>\n"
        f"<article><h1>{words[0]} {words[1]}</h1>\n{body}</article></body></html>\n"
    ).encode()


def answers(count: int) -> dict[bytes, bytes]:
    """Every request target and what is sent for it."""
    found = {}
    for number in range(count):
        packed = gzip.compress(html(number), 6, mtime=0)
        for kind, parameter in (("charset", "; charset=utf-8"), ("bare", "")):
            head = f"HTTP/1.1 200 OK\r\nServer: pages\r\nContent-Type: text/html{parameter}\r\nContent-Encoding: gzip\r\n"
            more = f'Vary: Accept-Encoding\r\nETag: "{number:x}"\r\nCache-Control: max-age=60\r\nContent-Length: {len(packed)}\r\n\r\n'
            found[f"/{kind}/{number}.html".encode()] = (head + more).encode() + packed
    return found


class _Pages(asyncio.Protocol):
    """One connection; requests without a body, one after another."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self._answers = answers
        self._data = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            target = self._data[:end].split(b" ", 2)[1]
            self._data = self._data[end + 4 :]
            self._transport.write(self._answers.get(target, _MISSING))


async def serve(count: int) -> None:
    """Serve until standard input closes."""
    loop = asyncio.get_running_loop()
    pages = answers(count)
    server = await loop.create_server(lambda: _Pages(pages), "0.0.0.0", 0, backlog=512)  # noqa: S104 -- 127.0.0.2 and on are hosts of their own
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
