"""A client of nothing but ``http.client``, for the tools that record what others fetch; it runs in their environments too.

Contract: ``ask_all`` asks in order, the asks of one case over one connection as far as the server keeps it, follows no redirect, never asks
twice, and passes over whatever goes wrong.  An ask has ``case``, ``url``, ``method``, ``headers``, ``body`` (text or null), and ``proxy``
(HOST:PORT or null), as ``fidelity_cases`` writes them.
"""

import contextlib
import http.client
import ssl
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

SECONDS = 3.0


def ask_all(asks: Sequence[Mapping[str, Any]], proxy: str | None = None) -> None:
    """Ask for everything, through ``proxy`` in place of the asks' own when it is given."""
    for _, of_case in groupby(asks, key=lambda ask: ask["case"]):
        group = list(of_case)
        through = proxy or group[0]["proxy"]
        connection = _connection(group[0]["url"], through)
        for ask in group:
            parts = urlsplit(ask["url"])
            target = ask["url"] if through and parts.scheme == "http" else parts.path
            try:
                connection.request(ask["method"], target, ask["body"], ask["headers"])
                connection.getresponse().read()
            except Exception:  # noqa: BLE001 -- a recorder may raise anything; what it has kept is what is measured
                connection.close()
        with contextlib.suppress(Exception):
            connection.close()


def _connection(url: str, proxy: str | None) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host, _, port = (proxy or parts.netloc).partition(":")
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, int(port), timeout=SECONDS)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # recording proxies sign for the site themselves
    connection = http.client.HTTPSConnection(host, int(port), timeout=SECONDS, context=context)
    if proxy:
        connection.set_tunnel(parts.hostname or "", parts.port)
    return connection
