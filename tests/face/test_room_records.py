"""What the reading room hands out as it is: records, payloads, mementos, TimeMaps, files; each held against the archive itself."""

import gzip
import hashlib
import html
import json
import re
import shlex
import subprocess
import sys
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from support.programs import program
from support.readingroom import Room
from support.smallarchive import AGENCY, DAYS, GONE, PAPER, SLUG

from archive import warcread
from archive.pull import pull
from archive.records import Capture, Selection
from archive.vault import Archive
from copytrail import __version__


def test_a_record_is_its_gzip_member(room: Room) -> None:
    """The bytes of the file at the record's place, or what they hold; as a file to save, under no type of the server's."""
    visitor, archive = room
    for capture in archive.catalogue.all_captures():
        with archive.store.open(capture.ref.key, capture.ref.offset, capture.ref.length) as stream:
            member = stream.read()
        packed, plain = visitor.ask(f"/record/{capture.id}"), visitor.ask(f"/record/{capture.id}?plain")
        assert packed.body == member
        assert plain.body == gzip.decompress(member)
        assert packed.headers["content-type"] == plain.headers["content-type"] == "application/warc"
        assert packed.headers["content-disposition"] == f'attachment; filename="{capture.id[-36:]}.warc.gz"'


def test_a_payload_is_what_its_digest_is_of(room: Room) -> None:
    """Transfer coding removed, also through a revisit; its digest in the ETag and Content-Digest of the answer."""
    visitor, archive = room
    for capture in archive.catalogue.captures_of(AGENCY) + archive.catalogue.captures_of(PAPER):
        source = archive.catalogue.capture(capture.refers_to) if capture.refers_to else capture
        assert source is not None
        answer = visitor.ask(f"/raw/{capture.id}")
        digest = hashlib.sha256(answer.body).hexdigest()
        assert f"sha256:{digest}" == source.payload_digest
        assert answer.headers["etag"] == f'"{digest}"'
        assert answer.headers["content-type"] == "application/octet-stream"
        assert b"HTTP/" not in answer.body


def test_archived_headers_never_become_ours(room: Room) -> None:
    """The ETag of the paper's server and its kind of body stay in the record."""
    visitor, archive = room
    capture = archive.catalogue.captures_of(PAPER)[0]
    for path in (f"/raw/{capture.id}", f"/view/{capture.id}", f"/memento/20261121103001/{PAPER}"):
        answer = visitor.ask(path)
        assert answer.status == 200
        assert '"1"' not in answer.headers.as_string()
        assert "sandbox" in answer.headers["content-security-policy"]


def links(header: str) -> dict[str, str]:
    """Addresses by relation, of a Link header or of a TimeMap in link format."""
    found = re.findall(r'<([^>]*)>; rel="([^"]*)"', header)
    return {relation: address for address, relation in found}


def test_a_timegate_leads_to_the_memento_of_the_moment(room: Room) -> None:
    """302 with Vary, original and TimeMap, and no Memento-Datetime (RFC 7089 §4.1.1); without a wish the newest; a bad wish is 400."""
    visitor, archive = room
    stamps = [f"{item.time:%Y%m%d%H%M%S}" for item in archive.catalogue.captures_of(PAPER)]
    wishes = {
        "Sat, 21 Nov 2026 00:00:00 GMT": stamps[0],
        "Sat, 21 Nov 2026 22:00:00 GMT": stamps[0],
        "Sat, 21 Nov 2026 23:00:00 GMT": stamps[1],
        "Wed, 25 Nov 2026 00:00:00 GMT": stamps[2],
    }
    for wish, stamp in wishes.items():
        answer = visitor.ask(f"/timegate/{PAPER}", headers={"Accept-Datetime": wish})
        assert (answer.status, answer.headers["location"]) == (302, f"{visitor.base}/memento/{stamp}/{PAPER}")
        assert answer.headers["vary"] == "accept-datetime"
        assert "memento-datetime" not in answer.headers
        assert links(answer.headers["link"])["original"] == PAPER
        assert links(answer.headers["link"])["timemap"] == f"{visitor.base}/timemap/link/{PAPER}"
    assert visitor.ask(f"/timegate/{PAPER}").headers["location"].endswith(f"/{stamps[2]}/{PAPER}")
    assert visitor.ask(f"/timegate/{PAPER}", headers={"Accept-Datetime": "yesterday"}).status == 400
    assert visitor.ask("/timegate/http://nobody.example/").status == 404


def test_a_memento_says_when_it_was_and_what_is_around_it(room: Room) -> None:
    """Memento-Datetime and Link with original, timegate, timemap, first, prev, next and last (RFC 7089 §2), the archived status."""
    visitor, archive = room
    first, second, third = archive.catalogue.captures_of(PAPER)
    answer = visitor.ask(f"/memento/{second.time:%Y%m%d%H%M%S}/{PAPER}")
    found = links(answer.headers["link"])

    assert parsedate_to_datetime(answer.headers["memento-datetime"]) == second.time.replace(microsecond=0)
    assert {"original", "timegate", "timemap", "memento", "first prev memento", "next last memento"} == set(found)
    assert found["first prev memento"] == f"{visitor.base}/memento/{first.time:%Y%m%d%H%M%S}/{PAPER}"
    assert found["next last memento"] == f"{visitor.base}/memento/{third.time:%Y%m%d%H%M%S}/{PAPER}"
    assert "Three ferries sail" in answer.text
    gone = archive.catalogue.captures_of(GONE)[1]
    assert visitor.ask(f"/memento/{gone.time:%Y%m%d%H%M%S}/{GONE}").status == 404
    raw = visitor.ask(f"/memento/{second.time:%Y%m%d%H%M%S}id_/{PAPER}")
    assert f"sha256:{hashlib.sha256(raw.body).hexdigest()}" == second.payload_digest


def test_a_moment_between_two_mementos_leads_to_the_nearest(room: Room) -> None:
    """Fewer digits, http for https and one slash for two are understood; the answer leads to the one address of the memento."""
    visitor, archive = room
    stamp = f"{archive.catalogue.captures_of(PAPER)[0].time:%Y%m%d%H%M%S}"
    for asked in ("2026", "20261121", "20261121103005"):
        for url in (PAPER, PAPER.replace("http:", "https:"), PAPER.replace("//", "/"), PAPER.replace("://", "%3A%2F%2F")):
            answer = visitor.ask(f"/memento/{asked}/{url}")
            assert (answer.status, answer.headers["location"]) == (302, f"/memento/{stamp}/{PAPER}")
    assert visitor.ask(f"/memento/20269999/{PAPER}").status == 400
    assert visitor.ask(f"/memento/soon/{PAPER}").status == 400


def test_timemaps_list_every_memento(room: Room) -> None:
    """In link format with self, span, first and last, and the same as JSON."""
    visitor, archive = room
    captures = archive.catalogue.captures_of(PAPER)
    mementos = [f"{visitor.base}/memento/{item.time:%Y%m%d%H%M%S}/{PAPER}" for item in captures]
    listed, held = visitor.ask(f"/timemap/link/{PAPER}"), visitor.ask(f"/timemap/json/{PAPER}")
    lines = listed.text.rstrip("\n").split(",\n")
    told = json.loads(held.body)

    assert listed.headers["content-type"].startswith("application/link-format")
    assert lines[0] == f'<{PAPER}>; rel="original"'
    assert lines[1].startswith(f'<{visitor.base}/timemap/link/{PAPER}>; rel="self"; type="application/link-format"; from="Sat, 21 Nov 2026')
    assert [re.findall(r'<(.*)>; rel="(.*?)"', line)[0] for line in lines[3:]] == list(
        zip(mementos, ["first memento", "memento", "last memento"], strict=True)
    )
    assert [item["uri"] for item in told["mementos"]["list"]] == mementos
    assert (told["mementos"]["first"]["uri"], told["mementos"]["last"]["uri"]) == (mementos[0], mementos[2])
    assert visitor.ask("/timemap/link/http://nobody.example/").status == 404


@pytest.mark.parametrize("form", ["warc", "wacz", "cdxj", "parquet", "jsonl", "csv", "txt", "md"])
def test_a_download_is_the_pull(room: Room, tmp_path: Path, form: str) -> None:
    """The same bytes as ``pull`` makes, as a file with a name and the digest of its bytes."""
    visitor, archive = room
    answer = visitor.ask(f"/stories/{SLUG}/pull/{form}")
    name = re.findall(r'filename="([^"]+)"', answer.headers["content-disposition"])[0]

    assert answer.status == 200
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.body).hexdigest()}"'
    assert name.startswith(SLUG)
    pull(archive, Selection(story=SLUG), form, tmp_path / name, f"copytrail/{__version__}", folder=False)
    assert (tmp_path / name).read_bytes() == answer.body


def test_a_download_goes_on_after_a_break(room: Room) -> None:
    """Range gives a part, If-Range with an old ETag the whole, a part of a story its own file, an empty part 404."""
    visitor, _ = room
    whole = visitor.ask(f"/stories/{SLUG}/pull/warc")
    part = visitor.ask(f"/stories/{SLUG}/pull/warc", headers={"Range": "bytes=100-", "If-Range": whole.headers["etag"]})
    other = visitor.ask(f"/stories/{SLUG}/pull/warc", headers={"Range": "bytes=100-", "If-Range": '"another"'})

    assert (part.status, part.body) == (206, whole.body[100:])
    assert (other.status, other.body) == (200, whole.body)
    gone = visitor.ask(f"/stories/{SLUG}/pull/jsonl?state=gone")
    assert {json.loads(line)["url"] for line in gone.body.splitlines()} == {GONE}
    assert visitor.ask(f"/stories/{SLUG}/pull/jsonl?outlet=nobody.example").status == 404
    assert visitor.ask(f"/stories/{SLUG}/pull/jsonl?captured=sometime").status == 400
    assert visitor.ask(f"/stories/{SLUG}/pull/exe").status == 404


def test_the_lines_on_the_page_work_as_printed(room: Room, tmp_path: Path) -> None:
    """One for polars and one for curl; what they take is the archive's."""
    visitor, archive = room
    page = visitor.ask(f"/stories/{SLUG}/downloads").text
    polars, curl = (html.unescape(line) for line in re.findall(r"<pre[^>]*>([^<]+)</pre>", page))
    told = subprocess.run(
        [sys.executable, "-c", f"import polars; print({polars}.height)"], capture_output=True, text=True, timeout=60, check=True
    )
    subprocess.run([program("curl"), "-s", *shlex.split(curl)[1:]], cwd=tmp_path, timeout=60, check=True)

    assert int(told.stdout) == sum(len(archive.catalogue.captures_of(url)) for url in (PAPER, AGENCY, GONE))
    assert (tmp_path / f"{SLUG}.wacz").read_bytes() == visitor.ask(f"/stories/{SLUG}/pull/wacz").body


def test_a_record_that_is_not_there_is_an_error_and_no_answer(room: Room) -> None:
    """Unknown ids are 404; what a way out of the archive would name is unknown too."""
    visitor, _ = room
    for path in (
        "/record/urn:uuid:nobody",
        "/raw/..%2F..%2Fetc%2Fpasswd",
        "/record/../../etc/passwd",
        "/capture/urn:x",
        "/stories/..%2f",
        "/x",
    ):
        answer = visitor.ask(path)
        assert answer.status == 404, path
        assert "root:" not in answer.text


def test_what_a_revisit_stands_for_can_be_read(room: Room) -> None:
    """Its record says what it refers to, and the page leads there."""
    visitor, archive = room
    revisit = next(item for item in archive.catalogue.all_captures() if item.kind == "revisit")
    with warcread.record_at(archive.store, revisit.ref) as record:
        assert record.sole("WARC-Refers-To") == f"<{revisit.refers_to}>"

    assert f"/capture/{revisit.refers_to}" in visitor.ask(f"/capture/{revisit.id}").text


def oldest(archive: Archive, url: str) -> Capture:
    return archive.catalogue.captures_of(url)[0]


def test_the_clock_of_the_room_is_the_archive_s(room: Room) -> None:
    """Pages say times in UTC, as the captures have them."""
    visitor, archive = room

    assert f"{DAYS[0]:%Y-%m-%dT%H:%M}" in visitor.ask(f"/capture/{oldest(archive, PAPER).id}").text
