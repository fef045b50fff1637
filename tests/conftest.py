"""What every test stands on.

- The environment is the same on every machine: no variable of ours, of AWS, of Prefect or of a proxy reaches a test or a process that it
  starts, telemetry is off, and Prefect's home is a temporary folder.
- No test leaves the machine: in this process a connection to another address than loopback, and a look-up of a name that could exist,
  fails the test that caused it, even where the code under test survives it.
- In CI (``CI`` is set) a skip is a failure: a green run there has run everything.
"""

import ipaddress
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}

FOREIGN = ("AWS_", "COPYTRAIL_", "PREFECT_", "SCRAPY_")
PROXIES = ("all_proxy", "http_proxy", "https_proxy", "no_proxy")
# RFC 2606 and RFC 6761: no such name is anybody's.
RESERVED = (".example", ".invalid", ".localhost", ".test")

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
hypothesis.settings.register_profile("desk", deadline=None)
hypothesis.settings.load_profile("ci" if IN_CI else "desk")

_left_the_machine: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    """Make the environment, and put the guard at the border of the machine; an audit hook stays until the process ends."""
    home = tempfile.mkdtemp(prefix="copytrail-tests-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    for name in list(os.environ):
        if (name.startswith(FOREIGN) and name != "COPYTRAIL_SHARED") or name.lower() in PROXIES:
            del os.environ[name]
    os.environ |= {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(Path(home) / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    sys.addaudithook(_border)


def _border(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse what would leave the machine.  The events are Python's own (PEP 578), so no library goes round them."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        peer, address = arguments
        if peer.family in {socket.AF_INET, socket.AF_INET6} and address and not _is_here(address[0]):
            _refuse(f"{event} {address}")
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"} and not _may_be_looked_up(arguments[0]):
        _refuse(f"{event} {arguments[0]!r}")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


def _may_be_looked_up(host: str | bytes | None) -> bool:
    name = (host.decode("latin-1") if isinstance(host, bytes) else host or "localhost").rstrip(".").lower()
    return _is_number(name) or name in {"localhost", socket.gethostname().lower()} or name.endswith(RESERVED)


def _is_number(host: str) -> bool:
    """Whether this is an address, which is not looked up; inet_aton also takes the short forms that libc takes, such as 127.1."""
    try:
        socket.inet_aton(host)
    except OSError:
        return ":" in host
    return True


def _refuse(what: str) -> None:
    _left_the_machine.append(what)
    pytest.fail(f"a test may only talk to this machine: {what}")


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[None]:
    """Fail the test during which something tried to leave the machine, also where the attempt was caught as an ordinary error."""
    _left_the_machine.clear()
    yield
    assert not _left_the_machine


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test is a failed one in CI."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"{item.nodeid} was skipped, and in CI nothing is: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A skipped module is a failed one in CI."""
    report = yield
    if IN_CI and report.skipped:
        report.outcome, report.longrepr = "failed", f"{collector.nodeid} was skipped, and in CI nothing is: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real pages and seeds, beside the checkout or where COPYTRAIL_SHARED says: the text of others, never in the repository."""
    folder = Path(os.environ.get("COPYTRAIL_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip("no folder of real pages: set COPYTRAIL_SHARED")
    return folder


@pytest.fixture(scope="session")
def judge() -> Callable[[str], Path]:
    """The path of a judge's program, ``judge("warcio")``; ``make judges`` installs them."""

    def program(name: str) -> Path:
        found = sorted(ROOT.glob(f".venv-judges/*/bin/{name}"))
        if not found:
            pytest.skip(f"no judge called {name}: make judges")
        return found[0]

    return program
