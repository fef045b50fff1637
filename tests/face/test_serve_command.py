"""``copytrail serve`` on the command line: it says where it is, ends when it is told to, and does not open where it should not."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from support.doors import Door, open_door, run_door
from support.smallarchive import settings, small_archive

TOKEN = "a token of thirty characters ..."
OPENER = build_opener(ProxyHandler({}))


@contextmanager
def served(folder: Path, *arguments: str, **told: object) -> Iterator[tuple[Door, str]]:
    """The command over the small archive, and the first line that it printed."""
    with small_archive(folder):
        pass
    out = folder / "out"
    with (
        out.open("wb") as stream,
        open_door(
            ["copytrail", "serve", "--port", "0", *arguments], folder, {"store": settings(folder).store, **told}, stdout=stream.fileno()
        ) as door,
    ):
        while not (line := out.read_text(encoding="utf-8")).endswith("\n"):
            assert door.running, door.wait()
            time.sleep(0.05)
        yield door, line.strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_and_ends_when_told(tmp_path: Path, number: signal.Signals) -> None:
    """A free port, a page there, and exit 0 after Ctrl-C or SIGTERM, with a word and no traceback."""
    with served(tmp_path) as (door, address):
        assert OPENER.open(address).read().startswith(b"<!doctype html>")
        door.send(number)
        ended = door.wait()

    assert address.startswith("http://127.0.0.1:")
    assert (ended.code, ended.clear) == (0, True)
    assert "The reading room is closed." in ended.err
    with pytest.raises(OSError, match="refused"):
        OPENER.open(address)


def test_a_token_from_the_environment(tmp_path: Path) -> None:
    """It opens the room, the row says so and does not say which, and the variable is no unknown setting."""
    with served(tmp_path, "--json", token=TOKEN) as (door, line):
        row = json.loads(line)
        asked = Request(row["url"], headers={"Authorization": f"Bearer {TOKEN}"})  # noqa: S310 -- the address of the room
        assert OPENER.open(asked).status == 200
        door.send(signal.SIGTERM)
        ended = door.wait()

    assert (row["schema"], row["token"]) == ("copytrail.room/1", True)
    assert TOKEN not in line + ended.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "set COPYTRAIL_TOKEN"),  # noqa: S104 -- it is refused
        (["--token", "short"], "fewer than 16 characters"),
        (["--host", "192.0.2.1", "--token", TOKEN], "192.0.2.1:8700"),
        (["--replay", "javascript:alert(1)"], "no address of a replayer"),
        (["--port", "70000"], "70000"),
    ],
)
def test_it_does_not_open_where_it_should_not(tmp_path: Path, arguments: list[str], said: str) -> None:
    """A public address without a token, a token that can be guessed, an address that is not here: exit 2, one line and no traceback."""
    ended = run_door(["copytrail", "serve", *arguments], tmp_path, {"store": tmp_path / "archive"})

    assert (ended.code, ended.clear) == (2, True)
    assert said in ended.err


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """It says which, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run_door(["copytrail", "serve", "--port", str(port)], tmp_path, {"store": tmp_path / "archive"})

    assert (ended.code, ended.clear) == (2, True)
    assert f"127.0.0.1:{port}: " in ended.err
    assert "--port 0" in ended.err


def test_help_has_an_example(tmp_path: Path) -> None:
    """What it does, and lines to copy."""
    ended = run_door(["copytrail", "serve", "--help"], tmp_path, {})

    assert ended.code == 0
    assert "copytrail serve --replay http://127.0.0.1:8090/story" in ended.out
