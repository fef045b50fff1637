"""How the doctor speaks: a row a check, without secrets, and a check that breaks is a row as well.

Contract: ``Report.code`` is 1 when something failed, else 0.  ``probe_store`` runs the probe of a store and writes its verdict down there,
listed in this writer's manifest.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from archive import charter, layout, manifest
from archive.charter import VERDICTS, Charter, Check, Sharing, State
from archive.custody import this_agent
from archive.notary import Notary
from archive.probe import Clock, failed, probe
from archive.settings import Settings
from archive.store import Store, StoreError, open_store
from archive.vault import writer_name
from copytrail.output import Talk

_SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|AUTH_STRING|API_KEY")
_USERINFO = re.compile(r"(?<=://)[^/\s@]*:[^/\s@]*@")


class Report:
    """What was checked so far."""

    def __init__(self, talk: Talk, environ: Mapping[str, str]) -> None:
        self.code = 0
        self._talk = talk
        self._hide = hider(environ)

    def run(self, name: str, look: Callable[[], Check | Iterable[Check]]) -> None:
        """Look at one thing, and show what was found."""
        try:
            found = look()
            for check in [found] if isinstance(found, Check) else found:
                self.show(check)
        except Exception as error:  # noqa: BLE001 -- it is a row: a doctor who faints at one wound sees no other
            self.show(
                failed(name, f"could not be looked at: {type(error).__name__}: {error}", "see whether the packages are whole: make demo")
            )

    def show(self, check: Check) -> None:
        """One row."""
        if check.state is State.FAIL:
            self.code = 1
        found, advice = self._hide(check.found), self._hide(check.advice)
        below = f"\n{'':27}-> {advice}" if advice else ""
        row = {"name": check.name, "state": str(check.state), "found": found, "advice": advice}
        self._talk.emit("check", row, f"{check.state:5} {check.name:20} {found}{below}")

    def conclude(self, url: str, sharing: Sharing | None, held: Charter | None) -> None:
        """What a probe adds up to; without a verdict that is a failure."""
        words = "cannot be told: it was not asked to the end" if sharing is None else VERDICTS[sharing]
        only = held.only if held else None
        where = layout.charter_key(held.number) if held else None
        if sharing is not Sharing.SHARED:
            self.code = 1
        row = {"store": self._hide(url), "sharing": sharing and str(sharing), "verdict": words, "only": only, "charter": where}
        text = f"{self._hide(url)}: {words}" + (f" ({only})" if only and sharing is Sharing.SINGLE else "")
        self._talk.emit("verdict", row, f"verdict {text}" + (f"; written down in {where}" if where else ""))


def probe_store(report: Report, settings: Settings, url: str, clock: Clock, name: str, only: str | None) -> None:
    """Probe a store, show what was found, and write the verdict down in it; ``name`` is that of the probe."""
    try:
        found = probe(url, endpoint=settings.s3_endpoint, clock=clock, name=name)
    except (StoreError, ImportError) as error:
        report.show(failed("reach", str(error), "name a folder or s3://bucket/prefix"))
        return
    for check in found.checks:
        report.show(check)
    held = None
    if found.sharing is not None:
        try:
            held = _written_down(open_store(url, endpoint=settings.s3_endpoint), settings, clock, found.checks, found.sharing, only)
        except (StoreError, ValueError) as error:  # a key that cannot sign is a ValueError
            report.show(failed("charter", f"the verdict could not be written down: {error}", "mend that, and probe again"))
    report.conclude(url, found.sharing, held)


def _written_down(store: Store, settings: Settings, clock: Clock, checks: tuple[Check, ...], sharing: Sharing, only: str | None) -> Charter:
    writer, now = writer_name(), clock()
    notary = Notary(settings.signing_key, settings.timestamp_url, settings.ca_file)

    def keep(key: str, data: bytes, time: datetime) -> None:
        manifest.append(store, writer, [store.create(key, data)], time, agent=this_agent(settings.contact), notary=notary)

    known = charter.newest(store)
    made = charter.made(store, writer, now, sharing, checks, only=only)
    return made if made == known else charter.write(store, made, keep)


def hider(environ: Mapping[str, str]) -> Callable[[str], str]:
    """What takes secrets out of a text: values of variables whose names say that they are, and passwords in URLs."""
    secrets = sorted({value for name, value in environ.items() if _SECRET.search(name) and value}, key=len, reverse=True)

    def hide(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "***")
        return _USERINFO.sub("***@", text)

    return hide
