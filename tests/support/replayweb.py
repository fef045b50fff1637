"""ReplayWeb.page, the replayer that lives in the browser: a WACZ of ours shown by it in Chromium, with nothing else to reach.

Contract: ``room(file, folder, home)`` serves a WACZ and the replayer (``home`` is where its package was unpacked) on loopback, with Range,
and yields the address.  ``Replayer.look(url, time)`` opens one capture and gives the frame in which it is shown.  What the browser asked
for beyond loopback stands in ``Replayer.abroad``.
"""

import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import uvicorn
from playwright.sync_api import Frame, Page, sync_playwright
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from support.programs import program
from support.replay import NOWHERE_ELSE

PATIENCE = 60.0  # seconds
_PAGE = """<!doctype html><meta charset=utf-8><title>replay</title><script src=ui.js></script>
<body style="margin:0;height:100vh"><script>
const asked = new URLSearchParams(location.search), shown = document.createElement("replay-web-page");
const fixed = {source: "story.wacz", replayBase: "./replay/", embed: "default"};
for (const [name, value] of Object.entries(fixed)) shown.setAttribute(name, value);
for (const name of ["url", "ts"]) shown.setAttribute(name, asked.get(name));
document.body.append(shown);
</script>"""


@contextmanager
def room(file: Path, folder: Path, home: Path) -> Iterator[str]:
    """A web server with the package and the replayer."""
    (folder / "replay").mkdir(parents=True)
    (folder / "index.html").write_text(_PAGE, encoding="utf-8")
    shutil.copy(file, folder / "story.wacz")
    for name in ("ui.js", "replay/ui.js"):
        shutil.copy(home / "ui.js", folder / name)
    shutil.copy(home / "sw.js", folder / "replay" / "sw.js")
    site = Starlette(routes=[Mount("/", StaticFiles(directory=folder, html=True))])
    server = uvicorn.Server(uvicorn.Config(site, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


class Replayer:
    """A browser with the replayer in it."""

    def __init__(self, page: Page, address: str) -> None:
        self._page, self._address = page, address
        self.abroad: list[str] = []
        page.context.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and parts.hostname != "127.0.0.1":
            self.abroad.append(url)

    def look(self, url: str, when: datetime) -> Frame:
        """The frame in which a capture is shown, loaded."""
        moment = f"{when:%Y%m%d%H%M%S}"
        self._page.goto(f"{self._address}/?{urlencode({'url': url, 'ts': moment})}")
        return frame_of(self._page, f"/{moment}mp_/{url}")


def frame_of(page: Page, ending: str) -> Frame:
    """The frame of a page that shows an address with this ending, when it is loaded."""
    deadline = time.monotonic() + PATIENCE
    while not (frames := [frame for frame in page.frames if frame.url.endswith(ending)]):
        assert time.monotonic() < deadline, json.dumps([frame.url for frame in page.frames])
        page.wait_for_timeout(50)
    frames[0].wait_for_load_state("load")
    return frames[0]


@contextmanager
def chromium() -> Iterator[Page]:
    """A page of the system's Chromium, which reaches nothing but loopback."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program("chromium"), args=[flag for flag in NOWHERE_ELSE if flag != "--headless"])
        try:
            yield browser.new_page()
        finally:
            browser.close()


@contextmanager
def replayer(address: str) -> Iterator[Replayer]:
    """Chromium on the replayer's address."""
    with chromium() as page:
        yield Replayer(page, address)
