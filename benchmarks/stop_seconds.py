"""How long it takes to end a deployed crawl from outside: ``python -m benchmarks.stop_seconds [--work FOLDER]``.

A real Prefect server with our deployments, and for each way to end a run a worker of its own whose crawl has sixteen requests waiting for a
delay of two seconds.  One row a way: seconds until the crawl's process was gone, how the run stood then, the pages that were asked for,
the outcomes that the run wrote, and how many pages the next crawl asked for a second time.  Exit code 1 when a process is left, or a page
is missing after the next crawl.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))  # the engine and the web are the tests'

from support.ends import asked, ended, goes_on, web, whole
from support.engine import prefect_server


def main() -> int:
    """Start, end, go on, and print what was seen."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stop_seconds")
    parser.add_argument("--work", type=Path, help="where everything is made; a temporary folder unless given")
    copytrail = str(Path(sys.executable).with_name("copytrail"))
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="copytrail-stop-", dir=parser.parse_args().work) as name, web() as wire:
        folder = Path(name)
        with prefect_server(folder) as engine:
            subprocess.run([copytrail, "--quiet", "deploy"], env={**os.environ, **engine.environ}, cwd=folder, check=True)
            seen = ended(engine, folder, wire, lambda end: print(end, file=sys.stderr, flush=True))
        print(f"{'way':16} {'crawl gone':>10} {'state':>10} {'known':>7} {'asked':>5} {'twice':>5}  outcomes")
        for way, (run, end) in seen.items():
            goes_on(run, wire)
            twice = sum(count > 1 for count in asked(wire, way).values())
            words = ", ".join(f"{count} {verdict}" for verdict, count in sorted(end.verdicts.items())) or "none"
            print(f"{way:16} {end.seconds:8.1f} s {end.state:>10} {end.state_seconds:5.1f} s {end.pages:>5} {twice:>5}  {words}")
            if end.left or not whole(run):
                wrong += 1
                print(f"  WRONG: processes left {list(end.left)}, every page there and nothing waiting: {whole(run)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
