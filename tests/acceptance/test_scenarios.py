"""Scenarios of the users that no other file tells: each is what a person types, an exit code, and what is there afterwards.

The others stand where their parts are tested; their docstrings say which they are.
"""

import json
import re
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml
from support.badweb import article, message, serving
from support.doors import run_door
from support.wireserver import Reply, WireServer, header

from copytrail.newsroom import EXPECTED

PROGRAM = Path(sys.executable).with_name("copytrail")
WANTED: dict[str, Any] = yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))
PAPER, AGENCY = "www.harbourtimes.example/2026/05/12/", "vesta.example/en/society/delvane-engineers"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's project."""
    folder = tmp_path_factory.mktemp("scenarios") / "demo"
    subprocess.run([PROGRAM, "demo", "-o", folder], capture_output=True, check=True, timeout=240)
    return folder


def rows(project: Path, *words: str) -> list[dict[str, Any]]:
    """The rows of a command that ends well."""
    done = subprocess.run([PROGRAM, "-C", project, *words, "--json"], capture_output=True, text=True, check=True, timeout=120)
    return [json.loads(line) for line in done.stdout.splitlines()]


def members(project: Path) -> dict[str, str]:
    """The addresses of the two texts that are compared."""
    urls = [row["url"] for row in rows(project, "status", "bridge") if row["schema"] == "copytrail.member/1"]
    return {name: next(url for url in urls if part in url) for name, part in {"001_paper": PAPER, "002_agency": AGENCY}.items()}


def test_two_outlets_are_compared(demo: Path) -> None:
    """Scenario 7: the sayings that the authors labelled by hand are found in both wordings, re-translated ones too; the agency is first."""
    urls = members(demo)
    (told,) = rows(demo, "compare", urls["001_paper"], urls["002_agency"])
    names = {item["id"]: next(name for name, url in urls.items() if url == item["url"]) for item in told["documents"]}
    found = [{names[item["document"]]: item["text"] for item in utterance["renderings"]} for utterance in told["utterances"]]
    wanted = [{name: words[name] for name in urls} for words in WANTED["utterances"].values() if set(urls) <= set(words)]

    assert len(wanted) >= 3
    for words in wanted:
        assert any(all(words[name] in said.get(name, "") for name in urls) for said in found), words
    for utterance in told["utterances"]:  # a text that says a thing twice, as a doubled body does, gives one rendering
        documents = [item["document"] for item in utterance["renderings"]]
        assert len(documents) == len(set(documents))
    (relation,) = [item for item in told["relations"] if item["kind"] == "cites"]
    assert (names[relation["from"]], names[relation["to"]]) == ("001_paper", "002_agency")
    assert names[told["primary_source"]["id"]] == WANTED["primary_source"]


def _paper(figure: str, advert: str, ago: str) -> bytes:
    """An article with what changes at every visit around it."""
    body = article("The old ferry returns to the northern island").decode()
    body = body.replace("</h1>", f"</h1><p>At least {figure} people waited at the landing on Tuesday, the harbour office said.</p>")
    around = (
        f'<aside class="ad">{advert}</aside><div class="related"><h2>Related</h2><ul><li><a href="/{advert}">{advert}</a></li></ul></div>'
    )
    return body.replace("</article>", f"</article>{around}<footer><p>Updated {ago} min ago</p></footer>").encode()


def test_one_figure_is_one_change(tmp_path: Path) -> None:
    """Scenario 8: an edited figure is one event with both digests; other adverts, related articles and "updated 5 min ago" are none."""
    versions = {
        "/figure": [_paper("139", "Buy boats", "2"), _paper("143", "Buy sails", "5")],
        "/same": [_paper("139", "Buy boats", "2"), _paper("139", "Buy sails", "5")],
    }
    answers: dict[str, Reply | list[Reply]] = {path: [(message({"body": body}),) for body in bodies] for path, bodies in versions.items()}
    wire = WireServer(answers)
    with serving(wire):
        told = {"store": tmp_path / "archive", "connect_to": wire.connect_to, "max_hops": 0}
        for words in (
            ["new", "ferry", *(f"http://paper.example{path}" for path in versions)],
            ["crawl", "ferry"],
            ["recrawl", "ferry", "--all"],
        ):
            done = run_door(["copytrail", *words], tmp_path, told)
            assert (done.code, done.clear) == (0, True), done.err
        said = run_door(["copytrail", "diff", "ferry", "--json"], tmp_path, told)
    (event,) = [json.loads(line) for line in said.out.splitlines()]

    assert (event["url"], event["class"]) == ("http://paper.example/figure", "figure")
    digests = {event[side]["digest"] for side in ("from", "to")}
    assert len(digests) == 2
    assert all(re.fullmatch("sha256:[0-9a-f]{64}", digest) for digest in digests)


def _warc(store: Path) -> Path:
    """The largest WARC of a store."""
    return max(store.glob("warc/**/*.warc.gz"), key=lambda path: path.stat().st_size)


def _members(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The gzip members of a file: where each begins, and what it unpacks to."""
    start = 0
    while start < len(data):
        unpacker = zlib.decompressobj(31)
        text = unpacker.decompress(data[start:])
        yield start, text
        start = len(data) - len(unpacker.unused_data)


def _cut_in_a_record(store: Path) -> str:
    path = _warc(store)
    path.write_bytes(path.read_bytes()[:-100])
    return path.name


def _cut_between_records(store: Path) -> str:
    path = _warc(store)
    data = path.read_bytes()
    path.write_bytes(data[: [start for start, _ in _members(data)][-1]])
    return path.name


def _flip_a_byte(store: Path) -> str:
    path = _warc(store)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return path.name


def _rewrite_payload_and_digest(store: Path) -> str:
    """Other words in a record, with every digest in it made to fit."""
    path = _warc(store)
    data = path.read_bytes()
    parts = list(_members(data))
    at = next(number for number, (_, text) in enumerate(parts) if b"WARC-Type: response" in text and b"Content-Encoding" not in text)
    head, _, block = parts[at][1].partition(b"\r\n\r\n")
    block = block[:-4]
    changed = block[:-1] + bytes([block[-1] ^ 1])
    old, new = (sha256(item).hexdigest().encode() for item in (block, changed))
    http, _, body = changed.partition(b"\r\n\r\n")
    before, after = sha256(block.partition(b"\r\n\r\n")[2]).hexdigest().encode(), sha256(body).hexdigest().encode()
    assert old in head
    fixed = head.replace(old, new).replace(before, after) + b"\r\n\r\n" + http + b"\r\n\r\n" + body + b"\r\n\r\n"
    packer = zlib.compressobj(wbits=31)
    end = parts[at + 1][0] if at + 1 < len(parts) else len(data)
    path.write_bytes(data[: parts[at][0]] + packer.compress(fixed) + packer.flush() + data[end:])
    return path.name


def _delete_a_file(store: Path) -> str:
    path = _warc(store)
    path.unlink()
    return path.name


DAMAGES: Mapping[str, Callable[[Path], str]] = {
    "cut in a record": _cut_in_a_record,
    "cut between records": _cut_between_records,
    "one byte flipped": _flip_a_byte,
    "payload and digest rewritten": _rewrite_payload_and_digest,
    "file deleted": _delete_a_file,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_archive_is_found_out(demo: Path, tmp_path: Path, damage: str) -> None:
    """Scenario 10, a to e: exit 1, and an error names the file."""
    store = tmp_path / "archive"
    shutil.copytree(demo / "archive", store)
    before = subprocess.run([PROGRAM, "verify", store, "--json"], capture_output=True, text=True, check=False, timeout=120)
    name = DAMAGES[damage](store)
    after = subprocess.run([PROGRAM, "verify", store, "--json"], capture_output=True, text=True, check=False, timeout=120)
    errors = [row for row in map(json.loads, after.stdout.splitlines()) if row["severity"] == "error"]

    assert before.returncode == 0, before.stdout
    assert after.returncode == 1
    assert any(name in row["file"] + row["message"] for row in errors), errors


def test_a_package_without_its_archive_is_found_out(demo: Path, tmp_path: Path) -> None:
    """Scenario 10, f: a WACZ whose ``archive/`` was taken out, with a package list that says nothing of it."""
    path = tmp_path / "bridge.wacz"
    with ZipFile(demo / "bridge.wacz") as source, ZipFile(path, "w") as target:
        for info in source.infolist():
            if not info.filename.startswith(("archive/", "datapackage")):
                target.writestr(info.filename, source.read(info))
        described = json.loads(source.read("datapackage.json"))
        described["resources"] = [item for item in described["resources"] if not item["path"].startswith("archive/")]
        data = json.dumps(described).encode()
        target.writestr("datapackage.json", data)
        digest = {"path": "datapackage.json", "hash": f"sha256:{sha256(data).hexdigest()}"}
        target.writestr("datapackage-digest.json", json.dumps(digest))
    done = subprocess.run([PROGRAM, "verify", path, "--json"], capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 1
    assert any(row["severity"] == "error" and "archive" in row["message"] for row in map(json.loads, done.stdout.splitlines())), done.stdout


def test_a_bad_day_is_told_as_what_it_is(tmp_path: Path) -> None:
    """Scenario 13: throttled, gone, blocked by law, unreachable and refused are five things, none of them an edit; the exit is 3."""
    good = message({"body": article("The old ferry returns to the northern island")})
    late = {"status": "429 Too Many Requests", "fields": ["Retry-After: 3600", "Content-Type: text/html"], "body": "slow down"}
    bad: dict[str, bytes] = {
        "throttled.example": message(late),
        "gone.example": message({"status": "404 Not Found", "body": "gone"}),
        "law.example": message({"status": "451 Unavailable For Legal Reasons", "body": "blocked"}),
    }
    closed = message({"fields": ["Content-Type: text/plain"], "body": "User-agent: *\nDisallow: /"})
    answers: dict[str, Reply | list[Reply]] = {f"{host} /a": [(good,), (answer,)] for host, answer in bad.items()}
    answers |= {"dead.example /a": (good,), "closed.example /a": (good,), "closed.example /robots.txt": (closed,)}
    hosts = [*bad, "dead.example", "closed.example"]
    wire = WireServer(answers)
    with serving(wire):
        told = {"store": tmp_path / "archive", "connect_to": wire.connect_to, "max_hops": 0}
        run_door(["copytrail", "new", "ferry", *(f"http://{host}/a" for host in hosts)], tmp_path, told)
        first = run_door(["copytrail", "crawl", "ferry"], tmp_path, told)
        away = {**told, "connect_to": f"dead.example:80=127.0.0.1:1,{wire.connect_to}"}
        began = time.monotonic()
        second = run_door(["copytrail", "recrawl", "ferry", "--all"], tmp_path, away)
        seconds = time.monotonic() - began
    status = run_door(["copytrail", "status", "ferry", "--json"], tmp_path, told)
    said = [json.loads(line) for line in status.out.splitlines()]
    verdicts = ("throttled", "gone", "legal_block", "unreachable", "refused_robots", "edited")
    ended = {row["outlet"]: {name for name in verdicts if row[name]} for row in said if row["schema"] == "copytrail.outlet/1"}

    assert (first.clear, second.code, second.clear) == (True, 3, True), second.err
    assert seconds < 90  # nobody waited for the hour that the server asked for: the page stays for a later run
    assert ended == {
        "throttled.example": {"throttled"},
        "gone.example": {"gone"},
        "law.example": {"legal_block"},
        "dead.example": {"unreachable"},
        "closed.example": {"refused_robots"},
    }
    assert {item.path for item in wire.log if item.host == "closed.example"} == {"/robots.txt"}
    assert all("tests@copytrail.example" in header(item.request, b"User-Agent") for item in wire.log)
