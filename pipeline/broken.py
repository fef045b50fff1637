"""A broken URL and what it may have been.

``candidates(written)`` gives the URLs that a damaged text may have meant, the likeliest first, each fit to be fetched; nothing when there
is no URL in it.  A fetched page alone can say which is right (``pipeline.mend``), so the true one must be among them, and few must be.

Order: a gap is closed before it becomes a hyphen or ``%20`` (coverage.md §6: deletion 99, hyphen 98, ``%20`` 98, truncation 82), unless
the words of the text speak for the hyphen.  Tracking parameters go first, and the URL with them is the second try: whoever passed the link
on has added them, the article's own address has none, and sending them would tell the outlet that its advertisement had brought us.
"""

import html
import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import product
from operator import itemgetter
from urllib.parse import unquote, urlsplit

from archive.urls import BadUrl, clean

MOST = 16  # candidates: each costs a fetch
_ENTITY = re.compile(r"&#?\w{2,8};")
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]|%C2%AD|%E2%80%8B", re.IGNORECASE)
_DOT = re.compile(r"\s?(?:\[\.\]|\(\.\)|\[dot\]|\(dot\))\s?", re.IGNORECASE)
_ESCAPED_WHOLE = re.compile(r"https?%3A%2F%2F", re.IGNORECASE)
_SCHEME = re.compile(r"(?P<name>h[tx*]{1,2}ps?|ttps?)?\s?(?:\[?:\]?\s?/{0,3}|/{1,3})\s?", re.IGNORECASE)
_GAP = re.compile(r"(?:\s|%20|%0A|%0D|%09|%C2%A0)+", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_AROUND = ".,;:!?…'\"“”‘’«»<>*_|\\"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_SEVERAL = 3  # gaps: beyond them one filler stands for all
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|yclid|msclkid|twclid|ttclid|igshid|igsh|mc_cid|mc_eid|_hsenc|_hsmi|vero_id"
    r"|at_(?:medium|campaign|link\w*|ptr_name|format|bbc_team)|ns_(?:campaign|mchannel|source|linkname|fee)|ocid|cmpid|smid|ito|xtor|ref_src",
    re.IGNORECASE,
)


def known_words(texts: Iterable[str]) -> frozenset[str]:
    """The words of a text, for ``candidates``."""
    return frozenset(word for text in texts for word in _WORD.findall(text.casefold()))


def candidates(written: str, words: AbstractSet[str] = frozenset()) -> tuple[str, ...]:
    """What ``written`` may have been; ``words`` are those of the text to which the URL belongs."""
    schemes, rest = _schemes(_plain(written))
    # The sum of the ranks puts the second choice in one matter before the second choice in two.
    ranked = [
        (filled + tracked + scheme, prefix + text)
        for filled, whole in enumerate(_filled(rest, words))
        for tracked, text in enumerate((_without_tracking(whole), whole))
        for scheme, prefix in enumerate(schemes)
    ]
    likeliest = (url for _, url in sorted(ranked, key=itemgetter(0)))
    return tuple(dict.fromkeys(filter(None, map(_fit, likeliest))))[:MOST]


def _plain(written: str) -> str:
    """The text without what protects, hides or surrounds a URL."""
    text = _HIDDEN.sub("", written)
    while (decoded := _ENTITY.sub(lambda match: html.unescape(match[0]), text)) != text:
        text = decoded
    text = _DOT.sub(".", text).strip().lstrip("<([{\"'“‘«")
    return (unquote(text) if _ESCAPED_WHOLE.match(text) else text).replace("\\", "/")


def _schemes(text: str) -> tuple[tuple[str, ...], str]:
    """The schemes that may have stood there, the likelier first, and the text after them."""
    name = None
    while (match := _SCHEME.match(text)) and match[0]:
        name, text = (match["name"] or "s").lower(), text[match.end() :]
    if name in {"http", "https"}:
        return (f"{name}://",), text
    both = ("https://", "http://")
    return (both if name is None or name.endswith("s") else both[::-1]), text


def _filled(text: str, words: AbstractSet[str]) -> list[str]:
    """The URL without its scheme, each gap filled; last what stands before the first gap."""
    trimmed = _trimmed(text)
    pieces = _GAP.split(trimmed)
    options = [_fillers(pieces[: number + 1], pieces[number + 1], words) for number in range(len(pieces) - 1)]
    if len(options) > _SEVERAL:
        # "\x00" is no filler: with it each gap gets what is likeliest there.
        choices = [tuple(filler if filler in option else option[0] for option in options) for filler in ("\x00", "", "-", "%20")]
    else:
        ranked = sorted(product(*map(enumerate, options)), key=lambda choice: sum(rank for rank, _ in choice))
        choices = [tuple(filler for _, filler in choice) for choice in ranked]
    cut = [pieces[0]] if options and "/" in pieces[0] else []
    untrimmed = [] if options else [text.strip()]
    return [*(_joined(pieces, choice) for choice in choices), *cut, *untrimmed]


def _trimmed(text: str) -> str:
    """Without the punctuation of the sentence in which the URL stood, and without a bracket that was opened before it."""
    text = text.strip()
    while text and (text[-1] in _AROUND or (text[-1] in _PAIRS and text.count(text[-1]) > text.count(_PAIRS[text[-1]]))):
        text = text[:-1].rstrip()
    return text


def _fillers(before: Sequence[str], after: str, words: AbstractSet[str]) -> tuple[str, ...]:
    """What may stand in a gap, the likeliest first; a backspace takes back a hyphen that the line break has added."""
    left = before[-1]
    if not left or not after or left[-1] in "/?&." or after[0] in "/?&.-" or not any("/" in piece for piece in before):
        return ("",)
    if left[-1] in "-=":
        return ("", "\b")
    one, other = _WORD.findall(left.casefold())[-1:], _WORD.findall(after.casefold())[:1]
    apart = one and other and one[0] in words and other[0] in words and one[0] + other[0] not in words
    return ("-", "", "%20") if apart else ("", "-", "%20")


def _joined(pieces: Sequence[str], fillers: Sequence[str]) -> str:
    joined = pieces[0]
    for piece, filler in zip(pieces[1:], fillers, strict=True):
        joined = (joined[:-1] if filler == "\b" else joined + filler) + piece
    return joined


def _without_tracking(text: str) -> str:
    address, mark, query = text.partition("?")
    query, sign, fragment = query.partition("#")
    kept = [part for part in query.split("&") if not _TRACKING.fullmatch(part.partition("=")[0])]
    return address + (mark + "&".join(kept) if any(kept) else "") + sign + fragment


def _fit(url: str) -> str | None:
    """The URL as it can be fetched; None for what is none."""
    try:
        cleaned = clean(url)
    except BadUrl:
        return None
    name = urlsplit(cleaned).hostname or ""
    return cleaned if re.fullmatch(r"(?:[\w-]+\.)+[\w-]{2,}|[\d.]+", name) else None
