"""One worker at a time asks a domain: leases on SQLite and on PostgreSQL, by the clock of the database."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.postgres import postgres_server

from archive.catalogue import Catalogue
from archive.leases import Held, Lease, Leases


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A running server."""
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    """A catalogue of each kind."""
    url = f"sqlite:///{tmp_path}/catalogue.sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres")
    opened = Catalogue(url)
    yield opened
    opened.close()


@pytest.fixture
def domain() -> str:
    """A domain that no other test asks."""
    return f"{uuid.uuid4().hex}.example"


def taken(leases: Leases, domain: str) -> Lease:
    lease = leases.take(domain)
    assert isinstance(lease, Lease)
    return lease


def test_a_domain_has_one_holder(catalogue: Catalogue, domain: str) -> None:
    """Whoever comes second hears who has it; the holder may ask again, and nothing changes hands by that."""
    one, two = Leases(catalogue, "one"), Leases(catalogue, "two")

    first, second = taken(one, domain), two.take(domain)

    assert isinstance(second, Held)
    assert (second.holder, 50 < second.left <= 60) == ("one", True)
    assert taken(one, domain).fence == first.fence
    assert [held.domain for held in two.elsewhere([domain, "free.example"])] == [domain]
    assert one.elsewhere([domain]) == []


def test_of_many_that_ask_at_once_one_gets_it(catalogue: Catalogue, domain: str) -> None:
    """However close together they come."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: Leases(catalogue, f"worker {number}").take(domain), range(8)))

    assert sum(isinstance(item, Lease) for item in found) == 1


def test_the_wait_goes_with_the_domain(catalogue: Catalogue, domain: str) -> None:
    """Who gets it next waits as long as the one before would have had to, also when that one said it only in passing."""
    one, two = Leases(catalogue, "one"), Leases(catalogue, "two")
    lease = taken(one, domain)
    assert one.renew(domain, lease.fence, 100.0)
    assert one.renew(domain, lease.fence, 1.0)
    assert one.release(domain, lease.fence, 0.0)

    after = taken(two, domain)

    assert after.fence == lease.fence + 1
    assert 90 < after.wait <= 100


def test_a_holder_that_is_gone_loses_it(catalogue: Catalogue, domain: str) -> None:
    """After its time it is anybody's, and what the late holder says under its old number is refused and changes nothing."""
    one, two = Leases(catalogue, "one", 0.3), Leases(catalogue, "two", 30)
    old = taken(one, domain)
    time.sleep(0.35)

    new = taken(two, domain)

    assert new.fence == old.fence + 1
    assert not one.renew(domain, old.fence, 500.0)
    assert not one.release(domain, old.fence, 500.0)
    assert isinstance(one.take(domain), Held)
    assert taken(two, domain) == new


def test_a_late_holder_gets_a_new_number(catalogue: Catalogue, domain: str) -> None:
    """A lease that ran out is not the one that its holder takes next, even when nobody came between."""
    one = Leases(catalogue, "one", 0.1)
    old = taken(one, domain)
    time.sleep(0.15)

    assert not one.renew(domain, old.fence, 0.0)
    assert taken(one, domain).fence == old.fence + 1


def test_a_rebuild_takes_no_lease_away(catalogue: Catalogue, domain: str) -> None:
    """The catalogue is made anew while others crawl."""
    one, two = Leases(catalogue, "one"), Leases(catalogue, "two")
    taken(one, domain)

    catalogue.clear()

    assert isinstance(two.take(domain), Held)
