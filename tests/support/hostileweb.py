"""A random web of hostile sites on one real server, and what a polite visitor may do there, told from the server's side alone.

Contract: ``HostileWeb(seed, clock)`` is a running server for the hosts of some registered domains; ``wanted`` are the URLs to ask for.
It keeps ``visits``: what was asked, when, and what it answered.  ``violations(web, delay)`` reads them and names every breach of the rules;
it shares no code with the crawler: what robots.txt says is known from the rules that it was written from (RFC 9309 §2.2.2, longest match,
allow wins).  Each site changes its robots.txt with every fetch of it.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import cycle
from urllib.parse import urlsplit

from support.wireserver import CLOSE, Pause, Reply, Served, WireServer

PATHS = ("/news/1", "/news/2.html", "/private/3", "/private/ok/4", "/s?q=5", "/a/b.pdf", "/7")
PATTERNS = ("/private", "/private/ok", "/*.pdf$", "/s?", "/news/*.html", "/", "/news$", "/*/b", "/7$", "/news/1")
AGENTS = (("*",), ("copytrail",), ("other",), ("other", "copytrail"), ("*",), ("copytrail",))
FIELDS = ("Allow", "Disallow", "Disallow")
INSIDE = (
    "http://10.1.2.3/",
    "http://127.0.0.1:{port}/inside",
    "http://[::1]:{port}/inside",
    "http://169.254.169.254/latest",
    "http://2130706433/",
)
MIRROR = "mirror.example"
LONG = 10 * 86400  # seconds: a Retry-After for which nobody waits
SLOW = 5.0  # seconds: more than the visitor's time-out


@dataclass(frozen=True, kw_only=True)
class Rules:
    """One state of a site's robots.txt."""

    status: int = 200
    silent: bool = False  # the server never answers; or hangs up
    hops: int = 0  # redirects that lead to it
    abroad: bool = False  # to another host
    groups: tuple[tuple[tuple[str, ...], tuple[tuple[str, str], ...]], ...] = ()
    delay: float = 0.0
    dress: str = "plain"

    def allow(self, path: str) -> bool:
        """What a visitor called copytrail may ask for after this answer."""
        if self.hops > 5:
            return True
        if self.silent or self.status >= 500 or self.status == 429:
            return False
        return self.status != 200 or _allowed(self._ours(), path)

    def patience(self) -> float:
        """The Crawl-delay that holds for it."""
        spoken_to = any({"copytrail", "*"} & set(agents) for agents, _ in self.groups)
        return self.delay if spoken_to and self.status == 200 and self.hops <= 5 and not self.silent else 0.0

    def _ours(self) -> list[tuple[str, str]]:
        named = [rules for agents, rules in self.groups if "copytrail" in agents]
        return [rule for rules in named or [rules for agents, rules in self.groups if "*" in agents] for rule in rules]

    def text(self) -> bytes:
        """The file."""
        lines = []
        for agents, rules in self.groups:
            lines += [f"{name}: {agent}" for name, agent in zip(cycle(("User-agent", "user-agent")), agents, strict=False)]
            lines += [f"{field}: {pattern}" for field, pattern in rules]
            if self.delay and {"copytrail", "*"} & set(agents):
                lines.append(f"Crawl-delay: {self.delay:g}")
            lines.append("")
        body = "\r\n".join(lines).encode()
        match self.dress:
            case "bom":
                return b"\xef\xbb\xbf" + body
            case "latin-1":
                return "# Für Roböter\r\n".encode("latin-1") + body
            case "huge":  # what stands behind the first 500 KiB says nothing
                return body + b"# \r\n" * 130_000 + b"User-agent: *\r\nUser-agent: copytrail\r\nDisallow: /\r\n"
            case _:
                return body


def _allowed(rules: Sequence[tuple[str, str]], path: str) -> bool:
    matching = [(len(pattern), name == "Allow") for name, pattern in rules if _matches(pattern, path)]
    return max(matching)[1] if matching else True


def _matches(pattern: str, path: str) -> bool:
    end = pattern.endswith("$")
    expression = "".join(".*" if character == "*" else re.escape(character) for character in pattern.removesuffix("$"))
    return re.match(expression + ("$" if end else ""), path) is not None


@dataclass(kw_only=True)
class Visit:
    """One request as the server saw it."""

    time: float
    clock: datetime
    host: str
    path: str
    rules: Rules | None = None  # a robots.txt was asked for, and this is what holds from now on
    leave: float = 0.0  # seconds for which the answer asks to be left alone
    back_off: bool = False  # it asks for patience without saying how much

    @property
    def is_robots(self) -> bool:
        return self.path == "/robots.txt" or self.path.startswith("/r/")

    @property
    def domain(self) -> str:
        return ".".join(self.host.split(".")[-2:])


@dataclass
class Page:
    """How one page behaves; a busy one at first."""

    kind: str
    target: str = ""
    busy: list[str] = field(default_factory=list)


class HostileWeb(WireServer):
    """The server of all its hosts."""

    def __init__(self, seed: int, clock: Callable[[], datetime]) -> None:
        super().__init__({})
        self.visits: list[Visit] = []
        self._clock = clock
        self._dice = random.Random(seed)
        domains = [f"{name}{seed}.example" for name in ("press", "post", "times")]
        self.hosts = [host for domain in domains for host in (domain, f"www.{domain}", f"m.{domain}")[: self._dice.randint(1, 3)]]
        self.wanted = [f"http://{host}{path}" for host in self.hosts for path in self._dice.sample(PATHS, 4)]
        self._dice.shuffle(self.wanted)
        self._states = {host: [self._rules() for _ in range(4)] for host in self.hosts}
        self._pages = {(host, path): self._page() for host in self.hosts for path in PATHS}
        self._now: dict[str, Rules] = {}

    @property
    def connect_to(self) -> str:
        """The setting that leads to its hosts, and nowhere else."""
        return ",".join(f"{host}:*=127.0.0.1:{self.port}" for host in (*self.hosts, MIRROR))

    def _rules(self) -> Rules:
        dice = self._dice
        names = dice.sample(AGENTS, dice.randint(0, 4))
        groups = tuple((agents, tuple((dice.choice(FIELDS), dice.choice(PATTERNS)) for _ in range(dice.randint(1, 3)))) for agents in names)
        kind = dice.choices(("rules", "none", "broken", "silent"), (12, 2, 2, 1))[0]
        return Rules(
            status={"rules": 200, "silent": 200, "none": dice.choice((401, 403, 404, 410)), "broken": dice.choice((429, 500, 503))}[kind],
            silent=kind == "silent",
            hops=dice.choice((0, 0, 0, 1, 3, 5, 6)) if kind == "rules" else 0,
            abroad=dice.random() < 0.5,
            groups=groups,
            delay=dice.choice((0, 0, 0, 0.25)) if groups else 0,
            dress=dice.choice(("plain", "plain", "bom", "latin-1", "huge")),
        )

    def _page(self) -> Page:
        dice = self._dice
        kind = dice.choices(("plain", "moved", "inside", "busy", "slow", "gone"), (8, 5, 1, 3, 1, 1))[0]
        target = dice.choice(INSIDE) if kind == "inside" else f"http://{dice.choice(self.hosts)}{dice.choice(PATHS)}"
        wishes = dice.choices(("1", "date", "soon", "", "-1", str(LONG)), (3, 3, 2, 2, 1, 1), k=dice.randint(1, 3))
        return Page(kind, target, wishes if kind == "busy" else [])

    def _reply(self, served: Served) -> Reply:
        visit = Visit(time=served.time, clock=self._clock(), host=served.host, path=served.path)
        self.visits.append(visit)
        if visit.path == "/robots.txt" and visit.host in self._states:
            states = self._states[visit.host]
            visit.rules = self._now[visit.host] = states.pop(0) if len(states) > 1 else states[0]
            return self._robots(visit, visit.rules, 0)
        if visit.path.startswith("/r/"):
            _, _, host, hop = visit.path.split("/")
            return self._robots(visit, self._now[host], int(hop))
        page = self._pages.get((visit.host, visit.path))
        return _message(404) if page is None else self._page_answer(visit, page)

    def _robots(self, visit: Visit, rules: Rules, hop: int) -> Reply:
        if hop < rules.hops:
            owner = visit.host if hop == 0 else visit.path.split("/")[2]
            return _message(301, f"Location: http://{MIRROR if rules.abroad else owner}/r/{owner}/{hop + 1}")
        if rules.silent:
            return (Pause(SLOW), CLOSE)
        visit.back_off = rules.status in {429, 503}
        return _message(rules.status, body=rules.text() if rules.status == 200 else b"User-agent: *\nAllow: /\n")

    def _page_answer(self, visit: Visit, page: Page) -> Reply:
        match page.kind:
            case "moved" | "inside":
                return _message(self._dice.choice((301, 302, 303, 307, 308)), f"Location: {page.target.format(port=self.port)}")
            case "slow":
                head = b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n"
                return (head, *(step for _ in range(3) for step in (Pause(0.1), b"slow, slow")))
            case "gone":
                return _message(410)
            case "busy" if page.busy:
                return self._busy(visit, page.busy.pop(0))
        return _message(200, body=b"<p>hello")

    def _busy(self, visit: Visit, wish: str) -> Reply:
        status = self._dice.choice((429, 503))
        if wish == "date":
            until = (visit.clock + timedelta(seconds=2)).replace(microsecond=0)
            visit.leave = (until - visit.clock).total_seconds()
            return _message(status, f"Retry-After: {format_datetime(until, usegmt=True)}")
        visit.leave = float(wish) if wish.isdecimal() else 0.0
        visit.back_off = not visit.leave
        return _message(status, *([f"Retry-After: {wish}"] if wish else []))


def _message(status: int, *fields: str, body: bytes = b"") -> Reply:
    head = "\r\n".join([f"HTTP/1.1 {status} Said", *fields, f"Content-Length: {len(body)}", "", ""])
    return (head.encode() + body,)


def violations(web: HostileWeb, delay: float) -> Iterator[str]:
    """Every breach of the rules that the server has seen."""
    last: dict[str, Visit] = {}
    left_alone: dict[str, datetime] = {}
    rules: dict[str, Visit] = {}
    for visit in web.visits:
        what = f"{visit.host}{visit.path}"
        if visit.host not in {*web.hosts, MIRROR}:
            yield f"{what}: an address inside"
            continue
        known = None if visit.is_robots else rules.get(visit.host)
        if not visit.is_robots:
            yield from (f"{what}: {problem}" for problem in _no_permission(visit, known))
        if visit.domain in last:
            yield from (f"{what}: {problem}" for problem in _too_soon(visit, last[visit.domain], known, delay))
        if visit.domain in left_alone and visit.clock < left_alone[visit.domain]:
            yield f"{what}: {visit.domain} asked to be left alone until {left_alone[visit.domain]}, and it is {visit.clock}"
        last[visit.domain] = visit
        if visit.leave:
            left_alone[visit.domain] = max(left_alone.get(visit.domain, visit.clock), visit.clock + timedelta(seconds=visit.leave))
        if visit.rules is not None:
            rules[visit.host] = visit


def _no_permission(visit: Visit, known: Visit | None) -> Iterator[str]:
    if known is None or known.rules is None or visit.clock - known.clock > timedelta(hours=24):
        yield "no robots.txt of the last 24 hours"
    elif not known.rules.allow(visit.path):
        yield f"forbidden by {known.rules}"


def _too_soon(visit: Visit, before: Visit, known: Visit | None, delay: float) -> Iterator[str]:
    patience = known.rules.patience() if known is not None and known.rules is not None else 0.0
    wanted = max(delay, patience, 2 * delay if before.back_off else 0.0)
    if visit.time - before.time < wanted:
        yield f"{visit.time - before.time:.4f} s after the last request to {visit.domain}, not {wanted:g} s"


def path_of(url: str) -> str:
    """Path and query."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
