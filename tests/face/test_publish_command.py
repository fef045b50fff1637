"""``copytrail publish``: a site that is whole, sent only once, rid of what is no more, and asked for as a reader would."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from face.test_sitecheck import Closed, Good
from support.smallarchive import GONE, NEW, OLD, SLUG, settings, small_archive
from support.weed import BUCKET, open_to_all, weed_server

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small archive of its own, for tests that change it."""
    folder = tmp_path / "project"
    folder.mkdir()
    with small_archive(folder):
        (folder / "copytrail.toml").write_text(f'store = "{settings(folder).store}"\n', encoding="utf-8")
    return folder


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    """A web server on what will be the site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Good, directory=tmp_path / "site"))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def files(site: Path) -> dict[str, bytes]:
    """The site as it lies there."""
    return {item.relative_to(site).as_posix(): item.read_bytes() for item in site.rglob("*") if item.is_file()}


def test_a_site_has_pages_packages_and_a_list_of_all(small_run: Run, tmp_path: Path, base: str) -> None:
    """A first page that links the story's, the package, digests of every file; every file is got back through the web server."""
    done = small_run("publish", SLUG, "-o", str(tmp_path / "site"), "--title", "Our <stories>", "--base", base, "--json")
    row, site = json.loads(done.stdout), files(tmp_path / "site")
    listed = {item["key"]: item["size"] for item in json.loads(site["site.json"])["files"]}

    assert done.returncode == 0, done.stderr
    assert (row["schema"], row["faults"], row["sent"], row["files"]) == ("copytrail.publish/1", [], len(listed), len(listed))
    assert listed == {path: len(data) for path, data in site.items() if path != "site.json"}
    assert {"index.html", "bridge/index.html", "bridge/data/wacz/bridge.wacz", "bridge/data/manifest.json"} <= set(site)
    assert b"Our &lt;stories&gt;" in site["index.html"]
    assert b'href="bridge/index.html"' in site["index.html"]
    assert OLD.splitlines()[1].encode() in site["bridge/data/csv/documents.csv"]


def test_the_second_time_nothing_is_sent(small_run: Run, tmp_path: Path) -> None:
    """The same archive gives the same bytes; what was damaged in the list is sent again."""
    target = str(tmp_path / "site")
    small_run("publish", SLUG, "-o", target, "-f", "csv")
    before = files(tmp_path / "site")
    again = json.loads(small_run("publish", SLUG, "-o", target, "-f", "csv", "--json").stdout)

    assert (again["sent"], again["removed"]) == (0, 0)
    assert files(tmp_path / "site") == before


def test_what_is_no_more_is_removed_and_nothing_else(small_run: Run, tmp_path: Path) -> None:
    """A form that is not published any more goes; a file that somebody else put there stays."""
    site = tmp_path / "site"
    small_run("publish", SLUG, "-o", str(site), "-f", "csv", "-f", "txt")
    texts = len(list((site / "bridge" / "data" / "txt").iterdir()))
    (site / "bridge" / "other.txt").write_text("not ours", encoding="utf-8")
    done = json.loads(small_run("publish", SLUG, "-o", str(site), "-f", "csv", "--json").stdout)

    assert done["removed"] == texts > 1
    assert not (site / "bridge" / "data" / "txt").exists()
    assert (site / "bridge" / "other.txt").read_text(encoding="utf-8") == "not ours"


def test_what_an_interrupted_site_left_is_known(small_run: Run, tmp_path: Path) -> None:
    """A site that stops half way has listed what it sent: the next one, though another, takes it away."""
    site = tmp_path / "site"
    (site / "index.html").mkdir(parents=True)  # in the way of a page that is sent after the data
    stopped = small_run("publish", SLUG, "-o", str(site), "-f", "txt", "-f", "csv")
    left = {path for path in files(site) if "/txt/" in path}
    (site / "index.html").rmdir()
    done = small_run("publish", SLUG, "-o", str(site), "-f", "csv")

    assert (stopped.returncode, "index.html" in stopped.stderr) == (4, True)
    assert left
    assert done.returncode == 0, done.stderr
    assert {path for path in files(site) if "/txt/" in path} == set()


def test_what_was_withdrawn_goes_with_the_next_site(small_run: Run, project: Path, tmp_path: Path) -> None:
    """After ``withdraw`` none of the words is in any file of the site."""
    site, place = tmp_path / "site", ["publish", SLUG, "-o", str(tmp_path / "site"), "-f", "csv", "-f", "jsonl"]
    small_run(*place, project=project)
    before = b"".join(files(site).values())
    withdrawn = small_run("withdraw", SLUG, "--url", GONE, "--reason", "asked to", project=project)
    done = small_run(*place, project=project)
    after = b"".join(files(site).values())

    assert (withdrawn.returncode, done.returncode) == (0, 0), withdrawn.stderr + done.stderr
    assert b"It was said." in before
    assert b"It was said." not in after
    assert NEW.splitlines()[1].encode() in after


def test_a_bucket_is_published_and_read_without_a_key(small_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To a real S3 server: media types, parts and leave for other origins are there for who has no key."""
    with weed_server(tmp_path / "weed") as weed:
        for name, value in {
            "AWS_ACCESS_KEY_ID": weed.access,
            "AWS_SECRET_ACCESS_KEY": weed.secret,
            "COPYTRAIL_S3_ENDPOINT": weed.endpoint,
        }.items():
            monkeypatch.setenv(name, value)
        open_to_all(weed, "site")
        place = ["-o", f"s3://{BUCKET}/site", "--cors", "--base", f"{weed.endpoint}/{BUCKET}/site"]
        first = small_run("publish", SLUG, *place, "--json")
        again = small_run("publish", SLUG, *place, "-f", "csv", "--json")

    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert json.loads(first.stdout)["faults"] == json.loads(again.stdout)["faults"] == []
    assert json.loads(again.stdout)["removed"] > 5


def test_a_reader_that_would_stumble_is_an_exit_code(small_run: Run, tmp_path: Path) -> None:
    """A web server that lets no other origin read: exit 1, and the message says what is missing; the site is there all the same."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Closed, directory=tmp_path / "site"))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        place = ["-o", str(tmp_path / "site"), "--base", f"http://127.0.0.1:{server.server_port}"]
        done = small_run("publish", SLUG, *place, "-f", "wacz")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

    assert done.returncode == 1
    assert "Access-Control-Allow-Origin" in done.stderr
    assert (tmp_path / "site" / "site.json").exists()


def test_wrong_usage_is_said_before_anything_is_written(small_run: Run, tmp_path: Path) -> None:
    """A story that nobody knows, a place that is none, a list that is somebody else's."""
    unknown = small_run("publish", "no-such-story", "-o", str(tmp_path / "site"))
    nowhere = small_run("publish", SLUG, "-o", "ftp://host/x")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "site.json").write_text('{"name": "another program"}', encoding="utf-8")
    foreign = small_run("publish", SLUG, "-o", str(tmp_path / "other"), "-f", "csv")

    assert unknown.returncode == 2
    assert "no-such-story" in unknown.stderr
    assert nowhere.returncode in {2, 4}
    assert "Traceback" not in nowhere.stderr + foreign.stderr
    assert (foreign.returncode, "another program" in foreign.stderr) == (4, True)
    assert sorted(item.name for item in (tmp_path / "other").iterdir()) == ["site.json"]
    assert not (tmp_path / "site").exists()
