"""A real PostgreSQL on loopback, ended by its id.

Contract: ``postgres_server()`` yields the SQLAlchemy URL of an empty database, ``fresh_database`` gives that of one more; nobody else can
reach the server, and it keeps nothing safe from a power cut.  It refuses to run as root: a test that does runs it as ``nobody``.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 60.0  # seconds
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def _program(name: str) -> str:
    """Debian keeps the server's programs off the path."""
    found = shutil.which(name) or next(map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None)
    if found is None:
        pytest.skip("no PostgreSQL: scripts/system-packages")
    return str(Path(found).resolve())


@contextmanager
def postgres_server() -> Iterator[str]:
    """A running server."""
    if find_spec("pg8000") is None:
        pytest.skip("no driver for PostgreSQL: pg8000")
    initdb, postgres = _program("initdb"), _program("postgres")
    folder = Path(tempfile.mkdtemp(prefix="copytrail-postgres-"))
    as_whom: dict[str, Any] = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    if as_whom:
        shutil.chown(folder, **as_whom)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        data = str(folder / "data")
        made = [initdb, "-D", data, "-U", "lab", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(made, check=True, cwd=folder, capture_output=True, timeout=PATIENCE, **as_whom)
        told = [word for item in (*_QUICK, "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}") for word in ("-c", item)]
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(
                [postgres, "-D", data, "-p", str(port), *told], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **as_whom
            ) as server,
        ):
            try:
                _wait_for(port)
                yield f"postgresql://lab@127.0.0.1:{port}/postgres"
            finally:
                server.send_signal(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder)


def _wait_for(port: int) -> None:
    """A server that starts listens before it lets anybody in: the driver is asked, not the port."""
    from pg8000.exceptions import DatabaseError, InterfaceError  # noqa: PLC0415 -- the driver may not be there
    from pg8000.native import Connection  # noqa: PLC0415 -- the same

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            Connection("lab", host="127.0.0.1", port=port, database="postgres").close()
        except (InterfaceError, DatabaseError):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def fresh_database(url: str) -> str:
    """The URL of another, empty database on the server of ``url``."""
    from pg8000.native import Connection  # noqa: PLC0415 -- the driver may not be there

    name = f"lab_{uuid.uuid4().hex}"
    connection = Connection("lab", host="127.0.0.1", port=int(url.rpartition(":")[2].partition("/")[0]), database="postgres")
    connection.run(f"CREATE DATABASE {name}")
    connection.close()
    return f"{url.rpartition('/')[0]}/{name}"
