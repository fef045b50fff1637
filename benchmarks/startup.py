"""How long the face takes to answer: wall seconds of ``copytrail --help``, beside a bare interpreter, warcio and scrapy, in one run.

``python -m benchmarks.startup [ROUNDS]``.  The rows take turns, so that a slow moment of the machine falls on all of them; quote the
ratios.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

BIN = Path(sys.executable).parent
ROWS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "copytrail --help": [str(BIN / "copytrail"), "--help"],
    "copytrail config": [str(BIN / "copytrail"), "config"],
    "warcio --help": [str(BIN / "warcio"), "--help"],
    "scrapy --help": [str(BIN / "scrapy"), "--help"],
}


def seconds(command: list[str]) -> float:
    """Wall seconds of one run."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def main() -> None:
    """Print minimum and median of each row."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    found: dict[str, list[float]] = {name: [] for name in ROWS}
    for _ in range(rounds):
        for name, command in ROWS.items():
            found[name].append(seconds(command))
    base = statistics.median(found["python -c pass"])
    for name, times in found.items():
        median = statistics.median(times)
        print(f"{name:20} min {min(times):.3f} s  median {median:.3f} s  {median / base:5.1f} x bare interpreter")


if __name__ == "__main__":
    main()
