"""Extraction in worker processes: real processes, real signals."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from support.pages import make_page

from archive.records import Page
from pipeline.text import document
from pipeline.textpool import FailureKind, PoolError, TextFailure, TextPool

ROOT = Path(__file__).parents[2]
ARTICLE = (Path(__file__).parent / "pages/article.html").read_bytes()
# What a page's body tells the worker to do.
ORDERS = """
import os, signal, time
def obey(page):
    order, _, value = page.body.decode().partition(" ")
    if order == "sleep":
        time.sleep(float(value))
    if order == "spin":
        sum(range(10**12))  # in C, with the interpreter locked
    if order == "raise":
        raise ValueError(value)
    if order == "kill":
        os.kill(os.getpid(), getattr(signal, value))
    if order == "exit":
        os._exit(int(value))
    if order == "fill":
        return len(bytearray(int(value)))
    return os.getpid() if order == "who" else page.body
"""


@pytest.fixture(scope="module", autouse=True)
def orders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A module of work that goes wrong on demand, which the workers find on the caller's path."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "orders.py").write_text(ORDERS, encoding="utf-8")
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))


def obedient(*, workers: int = 1, deadline: float = 20.0, memory: int | None = None, renew: int = 500) -> TextPool:
    return TextPool(workers=workers, deadline=deadline, memory=memory, renew=renew, function="orders:obey")


def ask(pool: TextPool, *orders: str) -> list[object]:
    return [answer for _, answer in pool.extract(make_page(order, name=f"urn:uuid:{n}") for n, order in enumerate(orders))]


def failures(answers: list[object]) -> list[FailureKind | None]:
    return [answer.kind if isinstance(answer, TextFailure) else None for answer in answers]


def test_documents_equal_those_of_the_calling_process() -> None:
    """The same page gives the same document in a worker, twice, and here; importing the pool loads no extraction library."""
    page = make_page(ARTICLE)
    with TextPool(workers=2) as pool:
        found = [result for _, result in pool.extract([page, page])]

    assert found == [document(page)] * 2
    loaded = "import sys, pipeline.textpool; print(sorted({'lxml', 'trafilatura', 'multiprocessing.pool'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_answers_come_in_the_order_of_the_pages() -> None:
    """A slow page holds its place, and the pages after it are worked on meanwhile."""
    with obedient(workers=2) as pool:
        assert ask(pool, "sleep 0.3", "a", "b", "c", "d") == [b"sleep 0.3", b"a", b"b", b"c", b"d"]


def test_a_page_beyond_the_deadline_costs_itself() -> None:
    """A page that sleeps and one that never leaves C code end at the deadline; the pages around them are read."""
    with obedient(deadline=0.5) as pool:
        answers = ask(pool, "a", "sleep 60", "b", "spin", "c")

    assert failures(answers) == [None, FailureKind.DEADLINE, None, FailureKind.DEADLINE, None]


@pytest.mark.parametrize(
    ("order", "kind", "message"),
    [
        ("kill SIGSEGV", FailureKind.CRASHED, "worker ended: signal SIGSEGV"),
        ("kill SIGKILL", FailureKind.CRASHED, "worker ended: signal SIGKILL"),
        ("exit 3", FailureKind.CRASHED, "worker ended: exit code 3"),
        ("raise no such thing", FailureKind.ERROR, "ValueError: no such thing"),
    ],
)
def test_a_page_that_breaks_its_worker_costs_itself(order: str, kind: FailureKind, message: str) -> None:
    """The failure says which page and why; the next page has a worker again."""
    with obedient() as pool:
        before, failure, after = ask(pool, "a", order, "b")

    assert failure == TextFailure(capture="urn:uuid:1", kind=kind, message=message)
    assert (before, after) == (b"a", b"b")


def test_memory_is_bounded() -> None:
    """A page that needs more than the limit fails, in a worker of its own."""
    with obedient(memory=1 << 30) as pool:
        answers = ask(pool, f"fill {1 << 31}", f"fill {1 << 20}")

    assert failures(answers) == [FailureKind.ERROR, None]
    assert answers[1] == 1 << 20


def test_workers_are_renewed() -> None:
    """After the given number of pages a worker is replaced; until then it stays."""
    with obedient(renew=2) as pool:
        first, second, third, fourth, fifth = ask(pool, *["who"] * 5)

    assert first == second != third == fourth != fifth


def test_pages_are_read_as_they_are_worked_off() -> None:
    """However many pages there are, only a few are held at once."""
    read = 0

    def many() -> Iterator[Page]:
        nonlocal read
        for number in range(200):
            read += 1
            yield make_page("a", name=f"urn:uuid:{number}")

    with obedient(workers=2) as pool:
        most = max(read - done for done, _ in enumerate(pool.extract(many())))

    assert read == 200
    assert most <= 10


def test_extract_inside_extract() -> None:
    """While pages are being read, another page can be read with the same pool."""
    with obedient(workers=2) as pool:
        pairs = [(outer, *ask(pool, "inner")) for _, outer in pool.extract([make_page("a"), make_page("b"), make_page("c")])]

    assert pairs == [(b"a", b"inner"), (b"b", b"inner"), (b"c", b"inner")]


def test_a_caller_that_stops_half_way_leaves_no_worker_in_a_page() -> None:
    """Closing the iteration ends what is at work, and the pool goes on."""
    with obedient(workers=2) as pool:
        (who,) = ask(pool, "who")
        pages = pool.extract([make_page("a"), make_page("sleep 60"), make_page("sleep 60")])
        next(pages)
        pages.close()  # type: ignore[attr-defined]

        assert ask(pool, "b") == [b"b"]

    assert not alive(int(str(who)))


def test_a_pool_in_a_thread_of_an_asyncio_program() -> None:
    """The event loop goes on while pages are read in one of its threads."""

    async def program() -> tuple[list[object], int]:
        ticks = 0
        with obedient() as pool:
            work = asyncio.create_task(asyncio.to_thread(ask, pool, "sleep 0.3", "a"))
            while not work.done():
                ticks += 1
                await asyncio.sleep(0.01)
            return await work, ticks

    answers, ticks = asyncio.run(program())

    assert answers == [b"sleep 0.3", b"a"]
    assert ticks > 5


def test_threads_can_share_a_pool() -> None:
    """Two threads read their own pages."""
    found: dict[str, list[object]] = {}
    with obedient() as pool:
        threads = [Thread(target=lambda name=name: found.update({name: ask(pool, *[name] * 5)})) for name in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found == {"a": [b"a"] * 5, "b": [b"b"] * 5}


def test_workers_that_cannot_start_are_no_fault_of_a_page() -> None:
    """A function that does not exist ends the call with an error, instead of failing page after page."""
    with TextPool(workers=1, function="orders:missing") as pool, pytest.raises(PoolError, match="exit code 1"):
        list(pool.extract([make_page("a")]))


def test_workers_die_with_their_parent() -> None:
    """A caller that is killed leaves no process behind: an idle worker ends with its link, a busy one with its deadline."""
    program = f"""
import sys; sys.path[:] = {sys.path!r}
from support.pages import make_page
from pipeline.textpool import TextPool
pool = TextPool(workers=2, deadline=1.0, function="orders:obey")
for _, answer in pool.extract(make_page(order) for order in ["who", "who", "sleep 60", "sleep 60"]):
    print(answer, flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        workers = {int(parent.stdout.readline()) for _ in range(2)}
        parent.send_signal(signal.SIGKILL)

    until = time.monotonic() + 10
    while any(map(alive, workers)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(alive, workers))


def alive(process: int) -> bool:
    """Whether the process runs; one that ended and waits to be counted does not."""
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"
