"""What an index may say of the good file beside it, right and wrong: CDXJ 0.1.0, CDX before it, ZipNum over it."""

import gzip
import hashlib
import json
from collections.abc import Iterator

from support.verifycases import FILE, GZIP, NAME, PLAIN, PLAIN_STARTS, STARTS, Case
from support.warcs import BODY, URL, digest

_KEY = "example,news)/flood"
_ROWS = (
    (f"{_KEY} 20261121103000", 1, {"status": "200", "mime": "text/html"}),
    (f"{_KEY} 20261122103000", 4, {"status": "200", "mime": "warc/revisit"}),
)


def index_row(number: int, **other: object) -> bytes:
    """A line of the index of the good file."""
    prefix, place, fields = _ROWS[number]
    start, length = STARTS[place], STARTS[place + 1] - STARTS[place]
    held: dict[str, object] = {"url": URL, "digest": digest(BODY), "length": str(length), "offset": str(start), "filename": NAME, **fields}
    held |= {"recordDigest": digest(FILE[start : start + length])} | {name: value for name, value in other.items() if value is not None}
    return f"{prefix} {json.dumps({name: value for name, value in held.items() if other.get(name, 0) is not None})}\n".encode()


INDEX = index_row(0) + index_row(1)


def cdx(columns: str, *, head: bool = True, **other: str) -> bytes:
    """The good file's index before there was JSON."""
    lines = [f" CDX {columns}\n"] if head else []
    for prefix, place, fields in _ROWS:
        sha1 = "PE72ADHPG3N4VLNB5NR6KL77GLM7ZG6S"
        length = STARTS[place + 1] - STARTS[place]
        held = dict(zip("Nb", prefix.split(), strict=True)) | {"a": URL, "m": fields["mime"], "s": fields["status"], "k": sha1, "r": "-"}
        held |= {"M": "-", "S": str(length), "V": str(STARTS[place]), "g": NAME} | other
        lines.append(" ".join(held[letter] for letter in columns.split()) + "\n")
    return "".join(lines).encode()


def zipnum(*, meta: bool = True, **other: object) -> tuple[bytes, bytes]:
    """An index in two compressed blocks, and the index of the blocks."""
    blocks = [gzip.compress(line, mtime=0) for line in INDEX.splitlines(keepends=True)]
    lines, offset = [b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "x.cdx.gz"}\n'] if meta else [], 0
    for (prefix, _, _), block in zip(_ROWS, blocks, strict=True):
        held = {"offset": offset, "length": len(block), "digest": digest(block)} | other
        lines.append(f"{prefix} {json.dumps(held)}\n".encode())
        offset += len(block)
    return b"".join(lines), b"".join(blocks)


_BROKEN: dict[str, tuple[bytes, str]] = {
    "another offset": (index_row(0, offset="7") + index_row(1), "index-offset"),
    "the offset of another record": (index_row(0, offset=str(STARTS[2])) + index_row(1), "index-length"),
    "another length": (index_row(0, length="7") + index_row(1), "index-length"),
    "a length without the line ends": (index_row(0, length=STARTS[2] - STARTS[1] - 4) + index_row(1), "index-length"),
    "another URL": (index_row(0, url="http://other.example/") + index_row(1), "index-url"),
    "another file": (index_row(0, filename="other.warc.gz") + index_row(1), "index-file"),
    "another status": (index_row(0, status="500") + index_row(1), "index-status"),
    "another type": (index_row(0, mime="image/png") + index_row(1), "index-mime"),
    "a revisit that is none": (index_row(0, mime="warc/revisit") + index_row(1), "index-mime"),
    "another digest": (index_row(0, digest=digest(b"other")) + index_row(1), "index-digest"),
    "another digest without a label": (index_row(0, digest=hashlib.sha256(b"other").hexdigest()) + index_row(1), "index-digest"),
    "half a digest": (index_row(0, digest=digest(BODY)[:40]) + index_row(1), "index-digest"),
    "a digest that is none": (index_row(0, digest="unknown") + index_row(1), "index-digest"),
    "half a record digest": (index_row(0, recordDigest=digest(BODY)[:40]) + index_row(1), "index-digest"),
    "another record digest": (index_row(0, recordDigest=digest(b"other")) + index_row(1), "index-digest"),
    "another time": (INDEX.replace(b" 20261121", b" 20251121", 1), "index-time"),
    "another host in the key": (INDEX.replace(b"example,news)", b"example,aaa)", 1), "index-key"),
    "a URL for a key": (INDEX.replace(_KEY.encode(), b"a.example/flood", 1), "index-key"),
    "a line is missing": (index_row(0), "index-incomplete"),
    "not sorted": (index_row(1) + index_row(0), "index-order"),
    "a line that is none": (b"nonsense\n" + INDEX, "index-line"),
    "no JSON": (INDEX.replace(b"{", b"(", 1), "index-line"),
    "JSON that is no object": (f"{_KEY} 20261121103000 [1]\n".encode() + INDEX, "index-line"),
    "an offset below nothing": (index_row(0, offset=-7) + index_row(1), "index-line"),
    "an offset that is no number": (index_row(0, offset="7x") + index_row(1), "index-line"),
    "an offset in parts": (index_row(0, offset=7.5) + index_row(1), "index-line"),
    "a length below nothing": (index_row(0, length="-1") + index_row(1), "index-line"),
    "no URL": (index_row(0, url=None) + index_row(1), "index-line"),
    "a time of eight digits": (INDEX.replace(b" 20261121103000", b" 20261121", 1), "index-line"),
    "two blanks": (INDEX.replace(b" 2026", b"  2026", 1), "index-line"),
    "no UTF-8": (b"\xff" + INDEX, "index-line"),
    "brackets without end": (b"a 20261121103000 " + b'{"a":[' * 100_000 + b"\n" + INDEX, "index-line"),
}
_MILD = {
    "no status": (index_row(0, status=None) + index_row(1), "index-field"),
    "a line twice": (index_row(0) + index_row(0) + index_row(1), "index-repeated"),
    "another path in the key": (INDEX.replace(b")/flood", b")/a", 1), "index-key-form"),
}

_RIGHT = {
    "the index": ("x.cdxj", INDEX),
    "the index compressed": ("x.cdxj.gz", gzip.compress(INDEX)),
    "the index in members": ("x.cdx.gz", gzip.compress(index_row(0)) + gzip.compress(index_row(1))),
    "numbers in JSON": ("x.cdxj", index_row(0, offset=STARTS[1], status=200) + index_row(1)),
    "a time with milliseconds": ("x.cdxj", INDEX.replace(b"20261121103000 ", b"20261121103000000 ")),
    "a digest without a label": ("x.cdxj", index_row(0, digest=digest(BODY)[7:]) + index_row(1)),
    "a head": ("x.cdxj", b'!meta 0 {"format": "cdxj"}\n' + INDEX),
    "www in the key": ("x.cdxj", INDEX.replace(b"example,news)", b"example,news,www)")),
    "what follows a key for POST": ("x.cdxj", INDEX.replace(b")/flood ", b")/flood?__wb_method=post ")),
    "CDX of eleven columns": ("x.cdx", cdx("N b a m s k r M S V g")),
    "CDX of nine columns": ("x.cdx", cdx("N b a m s k r V g")),
    "CDX without a head": ("x.cdx", cdx("N b a m s k r M S V g", head=False)),
    "CDX by wget": ("x.cdx", cdx("a b a m s k r M V g")),
}


def index_cases() -> Iterator[Case]:
    """What an index says of the good file beside it."""
    for name, (data, rule) in (_BROKEN | _MILD).items():
        yield Case(name=name, files={NAME: FILE, "x.cdxj": data}, rule=rule, section="CDXJ 0.1.0", mild=name in _MILD)
    late = cdx("N b a m s k r M S V g").splitlines(keepends=True)
    yield Case(
        name="a CDX with another offset",
        files={NAME: FILE, "x.cdx": cdx("N b a m s k r M S V g", V="7")},
        rule="index-offset",
        section="CDXJ 0.1.0",
    )
    yield Case(
        name="a CDX not sorted",
        files={NAME: FILE, "x.cdx": b"".join([late[0], late[2], late[1]])},
        rule="cdx-order",
        section="CDX File Format (2015)",
        mild=True,
    )
    yield Case(name="a compressed index cut", files={NAME: FILE, "x.cdxj.gz": gzip.compress(INDEX)[:-9]}, rule="gzip-broken", section=GZIP)
    for name, (file, data) in _RIGHT.items():
        yield Case(name=name, files={NAME: FILE, file: data})
    plain = b"".join(
        index_row(
            number,
            offset=str(PLAIN_STARTS[place]),
            length=str(PLAIN_STARTS[place + 1] - PLAIN_STARTS[place] - 4),
            filename="x.warc",
            recordDigest=None,
        )
        for number, (_, place, _) in enumerate(_ROWS)
    )
    yield Case(name="lengths of a file that is not compressed", files={"x.warc": PLAIN, "x.cdxj": plain})
    yield from _zipnum_cases()


def _zipnum_cases() -> Iterator[Case]:
    idx, blocks = zipnum()
    first, second, third = idx.splitlines(keepends=True)
    columns = b"".join(
        line.split(b" {")[0] + f"\tx\t{held['offset']}\t{held['length']}\t{number}\n".encode()
        for number, line in enumerate((second, third), 1)
        if (held := json.loads(line.split(b" ", 2)[2]))
    )
    broken = {
        "a block at another place": (idx.replace(b'"offset": 0', b'"offset": 5'), "zipnum-block"),
        "a block of another length": (zipnum(length=9)[0], "zipnum-block"),
        "a block with another digest": (zipnum(digest=digest(b"other"))[0], "zipnum-digest"),
        "a block with half a digest": (zipnum(digest="sha256:ab")[0], "zipnum-digest"),
        "a block that begins otherwise": (idx.replace(b"20261122", b"20261123"), "zipnum-key"),
        "a block without a line": (first + third, "zipnum-gap"),
        "the last block without a line": (first + second, "zipnum-gap"),
        "a shard that is not there": (zipnum(filename="y.cdx.gz")[0], "zipnum-file"),
        "a line of blocks that is none": (idx + b"nonsense\n", "zipnum-line"),
        "a block that is nowhere": (zipnum(offset=None)[0], "zipnum-line"),
    }
    for name, (data, rule) in broken.items():
        yield Case(name=name, files={NAME: FILE, "x.cdx.gz": blocks, "x.idx": data}, rule=rule, section="cdxj-gzip-1.0")
    files = {NAME: FILE, "x.cdx.gz": blocks}
    yield Case(name="blocks not sorted", files=files | {"x.idx": first + third + second}, rule="index-order", section="CDXJ 0.1.0")
    yield Case(name="an index in blocks", files=files | {"x.idx": idx})
    yield Case(name="an index in blocks, in columns", files=files | {"x.idx": columns})
    named = {NAME: FILE, "y.cdx.gz": blocks, "x.loc": b"x\t/elsewhere/x.cdx.gz\ty.cdx.gz\n", "x.idx": columns}
    yield Case(name="an index in blocks with a list of places", files=named)
    open_ended = gzip.compress(index_row(0).rstrip()) + gzip.compress(index_row(1).rstrip())
    yield Case(name="blocks whose last lines have no end", files={NAME: FILE, "x.cdx.gz": open_ended})
    halves = gzip.compress(INDEX[:100]) + gzip.compress(INDEX[100:])
    yield Case(name="members that end within a line", files={NAME: FILE, "x.cdx.gz": halves})
