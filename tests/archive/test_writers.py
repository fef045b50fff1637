"""Two processes write into one store at once: one of them wins each key, both learn the truth, and the manifests stay whole."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.weed import BUCKET, Weed

from archive import manifest
from archive.store import Store

ROOT = Path(__file__).resolve().parents[2]
COUNT = 25
WRITER = """
import json, sys
from datetime import UTC, datetime
from archive import manifest
from archive.store import ObjectExists, open_store

url, endpoint, content, writer, count = sys.argv[1:]
store, now = open_store(url, endpoint=endpoint or None), datetime(2026, 11, 21, tzinfo=UTC)
print(flush=True)
sys.stdin.readline()
for number in range(int(count)):
    won = True
    try:
        info = store.create(f"stories/shared/v{number + 1:06}.json", f"{number} {content}".encode() * 2000)
    except ObjectExists:
        won = False
    own = store.create(f"seeds/{writer}-{content}/{number}", f"{writer} {content} {number}".encode())
    link = manifest.append(store, writer, [info, own] if won else [own], now)
    print(json.dumps([won, link]), flush=True)
"""


def written(store: Store, endpoint: str | None, *writers: tuple[str, str]) -> list[list[tuple[bool, str]]]:
    """What processes with these contents and writers' names say that start at one moment: for each number whether it won, and its link."""
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, store.url, endpoint or "", *who, str(COUNT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environ,
        )
        for who in writers
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=100)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    return [[(won, link) for won, link in map(json.loads, lines.splitlines())] for lines in said]


@pytest.fixture
def endpoint(request: pytest.FixtureRequest, store: Store) -> str | None:
    """Where the store's server is, if it has one."""
    weed: Weed | None = request.getfixturevalue("weed") if store.url.startswith(f"s3://{BUCKET}") else None
    return weed.endpoint if weed else None


@pytest.mark.parametrize("names", [("one", "two"), ("same", "same")], ids=["two names", "one name"])
def test_other_content(names: tuple[str, str], store: Store, endpoint: str | None) -> None:
    """Each key has exactly one winner, whose content is there whole; every link of the chains is somebody's, none is lost, all agree."""
    first, second = written(store, endpoint, ("first", names[0]), ("second", names[1]))

    for number, ((won, _), (also, _)) in enumerate(zip(first, second, strict=True)):
        assert won != also
        assert store.read(f"stories/shared/v{number + 1:06}.json") == f"{number} {'first' if won else 'second'}".encode() * 2000
    links = [link for _, link in first + second]
    assert sorted(links) == sorted(key for writer in manifest.writers(store) for key in manifest.links(store, writer))
    assert len(set(links)) == 2 * COUNT
    listed = sorted(item.key for writer in manifest.writers(store) for link in manifest.read_chain(store, writer) for item in link.objects)
    assert listed == sorted(key for key in store.keys("") if not key.startswith("manifests/"))
    assert list(manifest.check(store)) == []


def test_the_same_content(store: Store, endpoint: str | None) -> None:
    """Both creations of equal content succeed, and the object is there once."""
    first, second = written(store, endpoint, ("equal", "one"), ("equal", "two"))

    assert {won for won, _ in first + second} == {True}
    assert [store.read(key) for key in store.keys("stories/")] == [f"{number} equal".encode() * 2000 for number in range(COUNT)]
    assert list(manifest.check(store)) == []
