"""Warcio's ``capture_http`` around ``requests``, as its documentation has it: ``python -m benchmarks.peer_capture_http ASKS WARC``.

Runs in a judge's environment, which has both.  ``ASKS`` is the JSON that ``fidelity_cases`` writes.  warcio has to be imported first,
because it replaces parts of ``http.client``.  Bodies are read as they came, not decoded.
"""

import contextlib
import importlib
import json
import sys
import warnings
from itertools import groupby
from pathlib import Path
from typing import Any

from warcio.capture_http import capture_http

requests: Any = importlib.import_module("requests")
SECONDS = 3.0


def ask_all(asks: list[dict[str, Any]], target: str) -> None:
    """Ask for everything once, each case with a recorder and a connection of its own."""
    for _, group in groupby(asks, key=lambda ask: ask["case"]):
        with capture_http(target, warc_version="1.1"), requests.Session() as session:
            session.trust_env = False
            for ask in group:
                with contextlib.suppress(Exception):  # whatever a recorder raises: what it has kept is what is measured
                    _ask(session, ask)


def _ask(session: Any, ask: dict[str, Any]) -> None:
    proxies = dict.fromkeys(("http", "https"), f"http://{ask['proxy']}") if ask["proxy"] else {}
    answer = session.request(
        ask["method"],
        ask["url"],
        headers=ask["headers"],
        data=ask["body"],
        proxies=proxies,
        allow_redirects=False,
        stream=True,
        timeout=SECONDS,
        verify=False,  # the authority is an invented one, and warcio does not look at certificates
    )
    while answer.raw.read(65536, decode_content=False):
        pass


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    everything = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    ask_all(everything, sys.argv[2])
