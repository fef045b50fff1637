"""White space as a browser shows it."""

import re

# Control characters, soft hyphen, zero-width marks, byte order mark, halves of a character that JSON can escape: a reader sees none.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ud800-\udfff]")


def squeeze(text: str) -> str:
    """``text`` with runs of white space as one space and invisible characters gone."""
    joined = " ".join(text.split())
    return joined if joined.isprintable() else " ".join(_INVISIBLE.sub("", joined).split())
