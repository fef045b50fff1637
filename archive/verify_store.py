"""A whole store verified: WARC files, their indexes, what no fetch can give back, and the manifests over all of it.

Contract: ``verify_store`` gives every finding; objects are called by the store's URL and their key.  It reads and changes nothing else.
``trust`` says whose signatures and time stamps count (``archive/verify_signed.py``).
Objects that appear while it runs are left to the next run.  StoreUnreachable when the store goes away meanwhile.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import partial

from archive import codec, layout, manifest
from archive.charter import Charter
from archive.custody import Custody, key_of
from archive.findings import Finding, Tally
from archive.importing import Import, rejoined
from archive.labelled import parse
from archive.records import Profile, Story
from archive.relations import Judgement
from archive.requestlog import read_events
from archive.store import ObjectMissing, Store, StoreError, StoreUnreachable, measured
from archive.stories import read_log
from archive.trust import Trust
from archive.verify_erased import verify_erased
from archive.verify_index import verify_index
from archive.verify_ledger import Ledger
from archive.verify_rules import broken
from archive.verify_signed import verify_signed
from archive.verify_warc import verify_warc
from archive.withdrawals import Done, Withdrawal, named

_PREFIXES = (
    "warc/",
    "cdxj/",
    "tables/",
    "stories/",
    "seeds/",
    "outcomes/",
    layout.JUDGEMENTS,
    "manifests/",
    "custody/",
    layout.CHARTERS,
    layout.IMPORTS,
    layout.PROBES,
    layout.ALARMS,
    layout.MERGED,
    layout.REQUESTS,
    layout.PROFILES,
    layout.WITHDRAWALS,
)
_VOUCHED = tuple(prefix for prefix in _PREFIXES if prefix not in {"manifests/", layout.PROBES})  # what manifests name


def verify_store(store: Store, ledger: Ledger, tally: Tally, trust: Trust) -> Iterator[Finding]:
    """Check every object."""
    erased = frozenset(item.key for item in manifest.erasures(store))
    warcs, vouched = list(store.keys("warc/")), [key for prefix in _VOUCHED for key in store.keys(prefix)]
    for key in warcs:
        yield from _guarded(store, key, verify_warc(_name(store, key), partial(store.open, key), ledger, tally))
    yield from _indexes(store, warcs, ledger, tally)
    for key in store.keys(""):
        if key.startswith(_CHECKS_OF):
            tally.files += 1
            yield from _guarded(store, key, _check_object(store, key, erased))
        elif not key.startswith(_PREFIXES):
            yield broken("store-key", _name(store, key), "not a key of this archive")
    yield from _manifests(store, vouched, trust)
    for found in verify_erased(store):
        yield replace(found, file=_name(store, found.file))
    for found in verify_signed(store, trust):
        yield replace(found, file=_name(store, found.file))


def _name(store: Store, key: str) -> str:
    return f"{store.url.rstrip('/')}/{key}"


def _guarded(store: Store, key: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings of one object; one that cannot be read is a finding, a store that cannot is an error."""
    try:
        yield from findings
    except StoreUnreachable:
        raise
    except StoreError as error:
        yield broken("file-unreadable", _name(store, key), str(error))


def _indexes(store: Store, warcs: list[str], ledger: Ledger, tally: Tally) -> Iterator[Finding]:
    def locate(filename: str) -> int | None:
        try:
            return ledger.known_file(_name(store, layout.warc_key(filename)))
        except layout.BadName:
            return None

    wanted = {_index_of(key): key for key in warcs}
    for key in store.keys("cdxj/"):
        if key in wanted or not _has_warc(store, key):
            tally.files += 1
            yield from _guarded(store, key, verify_index(_name(store, key), partial(store.open, key), ledger, locate))
            wanted.pop(key, None)
    for key in wanted.values():
        yield broken("store-index-missing", _name(store, key), "no index of this WARC")
    for key in sorted(set(warcs) - set(wanted.values())):
        for offset, record_id, uri in ledger.not_indexed(ledger.file(_name(store, key))):
            yield broken("index-incomplete", _name(store, key), f"no line for the capture of {uri}", offset=offset, record_id=record_id)


def _index_of(warc: str) -> str:
    try:
        return layout.cdxj_key(warc)
    except layout.BadName:
        return warc  # said below: an object that is not where its name says


def _has_warc(store: Store, index: str) -> bool:
    """Whether the WARC of an index that was not among those verified is there by now."""
    try:
        key = layout.warc_of(index)
    except layout.BadName:
        return False
    return store.info(key) is not None


def _check_object(store: Store, key: str, erased: Collection[str]) -> Iterator[Finding]:
    for prefix, check in _CHECKS.items():
        if key.startswith(prefix) and (problem := check(store, key, erased)):
            rule = "store-seed" if prefix == "seeds/" else "store-object"
            yield broken(rule, _name(store, key), problem)


def _story_problem(store: Store, key: str, _erased: Collection[str]) -> str | None:
    try:
        story = codec.read(Story, store.read(key))
        stated = layout.numbered(key)
    except (codec.CodecError, layout.BadName) as error:
        return str(error)
    return None if stated == (story.slug, story.version) else f"holds version {story.version} of {story.slug}"


def _profile_problem(store: Store, key: str, _erased: Collection[str]) -> str | None:
    try:
        profile = codec.read(Profile, store.read(key))
        stated = layout.numbered(key)
    except (codec.CodecError, layout.BadName) as error:
        return str(error)
    return None if stated == (profile.outlet, profile.version) else f"holds version {profile.version} of {profile.outlet}"


def _log_problem(store: Store, key: str, _erased: Collection[str]) -> str | None:
    try:
        for _ in read_log(store.read(key)):
            pass
    except codec.CodecError as error:
        return str(error)
    return None


def _seed_problem(store: Store, key: str, erased: Collection[str]) -> str | None:
    with store.open(key) as stream:
        digest = measured(stream)[1]
    stated = key.split("/")[1]
    return None if key in erased or parse(f"sha256:{stated}") == parse(digest) else f"has {digest}"


def _charter_problem(store: Store, key: str, _erased: Collection[str]) -> str | None:
    try:
        charter = codec.read(Charter, store.read(key))
    except codec.CodecError as error:
        return str(error)
    return None if key == layout.charter_key(charter.number) else f"holds charter {charter.number}"


def _import_problem(store: Store, key: str, erased: Collection[str]) -> str | None:
    """A record of a file of others: its parts put together are that file."""
    if not key.endswith(".json"):
        return None
    try:
        done = codec.read(Import, store.read(key))
        if key != layout.import_key(done.sha256):
            return f"is of the file {done.sha256}"
    except (codec.CodecError, layout.BadName) as error:
        return str(error)
    if any(part.key in erased for part in done.parts):
        return None  # it cannot be put together again, and why is said of its parts
    digest = hashlib.sha256()
    for data in rejoined(store, done):
        digest.update(data)
    return None if done.sha256 == f"sha256:{digest.hexdigest()}" else f"its parts put together are not {done.name}, {done.sha256}"


def _custody_problem(store: Store, key: str, _erased: Collection[str]) -> str | None:
    try:
        data = store.read(key)
        right = key_of(codec.read(Custody, data), data)
    except (codec.CodecError, layout.BadName) as error:
        return str(error)
    return None if right == key else f"is {right}"


def _requests_problem(store: Store, key: str, _erased: Collection[str]) -> str | None:
    try:
        for _ in read_events(store.read(key)):
            pass
    except codec.CodecError as error:
        return str(error)
    return None


def _judgement_problem(store: Store, key: str, _erased: Collection[str]) -> str | None:
    try:
        judgement = codec.read(Judgement, store.read(key))
        right = layout.judgement_key(judgement.story, judgement.time, judgement.id)
    except (codec.CodecError, layout.BadName) as error:
        return str(error)
    return None if right == key else f"is {right}"


def _withdrawal_problem(store: Store, key: str, _erased: Collection[str]) -> str | None:
    try:
        if key.endswith(layout.erased_key("")):
            right = layout.erased_key(codec.read(Done, store.read(key)).withdrawal)
        else:
            withdrawal = codec.read(Withdrawal, store.read(key))
            right = named(withdrawal).key
    except (codec.CodecError, layout.BadName) as error:
        return str(error)
    return None if right == key else f"is {right}"


_CHECKS: dict[str, Callable[[Store, str, Collection[str]], str | None]] = {
    "stories/": _story_problem,
    "outcomes/": _log_problem,
    "seeds/": _seed_problem,
    "custody/": _custody_problem,
    layout.CHARTERS: _charter_problem,
    layout.IMPORTS: _import_problem,
    layout.REQUESTS: _requests_problem,
    layout.PROFILES: _profile_problem,
    layout.JUDGEMENTS: _judgement_problem,
    layout.WITHDRAWALS: _withdrawal_problem,
}
_CHECKS_OF = tuple(_CHECKS)


def _manifests(store: Store, known: list[str], trust: Trust) -> Iterator[Finding]:
    """The manifests over the objects, and the objects over which there is none; ``known`` were there before the manifests were read."""
    for found in manifest.check(store):
        chain = found.key.startswith("manifests/")
        rule = "manifest-chain" if chain else "manifest-missing" if found.problem == "missing" else "manifest-object"
        yield broken(rule, _name(store, found.key), found.problem)
    try:
        listed = {item.key for writer in manifest.writers(store) for link in manifest.read_chain(store, writer) for item in link.objects}
    except (codec.CodecError, ObjectMissing):
        return  # a damaged chain, named above
    for key in known:
        if key not in listed:
            rule = "manifest-unlisted" if trust.signers is None else "signer-none"
            yield broken(rule, _name(store, key), "in no manifest: nobody vouches for it")
