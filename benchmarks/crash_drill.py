"""The long crash drill: ``python -m benchmarks.crash_drill [--rounds 200] [--seed 1] [--store folder|s3|both] [--work FOLDER]``.

Each round is a process that recovers what the one before left, then keeps, seals, uploads and catalogues invented captures until it is
killed with signal 9, at any moment; every seventh round the S3 server is killed under it too, and started again.  One more process recovers
at the end, and everything is counted: what was acknowledged against WARC files, indexes, manifests and catalogue.  Exit code 1 when
anything is lost, double, torn or left over.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))  # the drill is the tests'

from support.drill import Audit, Drill, drill

SERVER_EVERY = 7  # rounds
LONGEST = 0.5  # seconds at work before the kill


def main() -> int:
    """Run the drill on each store, and print its table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash_drill")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", choices=("folder", "s3", "both"), default="both")
    parser.add_argument("--work", type=Path, help="where the archives are made; a temporary folder unless given")
    asked = parser.parse_args()
    kinds = ("folder", "s3") if asked.store == "both" else (asked.store,)
    with tempfile.TemporaryDirectory(prefix="copytrail-drill-", dir=asked.work) as folder:
        return max([run(Path(folder), kind, asked.rounds, asked.seed) for kind in kinds])


def run(folder: Path, kind: str, rounds: int, seed: int) -> int:
    """One drill; 1 when something is wrong."""
    (folder / kind).mkdir()
    started = time.monotonic()
    with drill(folder / kind, kind, seed) as work:
        for number in range(rounds):
            work.random_round(longest=LONGEST, server=number % SERVER_EVERY == SERVER_EVERY - 1)
        audit = work.audit()
        print(table(work, audit, rounds, time.monotonic() - started))
    return 1 if audit.faults else 0


def table(work: Drill, audit: Audit, rounds: int, seconds: float) -> str:
    """What happened, in Markdown."""
    times = sorted(work.recovery_times()) or [0.0]
    rows: list[tuple[str, object]] = [
        ("rounds", rounds),
        ("processes killed", work.kills.total()),
        ("S3 server killed", work.server_kills),
        ("processes that gave up, because the server was away", work.refusals),
        ("exchanges acknowledged", audit.acknowledged),
        ("lost", len(audit.lost)),
        ("there twice", len(audit.doubled)),
        ("torn files", len(audit.torn)),
        ("orphan uploads", len(audit.orphans)),
        ("index or catalogue unequal to the WARC files", len(audit.unequal)),
        ("errors of verify", len(audit.found)),
        ("files left in the work folder", len(audit.left)),
        ("tails put aside (.cut)", audit.tails),
        ("recoveries that had something to do", len(times)),
        ("recovery, seconds: median, largest", f"{statistics.median(times):.2f}, {times[-1]:.2f}"),
        ("whole drill, seconds", f"{seconds:.0f}"),
    ]
    stages = "".join(f"| killed at: {stage} | {count} |\n" for stage, count in work.kills.most_common())
    faults = "".join(f"{fault}\n" for fault in audit.faults)
    return "".join(f"| {name} | {value} |\n" for name, value in [("drill", work.kind), ("---", "---"), *rows]) + stages + faults


if __name__ == "__main__":
    sys.exit(main())
