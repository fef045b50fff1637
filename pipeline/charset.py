"""Bytes of a file to text: which encoding, and what is not certain about it.

``decode(data)`` believes a byte order mark, then UTF-8; where the bytes are neither, it says in words what it did, because a guess must be
seen.  ``NotText`` says why bytes are no text.  Pages have their own way (``pipeline.markup``): they declare their encoding, files do not.
"""

import re

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_MAGIC = {
    "a PDF": (b"%PDF-",),
    "an office file or an archive": (
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0",
        b"\x1f\x8b",
        b"BZh",
        b"\xfd7zXZ",
        b"\x28\xb5\x2f\xfd",
        b"7z\xbc\xaf",
        b"Rar!",
    ),
    "a picture, a sound or a video": (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF"),
    "a program": (b"\x7fELF", b"MZ\x90"),
    "a database or a table": (b"SQLite format 3", b"PAR1"),
    "a WARC file": (b"WARC/1.",),
    "a rich text file": (b"{\\rtf",),
}
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]+")
_CYRILLIC_RUN = 3  # letters of a word in a row: Latin texts have one or two with the high bit


class NotText(ValueError):
    """Bytes that are no text, with the reason."""


def decode(data: bytes) -> tuple[str, str | None]:
    """The text, and the doubt about it; NotText when it is none."""
    for what, magic in _MAGIC.items():
        if data.startswith(magic):
            raise NotText(f"{what}, not a text")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _marked(data, encoding)
    if b"\0" in data:
        raise NotText("holds zero bytes: a binary file, or UTF-16 without its mark")
    if len(_CONTROLS.findall(data)) * 100 > len(data):
        raise NotText("holds control characters: a binary file")
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        return _guessed(data, error)


def _marked(data: bytes, encoding: str) -> tuple[str, str | None]:
    try:
        return data.decode("utf-8-sig" if encoding == "utf-8" else encoding), None
    except UnicodeDecodeError as error:
        raise NotText(f"bears the mark of {encoding} and is not: {error.reason} at byte {error.start}") from error


def _guessed(data: bytes, error: UnicodeDecodeError) -> tuple[str, str]:
    """A text in an encoding that nothing states."""
    whole, high = len(_SEQUENCE.findall(data)), len(_HIGH.findall(data))
    broken = len(_HIGH.findall(_SEQUENCE.sub(b"", data)))
    if whole > broken:
        return data.decode("utf-8", "replace"), f"damaged UTF-8: {broken} places could not be read, the first at byte {error.start}"
    runs = sum(len(run) >= _CYRILLIC_RUN for run in _HIGH.findall(data))
    encoding, name = ("cp1251", "windows-1251") if runs * 2 > high else ("cp1252", "windows-1252")
    return data.decode(encoding, "replace"), f"neither UTF-8 nor marked: read as {name}, a guess"
