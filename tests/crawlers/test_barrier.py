"""What was withdrawn is not asked for any more, and to know that costs next to nothing."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from archive.custody import this_agent
from archive.store import StoreError
from archive.withdrawals import NOTHING, Mode, Veil, Withdrawal
from crawlers.barrier import Barrier

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
URL = "http://paper.example/flood"


def veil(*, until: datetime | None = None) -> Veil:
    """What one withdrawal of the page hides."""
    item = Withdrawal(id="w1", time=NOW, agent=this_agent(None), reason="a name", mode=Mode.HIDE, until=until, urls=(URL,))
    return Veil([item], NOW)


async def test_a_withdrawn_address_has_a_reason() -> None:
    """In any spelling that the index takes for the same; another address has none."""
    barrier = Barrier(veil)

    found = [await barrier.why(url) for url in (URL, "https://www.paper.example/flood", "http://paper.example/other")]

    assert found == ["withdrawn (w1): a name", "withdrawn (w1): a name", None]


async def test_an_embargo_is_watched_on() -> None:
    """What is hidden for a while is fetched, so that nothing is missing when it is shown again."""
    assert await Barrier(lambda: veil(until=NOW + timedelta(days=1))).why(URL) is None


async def test_many_questions_are_one_look() -> None:
    """The store is asked once for all that want to know at the same time, and for what comes within the second."""
    looks: list[Veil] = []

    def look() -> Veil:
        looks.append(NOTHING)
        return NOTHING

    barrier = Barrier(look)
    await asyncio.gather(*(barrier.why(f"{URL}/{number}") for number in range(50)))
    await barrier.why(URL)

    assert len(looks) == 1


async def test_a_store_that_cannot_say_lets_nothing_through() -> None:
    """The error reaches each that asks, and the next question looks again."""
    answers = [veil()]

    def look() -> Veil:
        if len(answers) == 1:
            answers.append(NOTHING)
            raise StoreError("no answer")
        return answers[0]

    barrier = Barrier(look)
    found = await asyncio.gather(barrier.why(URL), barrier.why(URL), return_exceptions=True)

    assert [str(item) for item in found] == ["no answer", "no answer"]
    assert await barrier.why(URL) == "withdrawn (w1): a name"


async def test_who_gives_up_stops_nobody_else() -> None:
    """A question that is cancelled leaves the look to the others."""
    barrier = Barrier(veil)
    first, second = (asyncio.ensure_future(barrier.why(URL)) for _ in range(2))
    await asyncio.sleep(0)

    first.cancel()

    assert await second == "withdrawn (w1): a name"
    with pytest.raises(asyncio.CancelledError):
        await first
