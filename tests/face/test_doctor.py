"""``copytrail doctor``: a row for each thing, whatever is broken beside it, and never a secret."""

import http.server
import importlib.metadata
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.rclone import rclone_server
from support.weed import BUCKET, weed_server

PROGRAM = Path(sys.executable).with_name("copytrail")
EVERYTHING = {
    *("python", "packages", "system", "memory", "open files", "clock", "programs", "settings", "contact", "certificates", "signing key"),
    *("connect_to", "disk: work", "disk: temporary", "disk: store", "catalogue", "store: reach", "store: file system", "prefect"),
}


@dataclass(frozen=True)
class Seen:
    """What one call gave."""

    code: int
    rows: list[dict[str, Any]]
    text: str

    def row(self, name: str) -> dict[str, Any]:
        return next(row for row in self.rows if row.get("name") == name)

    @property
    def failing(self) -> set[str]:
        return {row["name"] for row in self.rows if row.get("state") == "fail"}


def doctor(folder: Path, *arguments: str, **environ: str) -> Seen:
    given = {"COPYTRAIL_CONTACT": "tests@copytrail.example", **environ}
    command = [str(PROGRAM), "doctor", "--json", *arguments]
    done = subprocess.run(command, cwd=folder, env=os.environ | given, capture_output=True, text=True, timeout=100, check=False)
    assert "Traceback" not in done.stderr
    return Seen(done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stdout + done.stderr)


def test_a_healthy_machine_gives_a_row_for_everything(tmp_path: Path) -> None:
    """Name, state, what was found, what to do; exit 0; and looking leaves nothing behind."""
    seen = doctor(tmp_path)

    assert seen.code == 0, seen.text
    assert {row["name"] for row in seen.rows} == EVERYTHING
    assert all(list(row) == ["schema", "name", "state", "found", "advice"] for row in seen.rows)
    assert {row["schema"] for row in seen.rows} == {"copytrail.check/1"}
    assert {row["state"] for row in seen.rows} <= {"ok", "warn"}
    assert all(row["found"] for row in seen.rows)
    assert all(row["advice"] for row in seen.rows if row["state"] != "ok")
    assert "copytrail/" in seen.row("contact")["found"]
    assert list(tmp_path.iterdir()) == []


def test_rows_read_as_lines(tmp_path: Path) -> None:
    """State, name and finding on a line; what to do on the next."""
    done = subprocess.run([PROGRAM, "doctor"], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    lines = done.stdout.splitlines()

    assert done.returncode == 0
    assert lines[0].split()[:2] == ["ok", "python"]
    at = next(number for number, line in enumerate(lines) if line.startswith("warn  contact"))
    assert lines[at + 1].strip() == "-> set COPYTRAIL_CONTACT to a mail or web address: there is no crawl without it"


BROKEN: dict[str, tuple[dict[str, str], str, str]] = {
    "a number that is none": ({"COPYTRAIL_DELAY": "soon"}, "settings", "COPYTRAIL_DELAY"),
    "a name that is none": ({"COPYTRAIL_DELLAY": "2"}, "settings", "dellay"),
    "a contact that is none": ({"COPYTRAIL_CONTACT": "somebody"}, "contact", "neither a mail address"),
    "no such file of authorities": ({"COPYTRAIL_CA_FILE": "nowhere.pem"}, "certificates", "nowhere.pem"),
    "authorities that are text": ({"COPYTRAIL_CA_FILE": "text"}, "certificates", "text"),
    "no such key": ({"COPYTRAIL_SIGNING_KEY": "nowhere"}, "signing key", "nowhere"),
    "a key for everybody": ({"COPYTRAIL_SIGNING_KEY": "open-key"}, "signing key", "others"),
    "a key of another kind": ({"COPYTRAIL_SIGNING_KEY": "rsa-key"}, "signing key", "not an ed25519 key"),
    "a rule that is none": ({"COPYTRAIL_CONNECT_TO": "a=b"}, "connect_to", "HOST:PORT=ADDRESS:PORT"),
    "an endpoint that is none": ({"COPYTRAIL_S3_ENDPOINT": "localhost"}, "s3_endpoint", "not an http(s) URL"),
    "an authority that is none": ({"COPYTRAIL_TIMESTAMP_URL": "ftp://tsa.example"}, "timestamp_url", "not an http(s) URL"),
    "a catalogue that is none": ({"COPYTRAIL_CATALOGUE": "sqlite:///text"}, "catalogue", "not a database"),
    "a store that is none": ({"COPYTRAIL_STORE": "ftp://somewhere"}, "store", "no store of that kind"),
    "a store that is a file": ({"COPYTRAIL_STORE": "text"}, "store: reach", "not a folder"),
    "a Prefect that is not there": ({"PREFECT_API_URL": "http://127.0.0.1:1/api"}, "prefect", "does not answer"),
    "a Prefect that is no URL": ({"PREFECT_API_URL": "there"}, "prefect", "not an http(s) URL"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys and files of the wrong kind."""
    made = tmp_path_factory.mktemp("doctor")
    (made / "text").write_text("This is no database, no certificate and no folder, but a text that is long enough to be looked at. " * 3)
    for name, kind in (("open-key", "ed25519"), ("rsa-key", "rsa")):
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", made / name], check=True)
    (made / "open-key").chmod(0o644)
    return made


@pytest.mark.parametrize(("environ", "name", "words"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_one_row(folder: Path, environ: dict[str, str], name: str, words: str) -> None:
    """It fails, says what was found and what to do, and every other row is there as ever."""
    seen = doctor(folder, **environ)

    assert seen.code == 1
    assert words in seen.row(name)["found"]
    assert seen.row(name)["advice"]
    assert seen.failing - {name} <= {"disk: store", "disk: work"}  # both are in the store by default
    assert {row["name"] for row in seen.rows} >= EVERYTHING - {"disk: store", "store: reach", "store: file system"}


def test_everything_broken_at_once_is_all_told(folder: Path) -> None:
    """No fault hides another."""
    together: dict[str, str] = {}
    for environ, _, _ in BROKEN.values():
        together |= environ
    (folder / "broken").mkdir()
    (folder / "broken" / "text").write_bytes((folder / "text").read_bytes())
    (folder / "broken" / "copytrail.toml").write_text('delay = "never"\nstories = 3\nmax_pages = 7\n', encoding="utf-8")
    seen = doctor(folder / "broken", **together, COPYTRAIL_MAX_PAGES="many")

    assert seen.code == 1
    assert seen.failing >= {"settings", "contact", "certificates", "signing key", "connect_to", "s3_endpoint", "catalogue", "prefect"}
    wrong = [row["found"] for row in seen.rows if row["name"] == "settings"]
    assert [
        word for word in ("stories", "dellay", "DELAY", "MAX_PAGES", "copytrail.toml: delay") if not any(word in text for text in wrong)
    ] == []


def test_a_file_that_is_no_toml_costs_no_other_row(tmp_path: Path) -> None:
    """The environment's settings are read all the same."""
    (tmp_path / "copytrail.toml").write_text("store = ", encoding="utf-8")
    seen = doctor(tmp_path, COPYTRAIL_STORE="elsewhere")

    assert seen.failing == {"settings"}
    assert "copytrail.toml" in seen.row("settings")["found"]
    assert "elsewhere" in seen.row("store: reach")["found"]


def test_no_secret_is_told(tmp_path: Path) -> None:
    """Not in a row, not in advice, not in an error: keys, tokens and passwords of URLs, also in what cannot be understood."""
    hidden = [f"hidden-{number}" for number in range(8)]
    (tmp_path / "copytrail.toml").write_text(f'catalogue = "postgresql://us:{hidden[0]}@127.0.0.1:1/x"\n', encoding="utf-8")
    seen = doctor(
        tmp_path,
        AWS_ACCESS_KEY_ID="somebody",
        AWS_SECRET_ACCESS_KEY=hidden[1],
        AWS_SESSION_TOKEN=hidden[2],
        PREFECT_API_URL=f"http://us:{hidden[3]}@127.0.0.1:1/{hidden[4]}/api",
        PREFECT_API_KEY=hidden[4],
        PREFECT_API_AUTH_STRING=f"us:{hidden[5]}",
        COPYTRAIL_STORE="s3://bucket/x",
        COPYTRAIL_S3_ENDPOINT=f"http://us:{hidden[6]}@127.0.0.1:1",
        COPYTRAIL_TIMESTAMP_URL=f"postgresql://us:{hidden[7]}\n@x",
    )

    assert seen.failing >= {"settings", "catalogue", "store: reach", "prefect"}
    assert [word for word in hidden if word in seen.text] == []
    assert "***" in seen.text


@pytest.fixture
def engine() -> Iterator[tuple[str, dict[str, tuple[int, bytes]], list[tuple[str, str | None]]]]:
    """A server that answers as told, and remembers path and authorization of each request."""
    answers: dict[str, tuple[int, bytes]] = {}
    asked: list[tuple[str, str | None]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Authorization")))
            status, body = answers[self.path]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name in the base class
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api", answers, asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_prefect_is_asked_once(tmp_path: Path, engine: tuple[str, dict[str, tuple[int, bytes]], list[tuple[str, str | None]]]) -> None:
    """One GET for its version, with the login that is set; another version and open telemetry are warnings, a closed door is a failure."""
    url, answers, asked = engine
    quiet = {"PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false", "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json"}
    answers["/api/admin/version"] = (200, f'"{importlib.metadata.version("prefect")}"'.encode())
    good = doctor(tmp_path, PREFECT_API_URL=url, PREFECT_API_AUTH_STRING="us:word", **quiet)
    answers["/api/admin/version"] = (200, b'"2.19.0"')
    old = doctor(tmp_path, PREFECT_API_URL=url, DO_NOT_TRACK="0")
    answers["/api/admin/version"] = (401, b"")
    closed = doctor(tmp_path, PREFECT_API_URL=url)

    assert (good.code, good.row("prefect")["state"], good.row("prefect: telemetry")["state"]) == (0, "ok", "ok")
    assert (old.code, old.row("prefect")["state"], old.row("prefect: telemetry")["state"]) == (0, "warn", "warn")
    assert "DO_NOT_TRACK=1" in old.row("prefect: telemetry")["found"]
    assert (closed.code, closed.row("prefect")["state"]) == (1, "fail")
    assert "PREFECT_API_AUTH_STRING" in closed.row("prefect")["advice"]
    assert asked == [("/api/admin/version", "Basic dXM6d29yZA=="), ("/api/admin/version", None), ("/api/admin/version", None)]


def test_a_good_server_is_told_to_be_one(tmp_path: Path) -> None:
    """SeaweedFS may be shared: the verdict is a row and an object, ``doctor`` alone finds it, and verification has nothing to say."""
    with weed_server(tmp_path / "weed") as weed:
        keys = {"AWS_ACCESS_KEY_ID": weed.access, "AWS_SECRET_ACCESS_KEY": weed.secret, "COPYTRAIL_S3_ENDPOINT": weed.endpoint}
        store = f"s3://{BUCKET}/archive"
        before = doctor(tmp_path, COPYTRAIL_STORE=store, **keys)
        probed = doctor(tmp_path, "--store", store, **keys)
        after = doctor(tmp_path, COPYTRAIL_STORE=store, **keys)
        verified = subprocess.run(
            [PROGRAM, "verify", store], cwd=tmp_path, env=os.environ | keys, capture_output=True, text=True, timeout=100, check=False
        )

    assert (before.code, before.row("store: charter")["state"]) == (0, "warn")
    assert before.row("store: clock skew")["state"] == "ok"
    assert f"doctor --store {store}" in before.row("store: charter")["advice"]
    assert (probed.code, probed.failing) == (0, set())
    assert probed.rows[-1] == {
        "schema": "copytrail.verdict/1",
        "store": store,
        "sharing": "shared",
        "verdict": "may be shared by several writers",
        "only": None,
        "charter": "charter/000001.json",
    }
    assert (after.code, after.row("store: charter")["state"]) == (0, "ok")
    assert (verified.returncode, verified.stdout) == (0, "")


def test_a_bad_server_is_refused(tmp_path: Path) -> None:
    """Exit 1, what it ignores, and a verdict that the next look and every writer find."""
    with rclone_server(tmp_path / "rclone") as rclone:
        keys = {"AWS_ACCESS_KEY_ID": rclone.access, "AWS_SECRET_ACCESS_KEY": rclone.secret, "COPYTRAIL_S3_ENDPOINT": rclone.endpoint}
        store = f"s3://{BUCKET}/archive"
        probed = doctor(tmp_path, "--store", store, **keys)
        after = doctor(tmp_path, COPYTRAIL_STORE=store, **keys)
        (tmp_path / "seed.txt").write_text("The bridge is shut.", encoding="utf-8")
        written = subprocess.run(
            [PROGRAM, "new", "bridge", "seed.txt"],
            cwd=tmp_path,
            env=os.environ | keys | {"COPYTRAIL_STORE": store},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    assert (probed.code, probed.failing) == (1, {"create once", "race", "range", "wrong checksum"})
    assert probed.rows[-1]["verdict"] == "not to be used"
    assert (after.code, after.failing) == (1, {"store: charter"})
    assert written.returncode == 4
    assert "not to be used: it failed create once, race, range, wrong checksum" in written.stderr


def test_a_store_that_cannot_be_probed_has_no_verdict(tmp_path: Path) -> None:
    """Unreachable, or no store at all: a row, exit 1, and nothing that could be taken for a verdict."""
    keys = {"AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": "x", "COPYTRAIL_S3_ENDPOINT": "http://127.0.0.1:1"}
    away = doctor(tmp_path, "--store", "s3://bucket", **keys)
    none = doctor(tmp_path, "--store", "ftp://bucket")

    assert (away.code, away.failing, away.rows[-1]["sharing"]) == (1, {"reach"}, None)
    assert "cannot be told" in away.rows[-1]["verdict"]
    assert (none.code, none.failing) == (1, {"reach"})


def test_the_one_writer_can_be_named(tmp_path: Path) -> None:
    """A folder that is probed on a laptop stays the crawler's; settings that are broken are told beside it."""
    probed = doctor(tmp_path, "--store", "archive", "--writer", "crawler", COPYTRAIL_DELAY="soon")

    assert probed.failing == {"settings"}
    assert probed.rows[-1]["sharing"] == "shared"
    assert (tmp_path / "archive" / "charter" / "000001.json").exists()
