"""What the doctor says of the machine: Python and its packages, cores, memory, open files, the clock, programs that help.

Contract: each function looks at one thing and gives its row, an ``archive.charter.Check``; none writes anything.
"""

import os
import platform
import re
import resource
import shutil
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from archive.charter import Check
from archive.probe import failed, passed, warned

_PRODUCT = "copytrail"
_MIB = 1024 * 1024
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*(?:\[[^]]*\])?\s*(?P<bounds>[^;]*)(?P<marker>;.*)?")
_BOUND = re.compile(r"(>=|<=|==|!=|<|>)\s*([0-9][0-9.]*)")
_LITTLE_MEMORY = 512 * _MIB  # a crawl stays under 300 MB (issue 3 §3)
_FEW_FILES, _TOO_FEW_FILES = 1024, 256  # sixteen connections, their spools, the store, the catalogue
_PROGRAMS = {"ssh-keygen": "checks the signatures of manifests without copytrail", "openssl": "checks time stamps without copytrail"}
_STEP = 0.5  # seconds by which a clock may be set while it is looked at


def python() -> Check:
    """The interpreter against the bounds of the project."""
    bounds = metadata.metadata(_PRODUCT)["Requires-Python"]
    version = platform.python_version()
    if _within(version, bounds):
        return passed("python", version)
    return failed("python", f"{version}, not {bounds}", "make the environment anew with such a Python: make PYTHON=PATH demo")


def packages() -> Check:
    """Every package that the project asks for, against its bounds; one that a marker may leave out may be missing."""
    wrong, count = [], 0
    for line in metadata.requires(_PRODUCT) or ():
        found = _REQUIREMENT.fullmatch(line)
        if found is None:
            wrong.append(f"cannot read {line!r}")
            continue
        try:
            version = metadata.version(found["name"])
        except metadata.PackageNotFoundError:
            if not found["marker"]:
                wrong.append(f"{found['name']} is missing")
            continue
        count += 1
        if not _within(version, found["bounds"]):
            wrong.append(f"{found['name']} {version} is not {found['bounds'].strip()}")
    if wrong:
        return failed("packages", "; ".join(wrong), "make the environment anew from its lock: make demo")
    return passed("packages", f"{count} of them, each within its bounds")


def _within(version: str, bounds: str) -> bool:
    have = _release(version)
    compare: dict[str, Callable[[list[int]], bool]] = {
        ">=": lambda limit: have >= limit,
        "<=": lambda limit: have <= limit,
        "==": lambda limit: have == limit,
        "!=": lambda limit: have != limit,
        "<": lambda limit: have < limit,
        ">": lambda limit: have > limit,
    }
    return all(compare[sign](_release(limit)) for sign, limit in _BOUND.findall(bounds))


def _release(version: str) -> list[int]:
    """The numbers of a release, without the noughts that end them: 3.0 and 3 are one."""
    numbers = [int(number) for number in re.split(r"[^0-9.]", version, maxsplit=1)[0].split(".") if number]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers


def system() -> Check:
    """The kernel: bodies on disk are read through /proc (``archive/spool.py``)."""
    said = f"{platform.system()} {platform.release()}, {len(os.sched_getaffinity(0))} cores"
    if Path("/proc/self/fd").is_dir():
        return passed("system", said)
    return failed("system", f"{said}, no /proc", "run it on Linux, with /proc mounted")


def memory() -> Check:
    """What is there, and what is free."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    told = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"))
    free = int(told[1]) * 1024 if told else total
    limit = _limit_of_group()
    said = f"{free // _MIB:,} MiB free of {total // _MIB:,}" + (f", limited to {limit // _MIB:,}" if limit else "")
    if min(free, limit or free) < _LITTLE_MEMORY:
        return warned("memory", said, "a crawl takes up to 300 MB: stop something else, or raise the limit")
    return passed("memory", said)


def _limit_of_group() -> int | None:
    """The limit of the control group, in bytes, where there is one."""
    try:
        text = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def open_files() -> Check:
    """How many files a process may hold open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    said = f"{soft:,} at once"
    advice = f"ulimit -n {_FEW_FILES}" + (
        "" if hard == resource.RLIM_INFINITY or hard >= _FEW_FILES else "  (root must raise the hard limit)"
    )
    if soft == resource.RLIM_INFINITY or soft >= _FEW_FILES:
        return passed("open files", said)
    return failed("open files", said, advice) if soft < _TOO_FEW_FILES else warned("open files", said, advice)


def clock() -> Check:
    """Whether time runs: the dates of all records come from this clock."""
    wall, steady = time.time(), time.monotonic()
    time.sleep(0.05)
    passed_wall, passed_steady = time.time() - wall, time.monotonic() - steady
    if passed_steady <= 0:
        return failed("clock", "the monotonic clock stands still", "no time limit can be kept on this machine")
    if abs(passed_wall - passed_steady) > _STEP:
        return warned("clock", f"it was set by {passed_wall - passed_steady:+.1f} s just now", "let NTP slew it, and look again")
    if wall < Path(__file__).stat().st_mtime:
        return warned("clock", "it is earlier than when this program was installed", "let NTP set it: WARC-Date comes from it")
    return passed("clock", f"it runs: {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(wall))}")


def programs() -> Check:
    """Programs of others that are of use, and that nothing here needs."""
    missing = [f"{name} ({use})" for name, use in _PROGRAMS.items() if shutil.which(name) is None]
    if missing:
        return warned("programs", f"not here: {', '.join(missing)}", "install them where you want to check an archive by hand")
    return passed("programs", f"{', '.join(_PROGRAMS)} are here")


MACHINE: dict[str, Callable[[], Check]] = {
    "python": python,
    "packages": packages,
    "system": system,
    "memory": memory,
    "open files": open_files,
    "clock": clock,
    "programs": programs,
}
