"""The words of the codebook: what columns mean, by name; the same name means the same in every table, but for what stands in ``OWN``.

Contract: data alone.  ``archive/codebook.py`` holds them against the tables' schemas.
"""

from collections.abc import Mapping
from typing import NamedTuple

CRAWL = "Common Crawl index, read from the URL"
HTTP = "the HTTP exchange"
WARC = "WARC 1.1"
PAGE = "the page"
OURS = "copytrail"


class Words(NamedTuple):
    """What is said of a column."""

    description: str
    source: str
    unit: str | None = None
    values: tuple[str, ...] = ()


COLUMNS: Mapping[str, Words] = {
    # The record on which a row rests
    "warc_filename": Words("Key of the WARC file in the archive's store that holds the record.", OURS),
    "warc_record_offset": Words("Where the record's gzip member begins in that file.", OURS, "bytes"),
    "warc_record_length": Words("How long the gzip member is: a Range request for these bytes gives the record.", OURS, "bytes"),
    "warc_record_id": Words("Identifier of the record on which the row rests, without angle brackets.", f"{WARC} §5.2"),
    "warc_record_type": Words(
        "response: the answer itself; revisit: an answer whose payload another record holds.",
        f"{WARC} §5.5",
        values=("response", "revisit"),
    ),
    "warc_refers_to": Words("Of a revisit: identifier of the record that holds the payload.", f"{WARC} §5.11"),
    "warc_segment": Words("The day under which the WARC file lies.", OURS),
    # The URL
    "url": Words("The address as it was asked for, without fragment.", HTTP),
    "url_surtkey": Words("The address as a sort key, host reversed and canonicalised (SURT).", CRAWL),
    "url_host_name": Words("Host.", CRAWL),
    "url_host_tld": Words("Last label of the host.", CRAWL),
    "url_host_2nd_last_part": Words("Second last label of the host.", CRAWL),
    "url_host_3rd_last_part": Words("Third last label of the host.", CRAWL),
    "url_host_4th_last_part": Words("Fourth last label of the host.", CRAWL),
    "url_host_5th_last_part": Words("Fifth last label of the host.", CRAWL),
    "url_host_registry_suffix": Words("Public suffix under which names are registered, by registries alone.", CRAWL),
    "url_host_registered_domain": Words("Registered domain, by registries alone: what stands for an outlet.", CRAWL),
    "url_host_private_suffix": Words("Public suffix, also of those that companies offer.", CRAWL),
    "url_host_private_domain": Words("Registered domain under that suffix.", CRAWL),
    "url_host_name_reversed": Words("Host with its labels in reverse.", CRAWL),
    "url_protocol": Words("Scheme: http or https.", CRAWL),
    "url_port": Words("Port, where the address names one.", CRAWL),
    "url_path": Words("Path.", CRAWL),
    "url_query": Words("Query, where there is one.", CRAWL),
    # The fetch
    "fetch_time": Words("When the request was begun (WARC-Date).", f"{WARC} §5.4", "UTC, to the microsecond"),
    "fetch_status": Words("Status code of the answer.", HTTP),
    "fetch_redirect": Words("Location that the answer names.", HTTP),
    "content_digest": Words(
        "sha256 of the payload: the entity body, transfer coding removed, content coding kept.", f"{WARC} §5.9", "sha256: and hexadecimal"
    ),
    "content_length": Words("Length of that payload.", OURS, "bytes"),
    "content_mime_type": Words("Media type as the answer states it.", HTTP),
    "content_mime_detected": Words("Always null: nobody here has looked.", "Common Crawl index"),
    "content_charset": Words("Always null: nobody here has looked.", "Common Crawl index"),
    "content_languages": Words("Always null; documents have the language of the text.", "Common Crawl index"),
    "content_truncated": Words("Why the answer is not whole; null for one that is.", f"{WARC} §5.15"),
    "crawl": Words("Always null: of Common Crawl's runs.", "Common Crawl index"),
    "subset": Words("Where Common Crawl would have put it.", "Common Crawl index", values=("warc", "crawldiagnostics", "robotstxt")),
    "found": Words("How the URL came to be known.", OURS),
    "via": Words("The URL or seed on which it was found.", OURS),
    "hop": Words("How many links lie between a seed and this URL.", OURS, "links"),
    "selected": Words("Whether the selection takes the capture; if not, it came along because a row of a taken one names it.", OURS),
    # The text
    "quality": Words("What kind of page the capture is.", OURS),
    "page_kind": Words("What kind of page the capture is; null where nothing was read, as of an error without a page.", OURS),
    "title": Words("Headline.", PAGE),
    "standfirst": Words("The lines under the headline that sum the article up.", PAGE),
    "authors": Words("Who signed.", PAGE),
    "outlet": Words("The outlet as it names itself.", PAGE),
    "published": Words("When the page says that it was published, as exactly as it says so.", PAGE, "ISO 8601"),
    "modified": Words("When the page says that it was last changed.", PAGE, "ISO 8601"),
    "language": Words("Language of the text.", "the page, else copytrail", "BCP 47"),
    "canonical": Words("The address that the page states for itself.", PAGE),
    "credits": Words("Credit lines: agencies, photographers, syndication.", PAGE),
    "rights": Words("Line of rights.", PAGE),
    "section": Words("Section of the outlet.", PAGE),
    "agencies": Words("News agencies that the page credits.", PAGE),
    "expires": Words("From when the page itself is not to be shown.", PAGE, "ISO 8601"),
    "paywall": Words("Whether the page says that reading all of it takes a payment or an account.", PAGE),
    "noarchive": Words("Whether the page asks crawlers not to keep a copy.", PAGE),
    "text": Words(
        "The clean text: paragraphs joined by one line feed. Offsets elsewhere count its characters.", "the page, by the extractor"
    ),
    "extractor": Words("Names and versions of the programs that made the text; texts of two of them are never compared.", OURS),
    "state": Words("What became of the article since it was first seen, at the time of the pull.", OURS),
    # Figures in the place of a text
    "text_digest": Words("sha256 of the text in UTF-8.", OURS, "sha256: and hexadecimal"),
    "characters": Words("Length of the text.", OURS, "characters"),
    "words": Words("How many words it has.", OURS, "words"),
    "paragraphs": Words("How many paragraphs it has.", OURS, "paragraphs"),
    "shingles": Words("How many different runs of five words it has.", OURS, "runs"),
    "sketch": Words(
        "The smallest 200 of the hashes of these runs: the share of common ones among the smallest 200 of two texts "
        "tells how much of them is the same.",
        OURS,
        "16 hexadecimal digits of sha256",
    ),
    "quotes": Words("Its quotations of at most 15 words, each with its speaker and through whom the text has it.", PAGE),
    # What changed
    "number": Words("Which version this is; the first capture is number 1.", OURS),
    "change": Words("What the version did to the one before it.", OURS),
    "before": Words("Identifier of the record of the version before.", OURS),
    "title_before": Words("Headline of the version before.", PAGE),
    "title_after": Words("Headline of this version.", PAGE),
    "spans": Words(
        "Passages that changed: where they stand in the text before and after (characters), and the words removed and added.", OURS
    ),
    "events": Words("What kinds of change these are (class), in which field, with their passages.", OURS),
    "text_digest_before": Words("sha256 of the text before, in UTF-8.", OURS, "sha256: and hexadecimal"),
    "text_digest_after": Words("sha256 of this text, in UTF-8.", OURS, "sha256: and hexadecimal"),
    "suspected": Words("Of a withdrawal: identifier of the capture that first missed the article.", OURS),
    # How a URL ended a run
    "story": Words("Name of the story.", OURS),
    "run": Words("Name of the run.", OURS),
    "verdict": Words("How the URL ended the run.", OURS),
    "reason": Words("Why, in words.", OURS),
    "time": Words("When that was decided.", OURS, "UTC, to the microsecond"),
    "final_url": Words("Where redirects led.", HTTP),
    "evidence": Words("The words, line or element from which the URL was read.", OURS),
    "robots": Words("Identifier of the record that holds the robots.txt on which the verdict rests.", OURS),
    # Who quoted and who took from whom
    "edition": Words("How often the story's quotations and relations had been published; the greatest holds. Null in a pull.", OURS),
    "quote_start": Words("Where the words begin in the text, marks left out.", OURS, "characters"),
    "quote_stop": Words("Where they end.", OURS, "characters"),
    "quotation": Words("The words that are given as somebody's.", PAGE),
    "direct": Words("Whether they stand in quotation marks.", OURS),
    "speaker": Words("Who says them: the fullest name that the text gives; null where it names nobody.", OURS),
    "source": Words("Through whom the text has them: an agency, an outlet, a channel.", OURS),
    "inside": Words("Where the quotation begins that holds this one; null at the top.", OURS, "characters"),
    "rule": Words("How the speaker was found.", OURS),
    "kind": Words("What one text has to do with the other.", OURS),
    "directed": Words("Whether one took, cited or quoted and the other gave; else the two may be exchanged.", OURS),
    "versions": Words("Whether both are one article of one outlet, at two times.", OURS),
    "score": Words("How sure it is, by the rules of the method; no probability.", OURS, "0 to 1"),
    "method": Words("The rules by which it was worked out, with their version; judged, where a person alone saw it.", OURS),
    "why": Words("The reason in words; texts go by the identifiers of their records.", OURS),
    "passages": Words("What shows it: words, and where they stand in either text (characters).", OURS),
    "computed": Words("Whether it was worked out from the texts; false where a person alone saw it.", OURS),
    "judged": Words("What a person decided of it last; null where nobody has.", "a person", values=("confirm", "reject")),
    "coder": Words("Who decided.", "a person"),
    "judged_time": Words("When.", OURS, "UTC, to the microsecond"),
    "judged_note": Words("Why, in that person's words.", "a person"),
    "target_url": Words("Address of the text that gave.", HTTP),
    "target_fetch_time": Words("When the request for it was begun.", f"{WARC} §5.4", "UTC, to the microsecond"),
    "target_warc_filename": Words("Key of the WARC file that holds its record.", OURS),
    "target_warc_record_offset": Words("Where its gzip member begins in that file.", OURS, "bytes"),
    "target_warc_record_length": Words("How long the gzip member is.", OURS, "bytes"),
    "target_warc_record_id": Words("Identifier of its record.", f"{WARC} §5.2"),
}
OWN: Mapping[tuple[str, str], Words] = {
    ("revisions", "fetch_time"): Words("When the later version was captured.", f"{WARC} §5.4", "UTC, to the microsecond"),
    ("outcomes", "fetch_status"): Words("Status code of the last answer; null where there was none.", HTTP),
    ("outcomes", "warc_record_id"): Words("Identifier of the record that the URL ended with; null where nothing was kept.", f"{WARC} §5.2"),
    ("outcomes", "via"): Words("The URL or seed on which the URL was found.", OURS),
}
