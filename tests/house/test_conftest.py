"""The ground of the tests holds: each promise of tests/conftest.py, tried in a pytest run of its own."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"


def run(folder: Path, modules: Mapping[str, str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run test modules (name without ``test_`` and suffix, to its text) under a copy of our conftest."""
    (folder / "conftest.py").write_bytes(CONFTEST.read_bytes())
    for name, body in modules.items():
        (folder / f"test_{name}.py").write_text(textwrap.dedent(body), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rA", "--continue-on-collection-errors", "-p", "no:cacheprovider", "-p", "no:xdist"]
    inherited = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST_")}
    return subprocess.run(command, cwd=folder, env=inherited | environment, capture_output=True, text=True, timeout=60, check=False)


SKIPS = {
    "call": "import pytest\ndef test_it():\n    pytest.skip('no reason')\n",
    "mark": "import pytest\n@pytest.mark.skip(reason='no reason')\ndef test_it():\n    assert True\n",
    "module": "import pytest\npytest.skip('no reason', allow_module_level=True)\n",
    "fixture": "def test_it(judge):\n    judge('no-such-judge')\n",
}


def test_a_skip_is_a_failure_in_ci(tmp_path: Path) -> None:
    """However a test is skipped, the run fails in CI and names what was skipped."""
    result = run(tmp_path, SKIPS, CI="true")

    assert result.returncode != 0
    assert "skipped in" not in result.stdout
    for name in SKIPS:
        assert f"test_{name}.py" in result.stdout.partition("short test summary")[2]


def test_a_skip_is_a_skip_at_the_desk(tmp_path: Path) -> None:
    """Outside CI a skipped test fails nothing."""
    result = run(tmp_path, {"call": SKIPS["call"]})

    assert result.returncode == 0, result.stdout
    assert "1 skipped" in result.stdout


LEAKS = {
    "connect": "socket.create_connection(('192.0.2.1', 80), timeout=0.1)",
    "connect_ex": "socket.socket().connect_ex(('192.0.2.1', 80))",
    "ipv6": "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))",
    "datagram": "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 53))",
    "name": "socket.getaddrinfo('news.site', 80)",
    "asyncio": "asyncio.run(asyncio.open_connection('192.0.2.1', 80))",
}


def test_no_test_leaves_the_machine(tmp_path: Path) -> None:
    """A connection or look-up beyond loopback fails the test, even where the code that tried survives every exception."""
    attempt = "\ndef test_{}():\n    try:\n        {}\n    except BaseException:\n        pass\n"
    body = "import asyncio, socket\n" + "".join(attempt.format(name, code) for name, code in LEAKS.items())
    result = run(tmp_path, {"leaks": body})

    assert result.returncode == 1
    for name in LEAKS:
        assert f"ERROR test_leaks.py::test_{name}" in result.stdout


ALLOWED = """
    import os, socket

    def test_loopback():
        with socket.create_server(("127.0.0.1", 0)) as server:
            for host in ("127.0.0.1", "localhost"):
                socket.create_connection((host, server.getsockname()[1])).close()

    def test_environment():
        for name in ("COPYTRAIL_STORE", "AWS_PROFILE", "PREFECT_API_URL", "https_proxy", "HTTP_PROXY"):
            assert name not in os.environ
        assert os.environ["DO_NOT_TRACK"] == "1"
        assert os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
        assert os.environ["COPYTRAIL_SHARED"] == "kept"
"""


def test_the_machine_is_open_and_the_environment_nobodys(tmp_path: Path) -> None:
    """Servers on this machine are reached by number and name; settings, credentials and proxies of whoever runs the tests reach none."""
    url = "http://theirs.invalid"
    result = run(
        tmp_path,
        {"allowed": ALLOWED},
        COPYTRAIL_STORE="s3://theirs",
        COPYTRAIL_SHARED="kept",
        AWS_PROFILE="theirs",
        PREFECT_API_URL=url,
        https_proxy=url,
        HTTP_PROXY=url,
    )

    assert result.returncode == 0, result.stdout
    assert "2 passed" in result.stdout
