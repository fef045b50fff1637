"""A child process: heard line by line, ended in time, and never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from flows import child

PYTHON = [sys.executable, "-u", "-c"]
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(60)"
TIDY = """
import signal, sys, time
def tidy(*_):
    time.sleep(0.2)
    print('tidied')
    sys.exit(7)
signal.signal(signal.SIGTERM, tidy)
print('ready')
time.sleep(60)
"""


def run(
    code: str, *, folder: Path, on_line: Callable[[str], None] = lambda _: None, timeout: float = 30.0, grace: float = 10.0, **environ: str
) -> child.Ended:
    return child.run([*PYTHON, code], folder=folder, environ=os.environ | environ, on_line=on_line, timeout=timeout, grace=grace)


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid: int, seconds: float = 10.0) -> bool:
    """Whether a process ends in time."""
    deadline = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


def test_lines_come_as_they_are_written(tmp_path: Path) -> None:
    """Each line of stderr and stdout is heard while the command runs; its code and last lines are in the answer."""
    heard: list[tuple[float, str]] = []
    code = (
        "import os, sys, time\n"
        "print('one')\n"
        "print(os.environ['WORD'], os.getcwd(), file=sys.stderr)\n"
        "time.sleep(0.5)\n"
        "sys.stdout.write('end')\n"
        "sys.exit(3)\n"
    )

    ended = run(code, folder=tmp_path, on_line=lambda line: heard.append((time.monotonic(), line)), WORD="two")

    assert [line for _, line in heard] == ["one", f"two {tmp_path}", "end"]
    assert heard[2][0] - heard[1][0] > 0.3
    assert ended == child.Ended(code=3, timed_out=False, tail=("one", f"two {tmp_path}", "end"))


def test_bytes_that_are_no_text_are_marked(tmp_path: Path) -> None:
    """A byte that is no UTF-8 costs nothing but itself, wherever the pipe cuts; only the last lines are kept."""
    heard: list[str] = []
    code = "import sys; sys.stdout.buffer.write(b'\\xff\\r\\n' + b'x' * 200_000 + b'\\n' + b'\\n' * 50)"

    ended = run(code, folder=tmp_path, on_line=heard.append)

    assert heard == ["\ufffd", "x" * 200_000, *[""] * 50]
    assert ended.tail == ("",) * child.TAIL


def test_a_command_may_tidy_up_when_its_time_is_over(tmp_path: Path) -> None:
    """After the timeout the command gets SIGTERM, and its last lines are still heard."""
    ended = run(TIDY, folder=tmp_path, timeout=1.0)

    assert ended == child.Ended(code=7, timed_out=True, tail=("ready", "tidied"))


def test_a_command_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    """SIGKILL follows when the grace is over."""
    began = time.monotonic()

    ended = run(DEAF, folder=tmp_path, timeout=1.0, grace=0.5)

    assert (ended.code, ended.timed_out) == (-signal.SIGKILL, True)
    assert time.monotonic() - began < 10


class Cancelled(BaseException):
    """What a workflow engine raises in the middle of everything."""


def test_an_interruption_waits_for_the_command(tmp_path: Path) -> None:
    """What interrupts us reaches our caller, after the command has tidied up."""
    mark = tmp_path / "tidied"
    code = TIDY.replace("print('tidied')", f"open({str(mark)!r}, 'w').close()")

    def cancel(_: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        run(code, folder=tmp_path, on_line=cancel)

    assert mark.exists()


def test_what_a_command_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    """A grandchild that keeps the pipe open neither holds us up nor lives on."""
    code = f"import subprocess; print(subprocess.Popen([{sys.executable!r}, '-c', 'import time; time.sleep(60)']).pid)"
    began = time.monotonic()

    ended = run(code, folder=tmp_path)

    assert ended.code == 0
    assert time.monotonic() - began < 10
    assert gone(int(ended.tail[0]))


def test_a_command_dies_with_its_parent(tmp_path: Path) -> None:
    """SIGKILL on the process that runs a command reaches the command as SIGTERM."""
    mark = tmp_path / "tidied"
    code = TIDY.replace("print('ready')", "import os; print(os.getpid())").replace("print('tidied')", f"open({str(mark)!r}, 'w').close()")
    runner = (
        "import os, sys; from pathlib import Path; from flows import child\n"
        "child.run(sys.argv[1:], folder=Path(), environ=os.environ, on_line=print, timeout=60)"
    )
    root = Path(child.__file__).parents[1]
    parent = subprocess.Popen([*PYTHON, runner, *PYTHON, code], cwd=root, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.wait()

    assert gone(pid)
    assert mark.exists()


def test_a_command_is_not_begun_for_a_parent_that_is_gone(tmp_path: Path) -> None:
    """Between fork and leash the parent may die: then the command does not start at all."""
    mark = tmp_path / "begun"
    leash = [sys.executable, child.__file__, "1", sys.executable, "-c", f"open({str(mark)!r}, 'w')"]

    assert subprocess.run(leash, check=False).returncode == 0
    assert not mark.exists()


def test_a_command_hears_one_signal_however_many_come(tmp_path: Path) -> None:
    """Who stands between passes the first SIGTERM on and no other; the command's own end is the answer, a signal too."""
    counting = """
import signal, sys, time
heard = []
signal.signal(signal.SIGTERM, lambda *_: heard.append(1))
print('ready')
while not heard:
    time.sleep(0.01)
time.sleep(0.5)
print(len(heard))
"""

    def pester(line: str) -> None:
        if line == "ready":
            (leash,) = (pid for pid in _children(os.getpid()) if b"flows/child.py" in Path(f"/proc/{pid}/cmdline").read_bytes())
            for _ in range(5):
                os.kill(leash, signal.SIGTERM)
                time.sleep(0.02)

    counted = run(counting, folder=tmp_path, on_line=pester)
    killed = run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", folder=tmp_path)
    ended = run("import os, signal; os.kill(os.getpid(), signal.SIGUSR1)", folder=tmp_path)

    assert (counted.code, counted.tail) == (0, ("ready", "1"))
    assert (killed.code, ended.code) == (-signal.SIGKILL, -signal.SIGUSR1)


def _children(pid: int) -> list[int]:
    """The processes that a process has started and that run."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def test_further_signals_do_not_cut_the_grace_short(tmp_path: Path) -> None:
    """Who is told to end three times gives the command its time all the same, and then goes the way of the first."""
    code = """
import os, signal, sys
from pathlib import Path
from flows import child
class Told(BaseException):
    pass
def told(*_):
    raise Told
signal.signal(signal.SIGTERM, told)
tidy = sys.argv[1]
def heard(line):
    print(line, flush=True)
try:
    child.run([sys.executable, '-u', '-c', tidy], folder=Path('.'), environ=os.environ, on_line=heard, timeout=30)
except Told:
    print('told', signal.getsignal(signal.SIGTERM) is told)
"""
    slow = TIDY.replace("0.2", "1.0").replace("'tidied'", "'tidied', file=open('tidied.txt', 'w')")
    root = str(Path(child.__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-c", code, slow], cwd=tmp_path, env={**os.environ, "PYTHONPATH": root}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    for _ in range(3):
        process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
    rest, _ = process.communicate(timeout=30)

    assert rest.splitlines()[-1] == "told True"
    assert (tmp_path / "tidied.txt").read_text(encoding="utf-8") == "tidied\n"
