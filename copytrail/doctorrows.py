"""What the doctor says of settings, disks, catalogue, store and Prefect.

Contract: each check stands alone: what is wrong with one setting, or with a part that is not there, costs no other row.  A row is an
``archive.charter.Check``.  Nothing is contacted but what the settings name.
"""

import base64
import os
import shutil
import statistics
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from archive import charter, layout
from archive.charter import VERDICTS, Charter, Check, Sharing
from archive.notary import Notary
from archive.probe import Clock, failed, passed, reach, warned
from archive.probe_catalogue import probe_catalogue
from archive.probe_dir import existing, filesystem
from archive.settings import FILE, OTHER_VARIABLES, PREFIX, Settings, SettingsError, load, store_folder
from archive.store import StoreError, open_store
from archive.vault import writer_name
from crawlers.address import parse_connect_to
from crawlers.tls import trust
from crawlers.useragent import NoContact, user_agent
from flows.environment import QUIET

_GIB = 1024**3
_FULL, _NEARLY_FULL = 1 * _GIB, 5 * _GIB  # an open WARC grows to 1 GB before it goes to the store
_SLOW = 0.1  # seconds of one fsync; each capture waits for one
_SYNCS = 5
_PATIENCE = 5  # seconds for Prefect's answer


def sound(environ: Mapping[str, str], folder: Path) -> tuple[Settings, list[Check]]:
    """The settings as far as they can be understood, and a row for those that cannot."""
    problems: list[str] = []
    given: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as nowhere:
        for name, text, origin in _given(environ, folder, problems):
            try:
                load({}, flags={name: text}, folder=Path(nowhere))
                given[name] = text
            except SettingsError as error:
                # Without the value: it may hold a password.
                problems.append(f"{origin}: {f'{name}: {error.__cause__}' if error.__cause__ else str(error).replace('flag', 'here')}")
        settings = load({}, flags=given, folder=Path(nowhere)).settings
    if problems:
        return settings, [failed("settings", problem, "mend it: copytrail config shows what may be set") for problem in problems]
    return settings, [passed("settings", f"{len(given)} given, the rest by default")]


def _given(environ: Mapping[str, str], folder: Path, problems: list[str]) -> Iterator[tuple[str, str, str]]:
    """Name, text and origin of each setting, the file's before the environment's, which count more."""
    path = folder / FILE
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{path}: cannot be read as TOML: {error}")
        content = {}
    yield from ((name, str(value), f"file {path}") for name, value in content.items())
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and variable not in OTHER_VARIABLES:
            yield variable.removeprefix(PREFIX).lower(), environ[variable], f"environment {variable}"


def of_settings(settings: Settings, environ: Mapping[str, str], clock: Clock) -> list[tuple[str, Callable[[], Check | Iterable[Check]]]]:
    """Every check that rests on the settings, by name."""
    return [
        ("contact", lambda: _contact(settings)),
        ("certificates", lambda: _certificates(settings)),
        ("signing key", lambda: _signing_key(settings)),
        ("addresses", lambda: _addresses(settings)),
        ("disk", lambda: _disks(settings)),
        ("catalogue", lambda: probe_catalogue(settings.catalogue_url)),
        ("store", lambda: _store(settings, clock)),
        ("prefect", lambda: _prefect(environ)),
    ]


def _contact(settings: Settings) -> Check:
    if settings.contact is None:
        return warned("contact", "not set", "set COPYTRAIL_CONTACT to a mail or web address: there is no crawl without it")
    try:
        return passed("contact", f"User-Agent: {user_agent(settings.contact)}")
    except NoContact as error:
        return failed("contact", str(error), "set COPYTRAIL_CONTACT to a mail or web address")


def _certificates(settings: Settings) -> Check:
    try:
        count = trust(settings.ca_file).cert_store_stats()["x509_ca"]
    except OSError as error:
        return failed("certificates", f"ca_file {settings.ca_file}: {error}", "name a PEM file of certificate authorities, or none")
    if count == 0 and not (settings.ca_file or os.environ.get("SSL_CERT_DIR")):
        return warned("certificates", "this system has no file of authorities", "install its package ca-certificates")
    return passed(
        "certificates", f"{count} authorities are trusted" + (f", those of {settings.ca_file} among them" if settings.ca_file else "")
    )


def _signing_key(settings: Settings) -> Check:
    if settings.signing_key is None:
        return passed("signing key", "not set: manifests are chained, and nobody signs them")
    try:
        return passed("signing key", f"{settings.signing_key}: {Notary(settings.signing_key).fingerprint}")
    except ValueError as error:
        return failed("signing key", str(error), "make one: ssh-keygen -t ed25519 -N '' -f PATH")


def _addresses(settings: Settings) -> Iterator[Check]:
    try:
        rules = parse_connect_to(settings.connect_to)
        yield passed("connect_to", f"{len(rules)} rules")
    except ValueError as error:
        yield failed("connect_to", str(error), "write HOST:PORT=ADDRESS:PORT, comma-separated")
    for name, url in (("s3_endpoint", settings.s3_endpoint), ("timestamp_url", settings.timestamp_url)):
        if url is not None and not _is_http(url):
            yield failed(name, f"{url} is not an http(s) URL", "write it like http://host:port")


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _disks(settings: Settings) -> Iterator[Check]:
    """Room and pace where open WARC files wait, where a folder store lies, and where large bodies are spooled."""
    places = {"disk: work": settings.folder, "disk: temporary": Path(tempfile.gettempdir())}
    if "://" not in settings.store.replace("file://", "", 1):
        places["disk: store"] = store_folder(settings.store)
    for name, folder in places.items():
        try:
            yield _disk(name, existing(folder.absolute()))
        except OSError as error:
            yield failed(name, f"{folder}: {error.strerror or error}", "name a folder that this user may write")


def _disk(name: str, place: Path) -> Check:
    free = shutil.disk_usage(place).free
    with tempfile.TemporaryFile(dir=place) as file:
        pace = statistics.median(_sync(file.fileno()) for _ in range(_SYNCS))
    said = f"{place} ({filesystem(place) or 'file system not told'}): {free / _GIB:,.1f} GiB free, fsync takes {1000 * pace:.1f} ms"
    if free < _FULL:
        return failed(name, said, "make room: an open WARC grows to 1 GB")
    if free < _NEARLY_FULL:
        return warned(name, said, "make room soon: an open WARC grows to 1 GB")
    return warned(name, said, "a crawl waits for it after each capture: take a quicker disk") if pace > _SLOW else passed(name, said)


def _sync(fd: int) -> float:
    start = time.perf_counter()
    os.write(fd, b"." * 4096)
    os.fsync(fd)
    return time.perf_counter() - start


def _store(settings: Settings, clock: Clock) -> Iterator[Check]:
    answers = reach(settings.store, endpoint=settings.s3_endpoint, clock=clock)
    yield from (Check(name=f"store: {item.name}", state=item.state, found=item.found, advice=item.advice) for item in answers)
    if any(item.name == "reach" and item.state is charter.State.FAIL for item in answers):
        return
    probe_it = f"copytrail doctor --store {settings.store}"
    try:
        held = charter.newest(open_store(settings.store, endpoint=settings.s3_endpoint))
    except StoreError as error:
        yield failed("store: charter", str(error), probe_it)
        return
    if held is not None:
        yield _held(held, probe_it)
    elif settings.store.startswith("s3://"):
        yield warned("store: charter", "nobody has probed it", probe_it)


def _held(held: Charter, probe_it: str) -> Check:
    """What the charter in the store means to this machine."""
    name, said = "store: charter", f"{VERDICTS[held.sharing]} ({layout.charter_key(held.number)}, {held.made:%Y-%m-%d})"
    match held.sharing:
        case Sharing.SHARED:
            return passed(name, said)
        case Sharing.SINGLE if held.only == writer_name():
            return warned(name, f"{said}: this machine", "let no other write there, or take another store")
        case Sharing.SINGLE:
            return failed(name, f"{said}: {held.only}, not this machine", f"{probe_it} --writer {writer_name()}   when it writes no more")
        case Sharing.UNFIT:
            return failed(name, said, probe_it)


def _prefect(environ: Mapping[str, str]) -> Iterator[Check]:
    """The server that PREFECT_API_URL names, by one GET; and the variables that keep Prefect from calling home."""
    url = environ.get("PREFECT_API_URL")
    if not url:
        yield passed("prefect", f"{metadata.version('prefect')}; PREFECT_API_URL is not set: schedules need it, nothing else does")
        return
    yield _server(url, environ.get("PREFECT_API_KEY"), environ.get("PREFECT_API_AUTH_STRING"))
    open_ = [f"{name}={value}" for name, value in QUIET.items() if environ.get(name, "").lower() != value.lower()]
    if open_:
        yield warned("prefect: telemetry", f"not set as it should be: {', '.join(open_)}", "export them for server and worker")
    else:
        yield passed("prefect: telemetry", "off")


def _server(url: str, key: str | None, login: str | None) -> Check:
    if not _is_http(url):
        return failed("prefect", "PREFECT_API_URL is not an http(s) URL", "write it like http://127.0.0.1:4200/api")
    request = urllib.request.Request(f"{url.rstrip('/')}/admin/version")  # noqa: S310 -- looked at just above
    if login:
        request.add_header("Authorization", f"Basic {base64.b64encode(login.encode()).decode('ascii')}")
    elif key:
        request.add_header("Authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310 -- the same
            version = answer.read(100).decode("ascii", "replace").strip().strip('"')
    except urllib.error.HTTPError as error:
        advice = (
            "set PREFECT_API_AUTH_STRING or PREFECT_API_KEY"
            if error.code in {401, 403}
            else "is it the address of the API, ending in /api?"
        )
        return failed("prefect", f"{url} answers {error.code}", advice)
    except OSError as error:
        return failed(
            "prefect", f"{url} does not answer: {getattr(error, 'reason', error)}", "prefect server start, or mend PREFECT_API_URL"
        )
    ours = metadata.version("prefect")
    if version.split(".")[:2] != ours.split(".")[:2]:
        return warned("prefect", f"{url} is of version {version}, this client of {ours}", "run both in one version")
    return passed("prefect", f"{url} answers, version {version}")
