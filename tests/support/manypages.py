"""Many articles that have nothing in common but their length: the same text at several addresses of an outlet is a wall."""

import random
from base64 import b64encode
from collections.abc import Sequence
from urllib.parse import urlsplit

from support.badweb import message
from support.wireserver import Pause, Reply

WORDS = [
    "ferry",
    "harbour",
    "island",
    "noon",
    "keeper",
    "lamp",
    "storm",
    "council",
    "crew",
    "pier",
    "repair",
    "engine",
    "ticket",
    "summer",
    "winter",
    "north",
    "south",
    "cargo",
    "rope",
    "signal",
    "bridge",
    "market",
    "school",
    "doctor",
    "letter",
    "radio",
    "boat",
    "river",
    "tide",
    "fog",
    "captain",
    "office",
    "plan",
    "vote",
    "money",
    "road",
    "village",
    "visitor",
    "guide",
    "museum",
    "bell",
    "tower",
]


def different_article(number: int) -> bytes:
    """An article of its own."""
    dice = random.Random(number)
    paragraphs = (" ".join(dice.choices(WORDS, k=40)).capitalize() + "." for _ in range(12))
    title = f"Ferry number {number} and the {' '.join(dice.choices(WORDS, k=5))}"
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    page = f"<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"
    return page.encode()


def different_pages(urls: Sequence[str], seconds: float, size: int = 0) -> dict[str, Reply]:
    """One for each URL, each of which takes its time, and has a comment of ``size`` bytes that gzip makes little shorter than that."""
    noise = random.Random(1)
    found: dict[str, Reply] = {}
    for number, url in enumerate(urls):
        body = different_article(number) + b"<!-- %b -->" % b64encode(noise.randbytes(size))
        found[f"{urlsplit(url).netloc} {urlsplit(url).path}"] = (Pause(seconds), message({"body": body}))
    return found
