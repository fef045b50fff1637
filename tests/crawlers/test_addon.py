"""The add-on: what it forces, what it proposes, and when it refuses a crawl."""

from pathlib import Path
from typing import Any

import pytest
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings as ScrapySettings
from support.certificates import Authority
from support.crawling import CONTACT, Visitor, crawl, session_for
from support.wireserver import WireServer, page

from crawlers.addon import Copytrail, session_of
from crawlers.politeness import PolitenessMiddleware
from crawlers.robots import RobotsMiddleware
from crawlers.session import SESSION, CaptureSession, CrawlRefused, terms
from crawlers.useragent import NoContact, user_agent

HOSTILE = {
    "AUTOTHROTTLE_ENABLED": True,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "COOKIES_ENABLED": True,
    "DEFAULT_REQUEST_HEADERS": {"Accept-Language": "de"},
    "DOWNLOADER_MIDDLEWARES": {"crawlers.robots.RobotsMiddleware": None, "project.middlewares.Own": 543},
    "DOWNLOAD_DELAY": 0,
    "DOWNLOAD_DELAY_JITTER": 1.0,
    "DOWNLOAD_HANDLERS": {"http": "project.Handler", "file": "project.Handler"},
    "DOWNLOAD_SLOTS": {"paper.example": {"delay": 0}},
    "DOWNLOAD_VERIFY_CERTIFICATES": False,
    "HTTPPROXY_ENABLED": True,
    "REMOTE_CONTROL_ENABLED": True,
    "ROBOTSTXT_OBEY": True,
    "TELNETCONSOLE_ENABLED": True,
    "USER_AGENT": "Mozilla/5.0",
}


def settled(project: dict[str, Any], priority: str = "project", **ours: Any) -> ScrapySettings:
    """A project's settings after the add-on."""
    session = session_for(**ours)
    settings = ScrapySettings(project, priority=priority)
    settings.set(SESSION, session)
    crawler = Crawler(Visitor, settings)
    Copytrail.from_crawler(crawler).update_settings(crawler.settings)
    return crawler.settings


@pytest.mark.parametrize("priority", ["project", "spider", "cmdline"])
def test_no_setting_of_a_project_makes_it_rude_or_unsafe(priority: str) -> None:
    """Whoever sets them: remote control, telnet, cookies and proxies stay off, certificates are verified, delay and name are ours."""
    settings = settled(HOSTILE, priority, delay=2.0)

    off = ["AUTOTHROTTLE", "COOKIES", "HTTPPROXY", "REMOTE_CONTROL", "TELNETCONSOLE"]
    assert {name: settings.getbool(f"{name}_ENABLED") for name in off} == dict.fromkeys(off, False)
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
    assert not settings.getbool("ROBOTSTXT_OBEY")  # ours replaces it
    assert (settings.getfloat("DOWNLOAD_DELAY"), settings.getfloat("DOWNLOAD_DELAY_JITTER")) == (2.0, 0.0)
    assert (settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"), settings.getdict("DOWNLOAD_SLOTS")) == (1, {})
    assert settings["USER_AGENT"].endswith(f"(+{CONTACT})")
    assert set(settings.getdict("DOWNLOAD_HANDLERS").values()) == {"crawlers.handler.CaptureHandler", None}
    middlewares = settings.getdict("DOWNLOADER_MIDDLEWARES")
    assert middlewares["crawlers.robots.RobotsMiddleware"] == 100
    assert middlewares["project.middlewares.Own"] == 543
    assert settings.getdict("DEFAULT_REQUEST_HEADERS") == {"Accept-Encoding": "gzip", "Accept-Language": "de"}


def test_what_is_only_a_good_choice_is_the_projects() -> None:
    """A project's own numbers stay where they harm nobody; a longer delay than ours stays too."""
    settings = settled({"CONCURRENT_ITEMS": 50, "RETRY_TIMES": 5, "DOWNLOAD_DELAY": 9}, delay=2.0)

    assert (settings.getint("CONCURRENT_ITEMS"), settings.getint("RETRY_TIMES"), settings.getfloat("DOWNLOAD_DELAY")) == (50, 5, 9.0)
    assert settled({}).getint("CONCURRENT_ITEMS") == 4
    assert not {429, 503} & set(settled({}).getlist("RETRY_HTTP_CODES"))


def test_a_cache_with_capture_is_refused() -> None:
    """HTTPCACHE answers in the site's place, so the crawl does not start."""
    with pytest.raises(CrawlRefused, match="HTTPCACHE_ENABLED"):
        settled({"HTTPCACHE_ENABLED": True})


async def test_a_refusal_stops_the_crawl_before_its_first_request() -> None:
    """Not a warning and a crawl without capture: nothing is asked for, and the crawl ends with the reason."""
    async with WireServer({"/": page()}) as server:
        with pytest.raises(CrawlRefused, match="HTTPCACHE_ENABLED"):
            await crawl(session_for(connect_to=server.connect_to), "http://paper.example/", HTTPCACHE_ENABLED=True)
        with pytest.raises(CrawlRefused, match="COPYTRAIL_CONTACT"):
            await crawl(session_for(connect_to=server.connect_to, contact=None), "http://paper.example/")

    assert server.connections == 0


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"contact": None}, "set COPYTRAIL_CONTACT"),
        ({"contact": "me"}, "neither a mail address nor"),
        ({"connect_to": "paper.example"}, "HOST:PORT=ADDRESS:PORT"),
        ({"ca_file": Path("/nowhere/ca.pem")}, "/nowhere/ca.pem"),
        ({"ca_file": Path(__file__)}, "COPYTRAIL_CA_FILE"),
    ],
    ids=["no contact", "a contact that is none", "a rule that is none", "a file that is missing", "a file without certificates"],
)
def test_settings_with_which_no_crawl_may_start(settings: dict[str, Any], words: str) -> None:
    """The reason names the setting and what is wrong with it."""
    with pytest.raises(CrawlRefused, match=words):
        terms(session_for(**settings).settings)


def test_the_settings_authority_is_trusted_besides_the_systems(authority: Authority) -> None:
    """COPYTRAIL_CA_FILE adds to the default trust."""
    with_ours = terms(session_for(ca_file=authority.ca_file).settings).trust
    without = terms(session_for().settings).trust

    assert len(with_ours.get_ca_certs()) == len(without.get_ca_certs()) + 1
    assert with_ours.check_hostname


@pytest.mark.parametrize("contact", ["desk@paper.example", "mailto:desk@paper.example", "https://paper.example/bot"])
def test_who_asks(contact: str) -> None:
    """The User-Agent names software, version and contact."""
    product, _, comment = user_agent(contact).partition(" ")

    assert product.startswith("copytrail/")
    assert comment == f"(+{contact})"


@pytest.mark.parametrize(
    "contact",
    ["", "desk", "a@b", "desk@paper.example) Mozilla", "desk@paper.example\r\nX: y", "ftp://paper.example", "d\u00e9sk@paper.example"],
)
def test_a_contact_that_reaches_nobody(contact: str) -> None:
    """Nothing that is no address, and nothing that would break out of the header."""
    with pytest.raises(NoContact):
        user_agent(contact)


def test_a_slip_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """When the add-on is the door, a setting that does not exist ends the crawl, and nothing has been opened."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COPYTRAIL_CONTACT", CONTACT)
    monkeypatch.setenv("COPYTRAIL_DELLAY", "1")

    with pytest.raises(CrawlRefused, match="no setting 'dellay'"):
        session_of(Crawler(Visitor))
    assert list(tmp_path.iterdir()) == []


async def test_one_session_serves_every_crawl_of_a_runner() -> None:
    """Scrapy copies settings deeply for each crawler; the session, with its archive, stays the one that the door made."""
    session = session_for()
    runner = AsyncCrawlerRunner({SESSION: session, "TWISTED_REACTOR_ENABLED": False})

    first, second = runner.create_crawler(Visitor), runner.create_crawler(Visitor)
    assert session_of(first) is session
    assert CaptureSession.of(second) is session


def test_without_the_add_on_there_is_no_session() -> None:
    """A component that is used without the add-on says what to enable."""
    with pytest.raises(CrawlRefused, match="enable the add-on"):
        CaptureSession.of(Crawler(Visitor))


async def test_both_middlewares_are_at_work() -> None:
    """Scrapy finds one of each in a crawl with the add-on."""
    found: list[object] = []

    class Asking(Visitor):
        def answered(self, response: object) -> None:
            found.extend(self.crawler.get_downloader_middleware(kind) for kind in (PolitenessMiddleware, RobotsMiddleware))

    async with WireServer({"/": page()}) as server:
        await crawl(session_for(connect_to=server.connect_to), "http://paper.example/", spider=Asking)

    assert [type(middleware) for middleware in found] == [PolitenessMiddleware, RobotsMiddleware]
