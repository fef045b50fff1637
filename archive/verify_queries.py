"""The ledger's tables, and what all records together tell, as SQL.

Contract: each of ``QUERIES`` gives rows of rule, file, offset, record id and message, in the order of the files and offsets.  They join
the tables that ``archive/verify_ledger.py`` fills while the records go by; ``INDEXES`` are made when they are needed.
"""

TABLES = """
CREATE TABLE files (number INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE records (
    number INTEGER PRIMARY KEY, id TEXT, file INTEGER, offset INTEGER, length INTEGER, type TEXT, uri TEXT, date TEXT, mark BLOB,
    status INTEGER, mime TEXT, payload BLOB, stated TEXT, capture INTEGER, compressed INTEGER, method TEXT, answered INTEGER, asked INTEGER,
    indexed INTEGER DEFAULT 0);
CREATE TABLE links (file INTEGER, offset INTEGER, source TEXT, target TEXT);
CREATE TABLE warcinfos (file INTEGER, offset INTEGER, count INTEGER, target TEXT);
CREATE TABLE refers (file INTEGER, offset INTEGER, type TEXT, target TEXT);
CREATE TABLE revisits (file INTEGER, offset INTEGER, id TEXT, refers_to TEXT, uri TEXT, date TEXT, payload TEXT, own TEXT);
CREATE TABLE claims (file INTEGER, offset INTEGER, id TEXT, target TEXT, payload BLOB);
CREATE TABLE excusable (file INTEGER, offset INTEGER, id TEXT, excuse TEXT, rule TEXT, message TEXT);
CREATE TABLE segments (origin TEXT, number INTEGER, file INTEGER, offset INTEGER, id TEXT, total INTEGER, length INTEGER, uri TEXT);
"""
INDEXES = {
    "places": "CREATE INDEX places ON records (file, offset)",
    "ids": "CREATE INDEX ids ON records (id)",
    "uris": "CREATE INDEX uris ON records (uri)",
    "sources": "CREATE INDEX sources ON links (source)",
    "targets": "CREATE INDEX targets ON links (target)",
    "claimed": "CREATE INDEX claimed ON claims (target)",
}

# Whether there is anything for which more than the ids must be looked up; in an archive of ours there is not.
ANY_FAR = "SELECT 1 FROM links LIMIT 1"
ANY_ALONE = """
SELECT 1 FROM records WHERE (type = 'request' AND NOT answered) OR (type = 'response' AND capture AND NOT asked)
UNION ALL SELECT 1 FROM revisits WHERE refers_to IS NULL LIMIT 1
"""

# Two records with one id: another record, or the same one twice in one file.
_REPEATED = """
SELECT 'id-repeated', name, b.offset, b.id,
       'the id is that of the record at ' || a.offset || ' in ' || (SELECT name FROM files WHERE number = a.file)
FROM records b JOIN records a ON a.id = b.id AND (a.file, a.offset, a.number) < (b.file, b.offset, b.number)
AND (a.mark <> b.mark OR a.file = b.file)
JOIN files f ON f.number = b.file GROUP BY b.number ORDER BY b.file, b.offset
"""

# A copy in another file is what a pull makes.
_COPIED = """
SELECT 'id-copied', name, NULL, NULL, count(*) || ' of its records are also in ' || (SELECT name FROM files WHERE number = a.file)
FROM records b JOIN records a ON a.id = b.id AND a.file < b.file AND a.mark = b.mark
JOIN files f ON f.number = b.file GROUP BY b.file, a.file ORDER BY b.file, a.file
"""

_CONCURRENT = """
SELECT 'concurrent-dangling', name, offset, source, 'concurrent to ' || target || ', which is nowhere in what was verified'
FROM links JOIN files ON number = file
WHERE NOT EXISTS (SELECT 1 FROM records WHERE id = target) ORDER BY file, offset
"""

# A request whose answer is not even by its URL to be found among the answers that name nobody.
_ALONE = """
SELECT 'request-alone', name, offset, q.id,
       'a request for ' || coalesce(q.uri, 'nothing') || ', and no record with its answer or why it has none'
FROM records q JOIN files f ON f.number = q.file
WHERE q.type = 'request' AND NOT answered
AND NOT EXISTS (SELECT 1 FROM links l JOIN records r ON r.id = l.target
                WHERE l.source = q.id AND r.type IN ('response', 'revisit', 'resource', 'metadata'))
AND NOT EXISTS (SELECT 1 FROM links l JOIN records r ON r.id = l.source
                WHERE l.target = q.id AND r.type IN ('response', 'revisit', 'resource', 'metadata'))
AND NOT EXISTS (SELECT 1 FROM records r WHERE r.uri = q.uri AND r.type IN ('response', 'revisit') AND NOT r.asked)
ORDER BY q.file, q.offset
"""

_UNASKED = """
SELECT 'response-alone', name, min(offset), NULL, count(*) || ' responses have no request record'
FROM records a JOIN files f ON f.number = a.file
WHERE a.type = 'response' AND capture AND NOT asked
AND NOT EXISTS (SELECT 1 FROM links l JOIN records r ON r.id = l.target WHERE l.source = a.id AND r.type = 'request')
AND NOT EXISTS (SELECT 1 FROM links l JOIN records r ON r.id = l.source WHERE l.target = a.id AND r.type = 'request')
AND NOT EXISTS (SELECT 1 FROM records r WHERE r.uri = a.uri AND r.type = 'request' AND NOT r.answered)
GROUP BY a.file ORDER BY a.file
"""

_WARCINFO = """
SELECT 'warcinfo-dangling', name, min(offset), NULL,
       sum(count) || ' records name ' || target || ' as their warcinfo, which is nowhere in what was verified'
FROM warcinfos JOIN files ON number = file
WHERE NOT EXISTS (SELECT 1 FROM records WHERE id = target) GROUP BY file, target ORDER BY file, offset
"""

_WARCINFO_TYPE = """
SELECT 'warcinfo-type', name, min(w.offset), NULL,
       sum(count) || ' records name ' || target || ' as their warcinfo, which is a ' || r.type || ' record'
FROM warcinfos w JOIN files f ON f.number = w.file JOIN records r ON r.id = target
WHERE r.type <> 'warcinfo' GROUP BY w.file, target ORDER BY w.file, w.offset
"""

_REFERS = """
SELECT 'refers-dangling', name, min(offset), NULL,
       count(*) || ' ' || type || ' records refer to records that are nowhere in what was verified, the first of them to ' || target
FROM refers JOIN files ON number = file
WHERE NOT EXISTS (SELECT 1 FROM records WHERE id = target) GROUP BY file, type ORDER BY file, offset
"""

# What another record may excuse (§5.7: request and response name each other in either direction) and none that was near has.
_EXCUSED = """
SELECT CASE WHEN excuse = 'wire' AND EXISTS (
           SELECT 1 FROM claims c JOIN records r ON r.id = c.target WHERE c.target = e.id AND c.payload = r.payload
       ) THEN 'http-served' ELSE rule END, name, offset, e.id, message
FROM excusable e JOIN files ON number = file
WHERE excuse <> 'head' OR (
    NOT EXISTS (SELECT 1 FROM links l JOIN records q ON q.id = l.target WHERE l.source = e.id AND q.method = 'HEAD')
    AND NOT EXISTS (SELECT 1 FROM links l JOIN records q ON q.id = l.source WHERE l.target = e.id AND q.method = 'HEAD'))
ORDER BY file, offset
"""

_CLAIMS = """
SELECT 'metadata-digest', name, c.offset, c.id, 'copytrail-payload-digest is not that of ' || target
FROM claims c JOIN files f ON f.number = c.file JOIN records r ON r.id = target
WHERE r.type = 'response' AND r.payload <> c.payload ORDER BY c.file, c.offset
"""

QUERIES = (_REPEATED, _COPIED, _CONCURRENT, _ALONE, _UNASKED, _WARCINFO, _WARCINFO_TYPE, _REFERS, _EXCUSED, _CLAIMS)

# What SQL cannot judge.
FAR = """
SELECT a.number, b.number FROM links l JOIN records a ON a.file = l.file AND a.offset = l.offset JOIN records b ON b.id = l.target
WHERE l.source < l.target OR NOT EXISTS (SELECT 1 FROM links m WHERE m.source = l.target AND m.target = l.source) ORDER BY l.file, l.offset
"""
REVISITS = """
SELECT name, r.offset, r.id, refers_to, r.uri, r.date, payload, own FROM revisits r JOIN files ON number = file ORDER BY file, offset
"""
_ORIGINAL = "SELECT id, type, uri, date, payload, stated FROM records WHERE "
BY_ID = f"{_ORIGINAL} id = ? ORDER BY number LIMIT 1"
BY_PLACE = (
    f"{_ORIGINAL} uri = ? AND (date = ? OR ? IS NULL) AND type IN ('response', 'resource', 'revisit') AND id IS NOT ? ORDER BY type LIMIT 1"
)
BEGINNING = """
SELECT name, offset, id, NULL, 0, uri FROM records JOIN files f ON f.number = file
WHERE id = ? AND type <> 'continuation' ORDER BY records.number
"""
SEGMENTS = """
SELECT s.origin, s.number, name, offset, id, total, length, uri FROM segments s JOIN files f ON f.number = s.file
ORDER BY s.origin, s.number, s.file, offset
"""
