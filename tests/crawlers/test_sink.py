"""The way of exchanges into the archive's one thread."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.crawling import CONTACT
from support.exchanges import page

from archive.deposit import Deposit
from archive.records import Capture, Exchange
from archive.settings import Settings
from archive.vault import open_archive
from archive.warcwrite import Written
from crawlers.sink import ArchiveSink, sink_for


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[ArchiveSink]:
    """A sink into an archive in a folder."""
    settings = Settings(store=str(tmp_path / "store"), contact=CONTACT)
    with open_archive(settings) as archive:
        yield sink_for(archive, settings, clock=lambda: datetime.now(UTC), simulated=False)


def pages(count: int) -> list[Exchange]:
    return [page(b"Page %d" % number, url=f"http://paper.example/{number}") for number in range(count)]


async def sealed(sink: ArchiveSink) -> list[str]:
    """The URLs in the order in which they lie in the sealed file."""
    return [item.url for item in sorted(await sink.seal(), key=lambda item: item.ref.offset)]


async def test_exchanges_lie_in_the_order_of_the_calls(sink: ArchiveSink) -> None:
    """However many are kept at once, each is told its own place, and the file has them in order; sealing comes after them."""
    wanted = pages(50)

    under_way = [asyncio.ensure_future(sink.keep(exchange)) for exchange in wanted]
    await asyncio.sleep(0)
    found = await sealed(sink)
    kept = [await item for item in under_way]
    await sink.close()

    assert found == [exchange.url for exchange in wanted]
    assert [item.capture.url if item.capture else None for item in kept] == found


async def test_a_crowd_costs_one_question(sink: ArchiveSink) -> None:
    """What is kept at once is looked up at once, and each page that the archive holds already becomes a revisit of it."""
    wanted = pages(30)
    await asyncio.gather(*(sink.keep(exchange) for exchange in wanted))
    first = await sink.seal()
    questions: list[str] = []
    sa.event.listen(sink.archive.catalogue._engine, "before_cursor_execute", lambda *call: questions.append(call[2]))

    await asyncio.gather(*(sink.keep(exchange) for exchange in wanted))
    asked = len(questions)
    again = await sink.seal()
    await sink.close()

    assert asked == 1
    assert {item.refers_to for item in again} == {item.id for item in first}
    assert {item.kind for item in again} == {"revisit"}


async def test_one_that_cannot_be_written_stops_no_other(sink: ArchiveSink) -> None:
    """The error goes to who asked; what was handed over with it is written."""
    good, bad = pages(2), page(b"x", url="http://paper.example/\r\nWARC-Type: forged")

    results = await asyncio.gather(sink.keep(good[0]), sink.keep(bad), sink.keep(good[1]), return_exceptions=True)
    found = await sealed(sink)
    await sink.close()

    assert isinstance(results[1], ValueError)
    assert found == [exchange.url for exchange in good]


async def test_what_was_handed_over_is_written_though_nobody_waits(sink: ArchiveSink) -> None:
    """A request that is cancelled while its exchange waits for the thread loses nothing: it was fetched."""
    wanted = pages(20)
    under_way = [asyncio.ensure_future(sink.keep(exchange)) for exchange in wanted]
    await asyncio.sleep(0)

    for task in under_way:
        task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*under_way)

    assert await sealed(sink) == [exchange.url for exchange in wanted]
    await sink.close()


async def test_writing_does_not_hold_up_the_loop(sink: ArchiveSink, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk takes its time the loop goes on, and what comes meanwhile is written when the disk is ready."""
    slow, keep = threading.Event(), Deposit.keep

    def waiting(deposit: Deposit, exchange: Exchange) -> Written:
        slow.wait(10)
        return keep(deposit, exchange)

    monkeypatch.setattr(Deposit, "keep", waiting)
    first, second = (asyncio.ensure_future(sink.keep(exchange)) for exchange in pages(2))
    await asyncio.sleep(0.05)
    assert not first.done()
    slow.set()

    kept = [(await item).capture for item in (first, second)]
    await sink.close()
    assert all(isinstance(item, Capture) for item in kept)


async def test_a_closed_sink_takes_nothing(sink: ArchiveSink) -> None:
    """After closing, an exchange is refused at once and not left waiting for ever."""
    await sink.close()

    for exchange in pages(2):
        with pytest.raises(RuntimeError):
            await asyncio.wait_for(sink.keep(exchange), 5)
