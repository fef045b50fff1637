"""What it costs to check a WARC: ``copytrail verify FILE`` against ``zcat FILE | sha256sum``, in one run.

``python -m benchmarks.verify_cost [ROUNDS] [MB]``.  The file is ``benchmarks.corpus``'s; the two take turns, and the minimum of the CPU
seconds (user and system, of all processes) is printed.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.corpus import sealed_warc

GOAL = 2.0
COPYTRAIL = Path(sys.executable).with_name("copytrail")


def spent(*commands: list[str]) -> float:
    """CPU seconds of programs that are piped one into the next."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    processes: list[subprocess.Popen[bytes]] = []
    for command in commands:
        source = processes[-1].stdout if processes else subprocess.DEVNULL
        last = command is commands[-1]
        processes.append(subprocess.Popen(command, stdin=source, stdout=subprocess.DEVNULL if last else subprocess.PIPE))
        if processes[1:] and processes[-2].stdout is not None:
            processes[-2].stdout.close()
    codes = [process.wait() for process in processes]
    if any(codes):
        raise SystemExit(f"{commands}: ended with {codes}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(arguments: list[str]) -> None:
    """Print both, and the ratio."""
    rounds, megabytes = (int(value) for value in (arguments + ["5", "300"][len(arguments) :]))
    found: dict[str, list[float]] = {"zcat | sha256sum": [], "copytrail verify": []}
    with tempfile.TemporaryDirectory(prefix="verify-cost-") as folder:
        path = sealed_warc(Path(folder), megabytes * 1_000_000)
        for _ in range(rounds):
            found["zcat | sha256sum"].append(spent(["zcat", str(path)], ["sha256sum"]))
            found["copytrail verify"].append(spent([str(COPYTRAIL), "verify", str(path)]))
    for name, times in found.items():
        print(f"{name:17} {min(times):.2f} CPU s   each " + " ".join(f"{time:.2f}" for time in times))
    ratio = min(found["copytrail verify"]) / min(found["zcat | sha256sum"])
    print(f"copytrail verify : zcat | sha256sum = {ratio:.2f}, wanted at most {GOAL:g}")


if __name__ == "__main__":
    main(sys.argv[1:])
