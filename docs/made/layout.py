"""The reference of the object layout: every key that ``archive/layout.py`` builds, with an example that is built by it.

Contract: a function of that module whose parameters are known here is called with samples; one that takes something new is a ValueError,
so that no kind of object stays unmentioned.
"""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime

from archive import layout
from docs.made.markdown import code, page, plain
from docs.made.sources import summary

_TIME = datetime(2026, 11, 21, 10, 30, 0, 123000, tzinfo=UTC)
_DIGEST = "sha256:" + "3f2a" * 16
SAMPLES: dict[str, object] = {
    "time": _TIME,
    "digest": _DIGEST,
    "slug": "bridge",
    "story": "bridge",
    "version": 1,
    "number": 1,
    "part": 1,
    "run": "20261121T103000-bridge",
    "writer": "host",
    "outlet": "paper.example",
    "table": "documents",
    "day": "2026/11/21",
    "parts": ("a", "b"),
    "suffix": ".parquet",
    "probe": "5b1e",
}
_NAMES = {
    "seed_key": "text.txt",
    "custody_key": "pulled-5b1e0c9a7d21",
    "alarm_key": "silent_feed-5b1e",
    "table_key": "copytrail-20261121103000123-0001-host",
    "judgement_key": "5b1e",
}
_WARC = layout.warc_name(_TIME, 1, "host")
_KEYS = {"warc_key": layout.warc_key(_WARC), "withdrawal": layout.withdrawal_key(_TIME, "5b1e")}


def examples() -> tuple[tuple[str, str], ...]:
    """An example of every kind of key, and what lies there."""
    found = []
    for name, function in inspect.getmembers(layout, inspect.isfunction):
        if name.endswith("_key") and not name.startswith("_"):
            found.append((_example(name, function), summary(function)))
    return tuple(sorted(found))


def _example(name: str, function: Callable[..., str]) -> str:
    given = {**SAMPLES, "name": _WARC if name == "warc_key" else _NAMES.get(name, "5b1e"), **_KEYS}
    values: list[object] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name not in given:
            raise ValueError(f"layout.{name} takes {parameter.name!r}: SAMPLES has no example of it")
        value = given[parameter.name]
        values += value if parameter.kind is parameter.VAR_POSITIONAL and isinstance(value, tuple) else [value]
    return function(*values)


def layout_page() -> str:
    """Every kind of object."""
    return page(
        "Object layout",
        "Keys are relative to the store's folder or prefix, the same in a folder and in S3. An object is created once and never changed; "
        "an erasure on request is the one recorded exception. Times are UTC, numbers are padded so that keys sort as their numbers do, "
        "digests in keys are sha256 in hexadecimal.",
        "\n\n".join(f"{code(key)}\n:   {plain(words)}" for key, words in examples()),
        "## How to read it",
        "- `warc/`, `seeds/`, `stories/`, `outcomes/`, `requests/`, `judgements/`, `imports/` and `withdrawals/` cannot be made again: "
        "they are the archive.\n"
        "- `manifests/` and `custody/` prove it.\n"
        "- `cdxj/`, `tables/`, `merged/` and `profiles/` are made from it and may be deleted.\n"
        "- Beside the store lies a work folder (`work`): WARC files that are being written, and the catalogue where it is SQLite.\n\n"
        "How each can be read with no copytrail at all: [the archive format](../explanation/format.md).",
    )
