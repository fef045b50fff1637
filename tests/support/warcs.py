"""WARC files record by record, good by default and broken on purpose where a test says so.

``good`` is one capture event with its warcinfo and, a day later, a revisit of it.  ``write`` fills in Content-Length and the digests
unless a record states them itself, so that a case breaks exactly what it names.
"""

import gzip
import hashlib
import importlib
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

URL = "http://news.example/flood"
BODY = b"<p>The dam holds.</p>"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 21\r\n\r\n"
REQUEST = b"GET /flood HTTP/1.1\r\nHost: news.example\r\n\r\n"
DATE, LATER = "2026-11-21T10:30:00Z", "2026-11-22T10:30:00Z"
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
HTTP = "application/http; msgtype="


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def name_of(number: int) -> str:
    return f"<urn:uuid:00000000-0000-4000-8000-{number:012}>"


@dataclass(slots=True)
class Rec:
    """One record; ``raw`` replaces bytes in it after it was written."""

    fields: list[tuple[str, str]]
    block: bytes
    version: bytes = b"WARC/1.1"
    raw: Sequence[tuple[bytes, bytes]] = ()

    def set(self, name: str, value: str | None) -> None:
        """Give a field another value, or take it away."""
        if value is None:
            self.fields = [item for item in self.fields if item[0] != name]
        elif any(item[0] == name for item in self.fields):
            self.fields = [(known, value if known == name else old) for known, old in self.fields]
        else:
            self.fields.append((name, value))

    def data(self) -> bytes:
        """The record, not compressed."""
        stated = {known for known, _ in self.fields}
        filled = [(key, value) for key, value in self._filled() if key not in stated]
        lines = b"".join(f"{key}: {value}\r\n".encode() for key, value in (*self.fields, *filled))
        result = self.version + b"\r\n" + lines + b"\r\n" + self.block + b"\r\n\r\n"
        for old, new in self.raw:
            assert old in result, old
            result = result.replace(old, new, 1)
        return result

    def _filled(self) -> Iterable[tuple[str, str]]:
        yield "WARC-Block-Digest", digest(self.block)
        yield "Content-Length", str(len(self.block))


def good() -> dict[str, Rec]:
    """A warcinfo, a request with its response and metadata, and a revisit a day later, by name."""
    response = [("WARC-Payload-Digest", digest(BODY)), ("WARC-IP-Address", "192.0.2.7")]
    revisit = [
        ("WARC-Profile", IDENTICAL),
        ("WARC-Payload-Digest", digest(BODY)),
        ("WARC-Refers-To", name_of(2)),
        ("WARC-Refers-To-Target-URI", URL),
        ("WARC-Refers-To-Date", DATE),
        ("WARC-Truncated", "length"),
    ]
    return {
        "warcinfo": _record(1, "warcinfo", DATE, "application/warc-fields", b"software: test\r\n", target=False),
        "response": _record(2, "response", DATE, f"{HTTP}response", HEAD + BODY, *response, concurrent=(3, 4)),
        "request": _record(3, "request", DATE, f"{HTTP}request", REQUEST, concurrent=(2,)),
        "metadata": _record(4, "metadata", DATE, "application/warc-fields", b"via: http://news.example/\r\n", concurrent=(2,)),
        "revisit": _record(5, "revisit", LATER, f"{HTTP}response", HEAD, *revisit),
    }


def _record(
    number: int,
    kind: str,
    date: str,
    mime: str,
    block: bytes,
    *more: tuple[str, str],
    target: bool = True,
    concurrent: tuple[int, ...] = (),
) -> Rec:
    fields = [("WARC-Type", kind), ("WARC-Record-ID", name_of(number)), ("WARC-Date", date), ("Content-Type", mime)]
    if target:
        fields += [("WARC-Target-URI", URL), ("WARC-Warcinfo-ID", name_of(1))]
    return Rec([*fields, *(("WARC-Concurrent-To", name_of(other)) for other in concurrent), *more], block)


def write(records: Iterable[Rec], *, compressed: bool = True) -> bytes:
    """The file."""
    return b"".join(gzip.compress(record.data(), mtime=0) if compressed else record.data() for record in records)


def changed(case: Mapping[str, Any]) -> list[Rec]:
    """The good file with what a case of ``cases/warc-*.yaml`` changes in it."""
    records = good()
    order = list(case.get("order", records))
    for name, change in {case.get("record"): case, **case.get("also", {})}.items():
        if name is not None:
            if name == "response" and "block" in change:
                records[name].set("WARC-Payload-Digest", None)
                order = [item for item in order if item != "revisit"]  # it stands for the payload that is gone
            _change(records[name], change)
    for number, new in enumerate(case.get("new", []), 6):
        record = good()[new["like"]]
        record.set("WARC-Record-ID", name_of(number))
        record.set("WARC-Concurrent-To", None)
        _change(record, new)
        records[str(number)] = record
        order.append(str(number))
    return [records[name] for name in order]


def _change(record: Rec, change: Mapping[str, Any]) -> None:
    if "block" in change:
        body = coded(change["body"]) if "body" in change else b""
        record.block = change["block"].replace("{length}", str(len(body))).encode("latin-1") + body
    record.version = change.get("version", "WARC/1.1").encode()
    for name, value in change.get("set", {}).items():
        record.set(name, value if value is None else _filled_in(value))
    record.fields += [(name, _filled_in(value)) for name, value in change.get("add", [])]
    record.raw = [(old.encode("latin-1"), new.encode("latin-1")) for old, new in change.get("raw", [])]


def _filled_in(value: str) -> str:
    """``{3}`` is the id of the third record, ``{sha256 text}`` a digest of the text."""
    value = re.sub(r"\{(\d+)\}", lambda match: name_of(int(match[1])), value)
    return re.sub(r"\{(\w+) ([^}]*)\}", lambda match: hashlib.new(match[1], match[2].encode("latin-1")).hexdigest(), value)


def coded(body: Mapping[str, Any]) -> bytes:
    """A body in a content coding: ``text``, in one ``coding`` or several, ``cut`` at its end, a byte ``flip``ped, with a ``tail``."""
    data = str(body.get("text", BODY.decode() * 40)).encode()
    for coding in body["coding"].split():
        data = _CODERS[coding](data)
    if "flip" in body:
        data = data[: body["flip"]] + bytes([data[body["flip"]] ^ 0xFF]) + data[body["flip"] + 1 :]
    return data[: len(data) - int(body.get("cut", 0))] + str(body.get("tail", "")).encode()


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


_CODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "zlib": zlib.compress,
    "raw": _raw_deflate,
    "br": importlib.import_module("brotli").compress,
    "zstd": importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd").compress,
    "plain": bytes,
}
