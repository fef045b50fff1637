"""What people hand us: files, folders, tables, lists and URLs; and everything that is none of them."""

import gzip
import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.charset import NotText, decode
from pipeline.seedfiles import Loaded, load
from pipeline.seedtables import BadTable, json_rows, table_rows

TEXT = "The old swing bridge at Ferrydale will open to carts again in May, the harbour board said."


def given_file(folder: Path, name: str, data: str | bytes) -> str:
    """A file with that content; its path."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def kinds(loaded: Loaded) -> list[str]:
    """What went wrong, in order."""
    return [problem.kind for problem in loaded.problems]


def test_a_text_file_is_one_seed(tmp_path: Path) -> None:
    """Its id is the name without extension, its digest that of the bytes, its text as it stands, line ends included."""
    loaded = load([given_file(tmp_path, "bridge.txt", f"{TEXT}\r\n\r\nShare.\r\n")])

    (seed,) = loaded.seeds
    assert (seed.id, seed.kind, seed.text) == ("bridge", "text", f"{TEXT}\r\n\r\nShare.\r\n")
    assert seed.digest is not None
    assert seed.digest.startswith("sha256:")
    assert not loaded.problems
    assert not loaded.notes


def test_a_folder_is_its_files_in_order(tmp_path: Path) -> None:
    """Folders inside count, hidden files do not, and two files of one name have two ids."""
    (tmp_path / "more").mkdir()
    for name in ("b.txt", "a.txt", ".hidden", "more/a.md"):
        given_file(tmp_path, name, f"{TEXT} {name}")

    assert [seed.id for seed in load([str(tmp_path)]).seeds] == ["a", "b", "a~2"]


def test_one_bad_file_costs_no_good_one(tmp_path: Path) -> None:
    """A folder gives its good files; each bad one is a problem with its own source and reason."""
    given_file(tmp_path, "good.txt", TEXT)
    given_file(tmp_path, "empty.txt", "")
    given_file(tmp_path, "blank.txt", "\ufeff \n\u00a0\n")
    given_file(tmp_path, "picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    given_file(tmp_path, "noise.txt", bytes(range(1, 256)) * 8)
    given_file(tmp_path, "zeros.txt", b"The bridge\0 opens")
    given_file(tmp_path, "page.txt", "<!DOCTYPE html><html><p>The bridge opens</p></html>")
    (tmp_path / "link.txt").symlink_to(tmp_path / "nowhere")

    loaded = load([str(tmp_path), str(tmp_path / "absent.txt"), "bad\0name"])

    assert [seed.id for seed in loaded.seeds] == ["good"]
    found = {Path(problem.source).name: problem.kind for problem in loaded.problems}
    assert found == {
        "empty.txt": "empty",
        "blank.txt": "empty",
        "picture.txt": "binary",
        "noise.txt": "binary",
        "zeros.txt": "binary",
        "page.txt": "html",
        "link.txt": "missing",
        "absent.txt": "missing",
        "bad\0name": "unreadable",
    }


def test_an_empty_folder_and_a_pipe_are_said(tmp_path: Path) -> None:
    """Neither gives a seed, and a pipe is not waited for."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")

    assert kinds(load([str(tmp_path / "folder"), str(tmp_path / "pipe")])) == ["empty", "unreadable"]


def test_a_file_of_50_mb_is_refused_unread(tmp_path: Path) -> None:
    """The size is asked for first: the refusal names both numbers and takes no time."""
    path = tmp_path / "big.txt"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    started = time.perf_counter()

    (problem,) = load([str(path)]).problems

    assert (problem.kind, problem.message) == ("too_large", "50000000 bytes; the limit is 5000000")
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize(
    ("data", "text", "doubt"),
    [
        ("Brücke".encode(), "Brücke", None),
        (b"\xef\xbb\xbfBr\xc3\xbccke", "Brücke", None),
        ("Brücke".encode("utf-16"), "Brücke", None),
        (b"\xfe\xff" + "Brücke".encode("utf-16-be"), "Brücke", None),
        ("Die Brücke öffnet im Mai – „endlich“".encode("cp1252"), "Die Brücke öffnet im Mai – „endlich“", "windows-1252"),
        ("Мост откроют в мае".encode("cp1251"), "Мост откроют в мае", "windows-1251"),
        ("Мост откроют в мае, “сказал” он".encode()[:-1] + b"\xff\xd0", None, "damaged UTF-8"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16", "utf-16 big end first", "windows-1252", "windows-1251", "damaged utf-8"],
)
def test_an_encoding_is_known_or_said_to_be_guessed(data: bytes, text: str | None, doubt: str | None) -> None:
    """Marks and UTF-8 are certain; anything else is a guess that comes with its words."""
    read, said = decode(data)

    assert text is None or read == text
    assert (said is None) == (doubt is None)
    assert doubt is None or doubt in str(said)


def test_a_guessed_encoding_is_a_note_and_no_refusal(tmp_path: Path) -> None:
    """The seed is taken, and the note names its file."""
    loaded = load([given_file(tmp_path, "old.txt", "Мост откроют в мае, сообщил совет гавани".encode("cp1251"))])

    assert loaded.seeds[0].text == "Мост откроют в мае, сообщил совет гавани"
    assert [(note.kind, note.refused) for note in loaded.notes] == [("encoding", False)]
    assert not loaded.problems


def test_a_list_of_urls_is_a_seed_for_each(tmp_path: Path) -> None:
    """Comments are passed over; a line that is no URL that can be fetched is named by its number."""
    listing = "# bridge\nhttps://ledger.example/a\n\nwww.coast.example/b\nftp://ledger.example/c\nhttps://ledger.example/feed/\n"

    loaded = load([given_file(tmp_path, "urls.txt", listing)])

    assert [(seed.id, seed.kind, seed.url) for seed in loaded.seeds] == [
        ("urls:2", "url", "https://ledger.example/a"),
        ("urls:4", "url", "https://www.coast.example/b"),
        ("urls:6", "feed", "https://ledger.example/feed/"),
    ]
    assert [(problem.kind, problem.source.rpartition(":")[2]) for problem in loaded.problems] == [("scheme", "5")]


def test_a_text_that_begins_with_a_url_is_no_list(tmp_path: Path) -> None:
    """A scraped text with its address on top stays one text."""
    assert load([given_file(tmp_path, "a.txt", f"https://ledger.example/a\n{TEXT}\n")]).seeds[0].kind == "text"


@pytest.mark.parametrize("argument", ["ftp://ledger.example/a", "file:///etc/hostname", "javascript://ledger.example/%0a1", "data://x"])
def test_another_scheme_is_refused_with_the_reason(argument: str) -> None:
    """Only http and https are fetched; nothing else is read as a path either."""
    (problem,) = load([argument]).problems

    assert problem.kind == "scheme"
    assert "http and https" in problem.message


def test_a_url_is_mended_where_it_is_plain_what_was_meant() -> None:
    """A defanged URL is read, and the note says as what."""
    loaded = load(["hxxps://ledger[.]example/a"])

    assert [seed.url for seed in loaded.seeds] == ["https://ledger.example/a"]
    assert "read as https://ledger.example/a" in loaded.notes[0].message


def test_the_same_seed_is_taken_once(tmp_path: Path) -> None:
    """A second copy is a note that names the first."""
    given_file(tmp_path, "a.txt", TEXT)
    given_file(tmp_path, "b.txt", TEXT)

    loaded = load([str(tmp_path), "https://ledger.example/a", "https://ledger.example/a#top"])

    assert [seed.id for seed in loaded.seeds] == ["a", "https://ledger.example/a"]
    assert [note.message for note in loaded.notes] == ["the same as a; taken once", "the same as https://ledger.example/a; taken once"]


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("url,title,date,text", "https://l.example/a,Bridge,2024-03-03,Opens"),
        ("id,publish_date,title,URL,language", "7,2024-03-03,Bridge,https://l.example/a,en"),
        ("SOURCEURL\ttitle\tseendate", "https://l.example/a\tBridge\t20240303T101500Z"),
        ("maintext;date_publish;title;url", "Opens;2024-03-03 10:00:00;Bridge;https://l.example/a"),
        ("articleBody,datePublished,headline,link", "Opens,2024-03-03,Bridge,https://l.example/a"),
        ("\ufeffLink,Titel,Datum,Text", "https://l.example/a,Bridge,2024-03-03,Opens"),
    ],
    ids=["plain", "Media Cloud", "GDELT", "news-please", "schema.org", "spreadsheet"],
)
def test_columns_are_known_by_the_names_that_tools_give_them(tmp_path: Path, head: str, row: str) -> None:
    """URL, title and date are found whatever the tool called them and however it parts its cells."""
    (seed,) = load([given_file(tmp_path, "table.csv", f"{head}\n{row}\n")]).seeds

    assert (seed.id, seed.kind, seed.url, seed.title) == ("table:2", "row", "https://l.example/a", "Bridge")
    assert seed.published is not None
    assert seed.published.startswith(("2024-03-03", "20240303"))


def test_a_table_gives_its_good_rows(tmp_path: Path) -> None:
    """Cells may hold line breaks; an empty row is nothing, a row with neither URL nor text a problem, a bad URL beside a text a note."""
    table = 'url,title,text\nhttps://l.example/a,"Bridge, open","One\nTwo"\n\n,Only a title,\nftp://l.example/c,,A text\nnonsense,,\n'

    loaded = load([given_file(tmp_path, "t.csv", table)])

    assert [(seed.url, seed.title, seed.text) for seed in loaded.seeds] == [
        ("https://l.example/a", "Bridge, open", "One\nTwo"),
        (None, None, "A text"),
    ]
    assert [(problem.source.rpartition(":")[2], problem.kind) for problem in loaded.problems] == [("5", "row"), ("7", "url")]
    assert [note.kind for note in loaded.notes] == ["scheme"]


def test_a_table_without_a_known_column_is_refused(tmp_path: Path) -> None:
    """The message names the columns that would do."""
    (problem,) = load([given_file(tmp_path, "t.csv", "name,colour\nbridge,red\n")]).problems

    assert problem.kind == "table"
    assert "url or text" in problem.message


@pytest.mark.parametrize(("name", "text"), [("t.csv", "url,text\n"), ("t.json", "[]"), ("t.jsonl", "\n\n[]")])
def test_a_table_without_rows_is_said(tmp_path: Path, name: str, text: str) -> None:
    """Nothing taken and nothing said would be a silent loss."""
    loaded = load([given_file(tmp_path, name, text)])

    assert (loaded.seeds, kinds(loaded)) == ((), ["empty"])


def test_a_cell_of_a_megabyte_is_read() -> None:
    """The limit that the csv module sets on a field does not cut an article."""
    (row,) = table_rows("text\n" + '"' + "bridge " * 150_000 + '"\n')

    assert row.text is not None
    assert len(row.text) > 1_000_000


def test_a_broken_quotation_ends_a_table_with_the_line() -> None:
    """What stands before it is read; the error names where it stopped."""
    rows = table_rows('url,text\nhttps://l.example/a,x\nhttps://l.example/b,"x" y\n')

    assert next(rows).url == "https://l.example/a"
    with pytest.raises(BadTable, match="line 3"):
        next(rows)


def test_json_lines_name_the_bad_row(tmp_path: Path) -> None:
    """A row that is no JSON, or no object, or says nothing is named by its number, and the others are seeds."""
    lines = [
        json.dumps({"url": "https://l.example/a", "paragraphs": 3, "text": ["One", "Two"]}),
        "{",
        "[1]",
        '{"title": "x"}',
        '{"content": "Three", "id": 4}',
    ]

    loaded = load([given_file(tmp_path, "items.jsonl", "\n".join(lines))])

    assert [(seed.id, seed.url, seed.text) for seed in loaded.seeds] == [
        ("items:1", "https://l.example/a", "One\nTwo"),
        ("items:5", None, "Three"),
    ]
    assert [problem.source.rpartition(":")[2] for problem in loaded.problems] == ["2", "3", "4"]


def test_a_json_array_is_a_table(tmp_path: Path) -> None:
    """What `scrapy crawl -O items.json` writes is read like JSON Lines."""
    (seed,) = load([given_file(tmp_path, "items.json", '[{"url": "https://l.example/a", "title": "Bridge"}]')]).seeds

    assert (seed.url, seed.title) == ("https://l.example/a", "Bridge")


def test_a_saved_feed_gives_its_entries(tmp_path: Path) -> None:
    """Each entry of a feed file is a row with URL, title and date."""
    feed = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Ledger</title><item><title>Bridge &amp; tide</title>'
        "<link>https://ledger.example/a</link><pubDate>Sun, 03 Mar 2024 10:00:00 +0100</pubDate></item></channel></rss>"
    )

    (seed,) = load([given_file(tmp_path, "ledger.xml", feed)]).seeds

    assert (seed.kind, seed.url, seed.title, seed.published) == (
        "row",
        "https://ledger.example/a",
        "Bridge & tide",
        "2024-03-03T09:00:00+00:00",
    )


def test_packed_files_are_no_texts(tmp_path: Path) -> None:
    """The problem says what the file is."""
    (problem,) = load([given_file(tmp_path, "a.txt", gzip.compress(TEXT.encode()))]).problems

    assert problem.kind == "binary"
    assert "archive" in problem.message


@given(data=st.binary(max_size=400), name=st.sampled_from(["a.txt", "a.csv", "a.jsonl", "a.json", "a.xml"]))
def test_no_bytes_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    """Whatever a file holds, the answer is seeds or problems, and never neither."""
    loaded = load([given_file(tmp_path_factory.getbasetemp(), name, data)])

    assert loaded.seeds or loaded.problems


@given(data=st.binary(max_size=200))
def test_bytes_are_text_or_said_not_to_be(data: bytes) -> None:
    """Decoding gives the text that the bytes are, or says what it did, or that they are none."""
    try:
        text, doubt = decode(data)
    except NotText:
        return
    assert doubt or text.encode() == data or data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"))


@given(text=st.text(max_size=200))
def test_tables_of_any_text_give_rows_or_say_why_not(text: str) -> None:
    """Rows, problems in rows, or BadTable: nothing else."""
    for rows in (table_rows, json_rows):
        try:
            assert all(row.problem or row.url or row.text for row in rows(text))
        except BadTable:
            continue
