"""A whole store is held against its indexes, seeds and manifests; and neither our files nor those of other tools are accused."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.crawling import CONTACT, crawl, now, session_for
from support.shapes import SHAPES
from support.smallarchive import small_archive
from support.wireserver import CLOSE, NOT_FOUND, WireServer, page

from archive.findings import Finding, Severity, Tally
from archive.settings import Settings
from archive.store import StoreUnreachable, open_store
from archive.verify import verify
from crawlers.sink import open_sink

CHUNKED = (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n2;x=1\r\nab\r\n0\r\n\r\n",)
SITE = {
    "/": page(b'<a href="chunked">a</a> <a href="missing">b</a> <a href="moved">c</a> <a href="empty">d</a>'),
    "/chunked": CHUNKED,
    "/moved": (b"HTTP/1.1 302 Found\r\nLocation: /chunked\r\nContent-Length: 0\r\n\r\n",),
    "/empty": (b"HTTP/1.1 204 No Content\r\n\r\n",),
    "/robots.txt": NOT_FOUND,
}
CAPTURE = """
import sys
from warcio.capture_http import capture_http
import requests
with capture_http(sys.argv[1], warc_version="1.1"):
    for path in ("/", "/chunked", "/missing", "/moved"):
        requests.get(sys.argv[2] + path, timeout=20)
"""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    with small_archive(folder):
        pass
    return folder / "archive"


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    """A store of its own for each test."""
    return Path(shutil.copytree(original, tmp_path / "archive"))


def check(folder: Path) -> list[Finding]:
    return list(verify([open_store(str(folder))], open_store, Tally()))


def one(folder: Path, pattern: str) -> Path:
    return min(folder.glob(pattern))


def test_our_own_store_gives_no_finding(folder: Path) -> None:
    """Everything that was written is as it should be, and all of it was looked at."""
    tally = Tally()

    assert list(verify([str(folder)], open_store, tally)) == []
    assert (tally.files, tally.records) == (3 + 3 + 2, 3 + 8 * 3 + 2)


def _remove(pattern: str) -> Callable[[Path], None]:
    return lambda folder: one(folder, pattern).unlink()


def _append(pattern: str, data: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with one(folder, pattern).open("ab") as out:
            out.write(data)

    return change


def _replace(pattern: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = one(folder, pattern)
        assert old in path.read_bytes()
        path.write_bytes(path.read_bytes().replace(old, new))

    return change


def _copy(pattern: str, name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(one(folder, pattern), folder / name)

    return change


WARC, CDXJ, MANIFEST = "warc/**/*.gz", "cdxj/**/*.cdxj", "manifests/*/*.json"
DAMAGE: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "a WARC is gone": (_remove(WARC), {"manifest-missing", "index-file"}),
    "an index is gone": (_remove(CDXJ), {"manifest-missing", "store-index-missing"}),
    "a manifest is gone": (_remove(MANIFEST), {"manifest-chain", "manifest-unlisted"}),
    "a WARC is longer": (_append(WARC, b"x"), {"manifest-object", "gzip-junk"}),
    "an index says something else": (_replace(CDXJ, b'"status": "200"', b'"status": "201"'), {"manifest-object", "index-status"}),
    "a seed was changed": (_replace("seeds/*/*", b"bridge", b"brides"), {"manifest-object", "store-seed"}),
    "a story is damaged": (_replace("stories/*/*", b"{", b"["), {"manifest-object", "store-object"}),
    "a story is another": (_replace("stories/*/*", b'"version":1', b'"version":2'), {"manifest-object", "store-object"}),
    "a log is damaged": (_copy("seeds/*/*", "outcomes/2026/11/21/run-000001.jsonl"), {"store-object", "manifest-unlisted"}),
    "a manifest was changed": (_replace(MANIFEST, b'"number":1', b'"number":7'), {"manifest-chain"}),
    "a manifest is damaged": (_replace(MANIFEST, b"{", b"["), {"manifest-chain"}),
    "a WARC was slipped in": (
        _copy(WARC, "warc/2026/11/21/copytrail-20261121103000123-0009-evil.warc.gz"),
        {"manifest-unlisted", "store-index-missing", "id-copied"},
    ),
    "a stranger": (_copy(WARC, "elsewhere/x"), {"store-key"}),
}


@pytest.mark.parametrize(("damage", "expected"), DAMAGE.values(), ids=DAMAGE)
def test_damage_to_a_store_is_found(damage: Callable[[Path], None], expected: set[str], folder: Path) -> None:
    """Each object is held against what vouches for it; the finding names it."""
    damage(folder)
    findings = check(folder)

    assert expected <= {item.rule for item in findings}
    assert all(item.file.startswith(f"{folder}/") for item in findings)


def test_the_catalogue_and_open_files_are_no_objects(folder: Path) -> None:
    """The embedded archive keeps its work beside the objects."""
    work = Settings(store=str(folder)).folder
    (work / "open").mkdir(exist_ok=True)
    (work / "open" / "x.warc.gz.open").write_bytes(b"half")

    assert check(folder) == []
    assert (work / "catalogue.sqlite").exists()


def test_a_store_that_is_no_folder_cannot_be_verified(tmp_path: Path) -> None:
    """That is no finding about the archive but an error of the door."""
    (tmp_path / "file").write_text("x")

    with pytest.raises(StoreUnreachable):
        check(tmp_path / "file")


def test_no_shape_of_answer_makes_us_accuse_ourselves(tmp_path: Path) -> None:
    """Every oddity of real servers, captured by our handler, is an archive without an error."""

    async def archive() -> None:
        hosts = {shape.name: f"{shape.name}.example" for shape in SHAPES}
        replies = {f"{hosts[shape.name]} /": shape.reply for shape in SHAPES}
        sink = open_sink(Settings(store=str(tmp_path / "archive"), contact=CONTACT), clock=now)
        try:
            async with WireServer({**replies, "/robots.txt": (*NOT_FOUND, CLOSE)}) as server:
                await crawl(session_for(connect_to=server.connect_to, sink=sink), *(f"http://{host}/" for host in hosts.values()))
        finally:
            await sink.close()

    asyncio.run(archive())

    tally = Tally()
    findings = list(verify([str(tmp_path / "archive")], open_store, tally))
    assert tally.records > 3 * len(SHAPES)
    assert {item.rule for item in findings} <= {"http-lengths", "http-served", "http-coding-unknown"}
    assert all(item.severity is Severity.NOTE for item in findings)


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """WARC files that wget and warcio made of a small site."""
    folder = tmp_path_factory.mktemp("strangers")

    async def make() -> None:
        async with WireServer(SITE) as server:
            url = f"http://127.0.0.1:{server.port}"
            wget = [
                "wget",
                "--no-proxy",
                "-q",
                "-r",
                "-l",
                "2",
                "-P",
                str(folder / "site"),
                "--warc-cdx",
                f"--warc-file={folder}/wget",
                f"{url}/",
            ]
            for command in (wget, [sys.executable, "-c", CAPTURE, str(folder / "warcio.warc.gz"), url]):
                process = await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE)
                with suppress(TimeoutError):
                    _, talk = await asyncio.wait_for(process.communicate(), 60)
                assert process.returncode in {0, 8}, talk  # wget calls a 404 an error

    asyncio.run(make())
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["wget.warc.gz", "warcio.warc.gz"])
def test_good_files_of_other_tools_are_not_accused(strangers: Path, name: str) -> None:
    """What they do in their own way, digests over chunk framing or brackets round a URL, is at most a note.

    That wget keeps the request and not the answer 204 is said: the answer is lost.
    """
    tally = Tally()
    findings = list(verify([str(strangers / name)], open_store, tally))

    assert tally.records >= 8
    assert all("/empty, " in item.message for item in findings if item.rule == "request-alone")
    assert {item.rule for item in findings if item.severity is not Severity.NOTE} <= {"request-alone"}


def test_an_index_is_held_against_the_files_beside_it(strangers: Path, tmp_path: Path, judge: Callable[[str], Path]) -> None:
    """cdxj-indexer's own output for wget's file has nothing wrong; with another offset it has."""
    shutil.copy(strangers / "wget.warc.gz", tmp_path)
    made = subprocess.run([judge("cdxj-indexer"), "--sort", tmp_path / "wget.warc.gz"], capture_output=True, text=True, check=True)
    index = tmp_path / "wget.cdxj"
    index.write_text(made.stdout)
    good = [item for item in verify([str(tmp_path)], open_store, Tally()) if item.rule.startswith("index")]
    index.write_text(made.stdout.replace('"offset": "', '"offset": "1', 1))
    bad = {item.rule for item in verify([str(tmp_path)], open_store, Tally())}

    assert good == []
    assert "index-offset" in bad
