"""The child process of a ``TextPool``: reads pages from its connection and answers each with a document or a failure.

The parent starts it with an inherited socket as its only link.  It says READY once everything is imported, ends when the link closes, and
cannot outlive its work: before each page it sets the kernel's alarm, whose default action ends the process whatever C code it is in, so
that the deadline needs no timer in the parent and no orphan is left when the parent dies.
"""

import gc
import resource
import signal
from importlib import import_module
from multiprocessing.connection import Connection

from archive.records import Page
from pipeline.textpool import READY, FailureKind, TextFailure

_COLLECT = 20_000  # new objects after which the collector looks for cycles: a page makes as many, and few of them


def main(arguments: list[str]) -> None:
    """Serve on the file descriptor, with the deadline in seconds, the limit of memory in bytes (0: none) and the function named."""
    descriptor, deadline, memory, function = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to the whole group; the parent decides
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    if int(memory):
        resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    with Connection(int(descriptor)) as link:
        serve(link, float(deadline), function)


def settle() -> None:
    """Keep the collector off what was imported, which stays: looking through it again and again takes 3 % of a page and more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT)


def serve(link: Connection, deadline: float, function: str) -> None:
    """Answer pages until the link closes; ``function`` is "module:name", and takes a page."""
    module, _, name = function.partition(":")
    work = getattr(import_module(module), name)
    settle()
    link.send(READY)
    while True:
        try:
            page: Page = link.recv()
        except EOFError:
            return
        signal.setitimer(signal.ITIMER_REAL, deadline)
        try:
            answer = work(page)
        except Exception as error:  # noqa: BLE001 -- any failure of one page is its recorded outcome
            answer = TextFailure(capture=page.capture.id, kind=FailureKind.ERROR, message=f"{type(error).__name__}: {error}")
        signal.setitimer(signal.ITIMER_REAL, 0)
        link.send(answer)
