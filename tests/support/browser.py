"""A real browser on one page: Chromium without a window, spoken to through a pipe, that reaches nothing but files and loopback.

Contract: ``browser(folder)`` yields a ``Tab`` and ends the browser by its id.  ``Tab.open`` waits until a page is loaded; from then on
``asked`` has every address that was requested, and ``complaints`` what stands in the console.  ``value`` evaluates an expression in the
page, whatever the page's own policy on scripts.
"""

import json
import os
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, sync_playwright
from support.programs import program
from support.replay import NOWHERE_ELSE

PATIENCE = 30.0  # seconds
PHONE, DESKTOP = (360, 740), (1280, 900)
CONTRAST = 4.5  # WCAG 2.2, 1.4.3
# The contrast of every piece of text with what lies behind it; text that lies on a picture is asked for nowhere on the page.
CONTRASTS = """
(() => {
  const parts = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = e => {
    const c = e ? parts(getComputedStyle(e).backgroundColor) : [255, 255, 255];
    return c.length < 4 || c[3] === 1 ? c : behind(e.parentElement);
  };
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n; n = walker.nextNode();) {
    const e = n.parentElement, style = getComputedStyle(e);
    if (!n.textContent.trim() || !e.checkVisibility() || e.closest('option')) continue;
    const svg = e.closest('svg');
    const ground = e.matches('text.n') ? parts(getComputedStyle(e.previousElementSibling).fill) : behind(e);
    const [a, b] = [light(parts(svg ? style.fill : style.color)), light(ground)].sort((x, y) => y - x);
    found.push([(a + .05) / (b + .05), n.textContent.trim().slice(0, 40), e.className.baseVal ?? e.className]);
  }
  return found;
})()
"""


class Tab:
    """One page of the browser."""

    def __init__(self, sending: int, receiving: int) -> None:
        self._out, self._in = os.fdopen(sending, "wb", buffering=0), os.fdopen(receiving, "rb")
        self._number, self._session = 0, ""
        self.asked: list[str] = []
        self.complaints: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> Any:
        """What the browser answers to a command of the DevTools protocol."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params} | ({"sessionId": self._session} if self._session else {})
        self._out.write(json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def _next(self) -> dict[str, Any]:
        raw = bytearray()
        while (byte := self._in.read(1)) != b"\0":
            assert byte, "the browser has ended"
            raw += byte
        message: dict[str, Any] = json.loads(raw)
        params = message.get("params", {})
        if message.get("method") == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        elif message.get("method") in {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}:
            self.complaints.append(json.dumps(params))
        return message

    def close(self) -> None:
        """End the browser, its helpers too."""
        self._session = ""
        self.call("Browser.close")
        self._out.close()
        self._in.close()

    def open(self, address: str, size: tuple[int, int] = DESKTOP, *, dark: bool = False, media: str = "screen") -> None:
        """Show a page in a window of this size."""
        self.asked, self.complaints = [], []
        self.call("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.call("Page.navigate", url=address)
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def value(self, expression: str) -> Any:
        """What an expression is worth in the page."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key that gives no letter, such as Tab."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode={"Tab": 9, "Enter": 13}[key])

    def picture(self) -> bytes:
        """The whole page as PNG."""
        return b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"])

    def printed(self) -> bytes:
        """The page on paper, as PDF."""
        return b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])


@contextmanager
def browser(folder: Path) -> Iterator[Tab]:
    """A browser with a profile of its own in ``folder``."""
    (his_in, sending), (receiving, his_out) = os.pipe(), os.pipe()
    command = [program("chromium"), *NOWHERE_ELSE, f"--user-data-dir={folder}", "--remote-debugging-pipe", "about:blank"]
    # DevTools speaks through descriptors 3 and 4; a shell puts them there, because subprocess keeps the numbers of its own.
    shell = ["bash", "-c", f'exec "$@" 3<&{his_in} 4>&{his_out}', "browser", *command]
    with (folder / "chromium.log").open("wb") as log:
        process = subprocess.Popen(shell, pass_fds=(his_in, his_out), stdout=log, stderr=log)
        os.close(his_in)
        os.close(his_out)
        try:
            tab = Tab(sending, receiving)
            yield tab
            tab.close()
            process.wait(timeout=PATIENCE)
        finally:
            process.kill()
            process.wait()


@dataclass
class Watched:
    """A window of Chromium, and what its pages did."""

    context: BrowserContext
    page: Page
    asked: list[str] = field(default_factory=list)
    abroad: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def look(self, scheme: Literal["light", "dark"] = "light", size: tuple[int, int] = DESKTOP) -> None:
        """Let the page have this size, in light or in dark."""
        self.page.emulate_media(color_scheme=scheme)
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def hear(self, message: ConsoleMessage) -> None:
        """Note what stands in the console, but for what a page only mentions."""
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def see(self, url: str) -> None:
        """Note a request; ``data:``, ``blob:`` and ``about:`` go nowhere."""
        self.asked.append(url)
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1":
            self.abroad.append(url)

    @contextmanager
    def apart(self, **options: Any) -> Iterator["Watched"]:
        """Another window of the same browser that shares nothing with this one; a thread has no room for a second ``chromium()``."""
        opened = self.context.browser
        assert opened is not None
        context = opened.new_context(**options)
        try:
            yield _watched(context)
        finally:
            context.close()

    def forget(self) -> None:
        """Begin the notes anew."""
        for notes in (self.asked, self.abroad, self.complaints):
            notes.clear()


@contextmanager
def chromium(**options: Any) -> Iterator[Watched]:
    """The system's Chromium, watched; ``options`` are those of ``Browser.new_context``, such as ``extra_http_headers``."""
    flags = [flag for flag in NOWHERE_ELSE if flag != "--headless"]
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=program("chromium"), args=flags)
        try:
            yield _watched(opened.new_context(**options))
        finally:
            opened.close()


def _watched(context: BrowserContext) -> Watched:
    watched = Watched(context=context, page=context.new_page())
    context.on("request", lambda request: watched.see(request.url))
    context.on("console", watched.hear)
    context.on("weberror", lambda error: watched.complaints.append(f"thrown: {error.error}"))
    return watched
