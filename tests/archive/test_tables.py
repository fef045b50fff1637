"""Parquet tables: columns that researchers know, rows that lead back to their record, files of any length."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import tables
from archive.kinds import Change, Found, PageKind, Truncation, Verdict
from archive.records import Author, Capture, Document, Lead, Outcome, Quality, RecordRef, Revision, Span

NOON = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
REF = RecordRef(key="warc/2026/11/21/copytrail-20261121120000123-0001-host.warc.gz", offset=2**40 + 7, length=2**33)
RECORD = {"warc_filename": REF.key, "warc_record_offset": REF.offset, "warc_record_length": REF.length}
# All names of Common Crawl's index (cc-index-table, flat schema) with the types of ours: offsets and lengths are wider than theirs.
TEXT, WIDE = "string", "int64"
COMMON_CRAWL = dict.fromkeys(
    (
        *("url_surtkey", "url", "url_host_name", "url_host_tld", "url_host_2nd_last_part", "url_host_3rd_last_part"),
        *("url_host_4th_last_part", "url_host_5th_last_part", "url_host_registry_suffix", "url_host_registered_domain"),
        *("url_host_private_suffix", "url_host_private_domain", "url_host_name_reversed", "url_protocol", "url_path", "url_query"),
        *("fetch_redirect", "content_digest", "content_mime_type", "content_mime_detected", "content_charset", "content_languages"),
        *("content_truncated", "warc_record_id", "warc_filename", "warc_segment", "crawl", "subset"),
    ),
    TEXT,
) | {
    "url_port": "int32",
    "fetch_time": "timestamp[us, tz=UTC]",
    "fetch_status": "int16",
    "warc_record_offset": WIDE,
    "warc_record_length": WIDE,
}


def capture(url: str = "https://news.paper.co.uk:8443/a/b?q=1", **changes: Any) -> Capture:
    values: dict[str, Any] = {
        "id": "urn:uuid:1",
        "url": url,
        "surt": "uk,co,paper,news:8443)/a/b?q=1",
        "time": NOON,
        "kind": "response",
        "status": 200,
        "mime": "text/html",
        "ref": REF,
        "payload_digest": "sha256:ab",
        "payload_length": 2**34,
        "block_digest": "sha256:cd",
        "found": Found.LINK,
        "via": "https://paper.co.uk/",
        "hop": 1,
    }
    return Capture(**values | changes)


def read_back(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def written(folder: Path, table: str, *rows: tables.Row) -> list[dict[str, Any]]:
    """The rows as a reader gets them."""
    path = folder / f"{table}.parquet"
    assert tables.write(path, table, rows) == len(rows)
    return read_back(path)


def test_a_capture_has_the_columns_of_common_crawl(tmp_path: Path) -> None:
    """Their names for what is theirs; offsets and lengths of files beyond 4 GiB survive, as they do not there."""
    (row,) = written(tmp_path, "captures", tables.capture_row(capture(truncated=Truncation.LENGTH, location="/moved")))

    schema = pq.read_schema(tmp_path / "captures.parquet")
    assert {name: str(schema.field(name).type) for name in COMMON_CRAWL} == COMMON_CRAWL
    assert len(COMMON_CRAWL) == 33
    assert {name: value for name, value in row.items() if value is not None} == {
        "url_surtkey": "uk,co,paper,news:8443)/a/b?q=1",
        "url": "https://news.paper.co.uk:8443/a/b?q=1",
        "url_host_name": "news.paper.co.uk",
        "url_host_tld": "uk",
        "url_host_2nd_last_part": "co",
        "url_host_3rd_last_part": "paper",
        "url_host_4th_last_part": "news",
        "url_host_registry_suffix": "co.uk",
        "url_host_registered_domain": "paper.co.uk",
        "url_host_private_suffix": "co.uk",
        "url_host_private_domain": "paper.co.uk",
        "url_host_name_reversed": "uk.co.paper.news",
        "url_protocol": "https",
        "url_port": 8443,
        "url_path": "/a/b",
        "url_query": "q=1",
        "fetch_time": NOON,
        "fetch_status": 200,
        "fetch_redirect": "/moved",
        "content_digest": "sha256:ab",
        "content_length": 2**34,
        "content_mime_type": "text/html",
        "content_truncated": "length",
        "warc_segment": "2026/11/21",
        "subset": "warc",
        "warc_record_type": "response",
        "found": "link",
        "via": "https://paper.co.uk/",
        "hop": 1,
        **RECORD,
        "warc_record_id": "urn:uuid:1",
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("news.paper.com", ("com", "paper.com", "com", "paper.com")),
        ("my.blog.github.io", ("io", "github.io", "github.io", "blog.github.io")),
        ("paper.example", ("example", "paper.example", "example", "paper.example")),
        ("co.uk", ("co.uk", None, "co.uk", None)),
        ("localhost", ("localhost", None, "localhost", None)),
        ("127.0.0.1", (None, None, None, None)),
    ],
)
def test_a_host_has_its_suffixes(tmp_path: Path, name: str, expected: tuple[str | None, ...]) -> None:
    """That of the registry, and that of a private owner such as a blog host, each with the name below it; an address has none."""
    (row,) = written(tmp_path, "captures", tables.capture_row(capture(f"http://{name}/")))

    columns = ("registry_suffix", "registered_domain", "private_suffix", "private_domain")
    assert tuple(row[f"url_host_{column}"] for column in columns) == expected


@pytest.mark.parametrize(
    ("changes", "subset"),
    [
        ({}, "warc"),
        ({"status": 404}, "crawldiagnostics"),
        ({"status": 304, "kind": "revisit"}, "crawldiagnostics"),
        ({"status": 0, "kind": "revisit"}, "crawldiagnostics"),
        ({"found": Found.ROBOTS}, "robotstxt"),
    ],
)
def test_a_capture_is_in_the_subset_of_its_kind(tmp_path: Path, changes: dict[str, Any], subset: str) -> None:
    """As Common Crawl sorts them: pages, what is no page, and robots.txt."""
    (row,) = written(tmp_path, "captures", tables.capture_row(capture(**changes)))

    assert (row["subset"], row["fetch_status"]) == (subset, changes.get("status", 200) or None)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/", "http://[2001:db8::1]/", "http://me:word@127.0.0.1/", "urn:x:y", "http://[::1/"])
def test_an_address_has_no_domain(url: str, tmp_path: Path) -> None:
    """What is not known is null: the last number of an address is no top-level domain, and what is no URL has no parts."""
    (row,) = written(tmp_path, "captures", tables.capture_row(capture(url)))

    assert row["url"] == url
    assert {row[name] for name in row if name.startswith("url_host_") and name != "url_host_name"} == {None}


def test_a_document_leads_back_to_its_record(tmp_path: Path) -> None:
    """A clean text stands beside the address of the record that it was read from."""
    document = Document(
        capture="urn:uuid:1",
        url=capture().url,
        extractor="one 1.0",
        quality=Quality(kind=PageKind.ARTICLE),
        title="Bridge reopens",
        authors=(Author(name="Ann Lee"), Author(name="Desk", type="team")),
        credits=("Photo: Desk",),
        section="Bay",
        agencies=("Northern Wire",),
        paywall=False,
        noarchive=True,
        text="First.\nSecond – with “marks”.",
    )

    (row,) = written(tmp_path, "documents", tables.document_row(document, capture()))

    assert (row["quality"], row["title"], row["authors"], row["credits"]) == (
        "article",
        "Bridge reopens",
        ["Ann Lee", "Desk"],
        ["Photo: Desk"],
    )
    assert (row["section"], row["agencies"], row["paywall"], row["noarchive"]) == ("Bay", ["Northern Wire"], False, True)
    assert (row["text"], row["published"], row["fetch_time"], row["content_digest"]) == (document.text, None, NOON, "sha256:ab")
    assert RECORD.items() <= row.items()


def test_a_revision_keeps_its_spans(tmp_path: Path) -> None:
    """The words that went and came can be read without the texts."""
    span = Span(before=(3, 7), after=(3, 9), removed="noon", added="eleven")
    revision = Revision(
        url=capture().url,
        number=2,
        change=Change.EDIT,
        before="urn:uuid:0",
        after="urn:uuid:1",
        time=NOON,
        extractor="one 1.0",
        spans=(span,),
    )

    (row,) = written(tmp_path, "revisions", tables.revision_row(revision, capture()))

    assert (row["change"], row["before"], row["warc_record_id"]) == ("edit", "urn:uuid:0", "urn:uuid:1")
    assert row["spans"] == [{"before_start": 3, "before_end": 7, "after_start": 3, "after_end": 9, "removed": "noon", "added": "eleven"}]


def test_an_outcome_without_a_record_has_no_address(tmp_path: Path) -> None:
    """What was never fetched has a verdict and a reason, and nulls where a record would be named."""
    lead = Lead(url=capture().url, found=Found.LINK, hop=2, parent="http://a.example/")
    outcome = Outcome(
        run="r", url=capture().url, verdict=Verdict.REFUSED_ROBOTS, reason="Disallow: /", time=NOON, lead=lead, robots="urn:uuid:9"
    )

    (row,) = written(tmp_path, "outcomes", tables.outcome_row("bridge", outcome))

    assert (row["story"], row["verdict"], row["found"], row["via"], row["hop"]) == (
        "bridge",
        "refused_robots",
        "link",
        "http://a.example/",
        2,
    )
    assert {row[name] for name in (*RECORD, "warc_record_id", "fetch_status")} == {None}


@pytest.mark.parametrize("table", tables.SCHEMAS)
def test_an_empty_table_still_has_its_columns(table: str, tmp_path: Path) -> None:
    """A file without rows can be read together with the others."""
    assert written(tmp_path, table) == []
    assert pq.read_schema(tmp_path / f"{table}.parquet").equals(tables.SCHEMAS[table])


def test_a_long_table_is_written_in_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows go to disk group by group, so that the archive may be larger than the memory."""
    monkeypatch.setattr(tables, "GROUP", 3)
    taken = []

    def rows() -> Any:
        for number in range(8):
            taken.append(number)
            yield tables.capture_row(capture(id=f"urn:uuid:{number}"))

    assert tables.write(tmp_path / "long.parquet", "captures", rows()) == 8

    assert pq.ParquetFile(tmp_path / "long.parquet").metadata.num_row_groups == 3
    assert [row["warc_record_id"] for row in read_back(tmp_path / "long.parquet")] == [f"urn:uuid:{number}" for number in taken]


texts = st.none() | st.text(max_size=30)


@given(st.lists(st.builds(dict, mime=texts, via=texts, etag=texts, payload_digest=texts, status=st.integers(100, 999)), max_size=4))
def test_equal_rows_give_equal_bytes(tmp_path_factory: pytest.TempPathFactory, changes: list[dict[str, Any]]) -> None:
    """Publishing again after an interruption gives the very file that is there, whatever words strangers put into it."""
    folder = tmp_path_factory.mktemp("same")
    rows = [tables.capture_row(capture(**change)) for change in changes]
    for name in ("one", "two"):
        tables.write(folder / name, "captures", rows)

    assert (folder / "one").read_bytes() == (folder / "two").read_bytes()
    assert [(row["via"], row["content_mime_type"]) for row in read_back(folder / "one")] == [
        (item["via"], item["mime"]) for item in changes
    ]
