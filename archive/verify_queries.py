"""The ledger's tables, and what all records together tell, as SQL.

Contract: each of ``QUERIES`` gives rows of rule, file, offset, record id and message, in the order of the files and offsets.  They join
the tables that ``archive/verify_ledger.py`` fills while the records go by; ``INDEXES`` are made when they are needed.
"""

TABLES = """
CREATE TABLE files (number INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE records (
    number INTEGER PRIMARY KEY, id TEXT, file INTEGER, offset INTEGER, length INTEGER, type TEXT, uri TEXT, date TEXT, mark INTEGER,
    status INTEGER, mime TEXT, payload BLOB, stated TEXT, capture INTEGER, compressed INTEGER, method TEXT, answered INTEGER, asked INTEGER,
    indexed INTEGER DEFAULT 0);
CREATE TABLE links (file INTEGER, offset INTEGER, source TEXT, target TEXT);
CREATE TABLE warcinfos (file INTEGER, offset INTEGER, count INTEGER, target TEXT);
CREATE TABLE refers (file INTEGER, offset INTEGER, type TEXT, target TEXT);
CREATE TABLE revisits (file INTEGER, offset INTEGER, id TEXT, refers_to TEXT, uri TEXT, date TEXT, payload TEXT, own TEXT);
CREATE TABLE claims (file INTEGER, offset INTEGER, id TEXT, target TEXT, payload BLOB, UNIQUE (target, payload) ON CONFLICT IGNORE);
CREATE TABLE partners (id TEXT, type TEXT, method TEXT, PRIMARY KEY (id, type, method)) WITHOUT ROWID;
CREATE TABLE excusable (file INTEGER, offset INTEGER, id TEXT, excuse TEXT, rule TEXT, message TEXT);
CREATE VIEW again AS  -- every record whose id another one had before, in the order of the files, with the last of those
    SELECT id, file, offset, mark, lag(file) OVER line AS last_file, lag(offset) OVER line AS last_offset, lag(mark) OVER line AS last_mark
    FROM records WHERE id IN (SELECT id FROM records GROUP BY id HAVING count(*) > 1)
    WINDOW line AS (PARTITION BY id ORDER BY file, offset, number);
CREATE TABLE segments (origin TEXT, number INTEGER, file INTEGER, offset INTEGER, id TEXT, total INTEGER, length INTEGER, uri TEXT);
"""
INDEXES = {
    "places": "CREATE INDEX places ON records (file, offset)",
    "sources": "CREATE INDEX sources ON links (file, offset)",
    "ids": "CREATE INDEX ids ON records (id)",
    "uris": "CREATE INDEX uris ON records (uri, type, asked, answered)",
    "moments": "CREATE INDEX moments ON records (uri, date, type)",
}

# Whether there is anything for which more than the ids must be looked up; in an archive of ours there is not.
ANY_FAR = "SELECT 1 FROM links LIMIT 1"
ANY_ALONE = """
SELECT 1 FROM records WHERE (type = 'request' AND NOT answered) OR (type = 'response' AND capture AND NOT asked) LIMIT 1
"""
ANY_PLACED = "SELECT 1 FROM revisits WHERE refers_to IS NULL LIMIT 1"

# What each record with a partner that is far is concurrent to, in either direction (§5.7).  Of records that share an id the first stands
# for all, here and below, or a file of nothing but one id would cost the square of its records.
PARTNERS = """
INSERT OR IGNORE INTO partners
SELECT source, type, coalesce(method, '') FROM links
JOIN records ON number = (SELECT number FROM records WHERE id = target ORDER BY number LIMIT 1)
UNION ALL
SELECT target, type, coalesce(method, '') FROM links l JOIN records r ON r.file = l.file AND r.offset = l.offset
"""

_REPEATED = """
SELECT 'id-repeated', name, offset, id,
       'the id is that of the record at ' || last_offset || ' in ' || (SELECT name FROM files WHERE number = last_file)
FROM again JOIN files ON number = file WHERE mark <> last_mark OR file = last_file ORDER BY file, offset
"""

# A copy in another file is what a pull makes.
_COPIED = """
SELECT 'id-copied', name, NULL, NULL,
       count(*) || ' of its records are also in ' || (SELECT name FROM files WHERE number = last_file)
FROM again JOIN files ON number = file WHERE mark = last_mark AND file <> last_file GROUP BY file, last_file ORDER BY file, last_file
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
AND NOT EXISTS (SELECT 1 FROM partners p WHERE p.id = q.id AND p.type IN ('response', 'revisit', 'resource', 'metadata'))
AND NOT EXISTS (SELECT 1 FROM records r WHERE r.uri = q.uri AND r.type IN ('response', 'revisit') AND r.asked = 0)
ORDER BY q.file, q.offset
"""

_UNASKED = """
SELECT 'response-alone', name, min(offset), NULL, count(*) || ' responses have no request record'
FROM records a JOIN files f ON f.number = a.file
WHERE a.type = 'response' AND capture AND NOT asked
AND NOT EXISTS (SELECT 1 FROM partners p WHERE p.id = a.id AND p.type = 'request')
AND NOT EXISTS (SELECT 1 FROM records r WHERE r.uri = a.uri AND r.type = 'request' AND r.asked IN (0, 1) AND r.answered = 0)
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
FROM warcinfos w JOIN files f ON f.number = w.file
JOIN records r ON r.number = (SELECT number FROM records WHERE id = target ORDER BY number LIMIT 1)
WHERE r.type <> 'warcinfo' GROUP BY w.file, target ORDER BY w.file, w.offset
"""

_REFERS = """
SELECT 'refers-dangling', name, min(offset), NULL,
       count(*) || ' ' || type || ' records refer to records that are nowhere in what was verified, the first of them to ' || target
FROM refers JOIN files ON number = file
WHERE NOT EXISTS (SELECT 1 FROM records WHERE id = target) GROUP BY file, type ORDER BY file, offset
"""

# What another record may excuse and none that was near has.
_EXCUSED = """
SELECT CASE WHEN excuse = 'wire' AND EXISTS (
           SELECT 1 FROM claims c
           WHERE c.target = e.id AND c.payload = (SELECT payload FROM records WHERE id = e.id ORDER BY number LIMIT 1)
       ) THEN 'http-served' ELSE rule END, name, offset, e.id, message
FROM excusable e JOIN files ON number = file
WHERE excuse <> 'head' OR NOT EXISTS (SELECT 1 FROM partners p WHERE p.id = e.id AND p.method = 'HEAD')
ORDER BY file, offset
"""

_CLAIMS = """
SELECT 'metadata-digest', name, c.offset, c.id, 'copytrail-payload-digest is not that of ' || target
FROM claims c JOIN files f ON f.number = c.file
JOIN records r ON r.number = (SELECT number FROM records WHERE id = target ORDER BY number LIMIT 1)
WHERE r.type = 'response' AND r.payload <> c.payload ORDER BY c.file, c.offset
"""

QUERIES = (_REPEATED, _COPIED, _CONCURRENT, _ALONE, _UNASKED, _WARCINFO, _WARCINFO_TYPE, _REFERS, _EXCUSED, _CLAIMS)

# What SQL cannot judge.
FAR = """
SELECT a.number, b.number FROM links l JOIN records a ON a.file = l.file AND a.offset = l.offset
JOIN records b ON b.number = (SELECT number FROM records WHERE id = l.target ORDER BY number LIMIT 1)
WHERE a.number < b.number OR NOT EXISTS (SELECT 1 FROM links m WHERE m.file = b.file AND m.offset = b.offset AND m.target = l.source)
ORDER BY l.file, l.offset
"""
REVISITS = """
SELECT name, r.offset, r.id, refers_to, r.uri, r.date, payload, own FROM revisits r JOIN files ON number = file ORDER BY file, offset
"""
_ORIGINAL = "SELECT id, type, uri, date, payload, stated FROM records WHERE "
BY_ID = f"{_ORIGINAL} id = ? ORDER BY number LIMIT 1"
BY_TIME = f"{_ORIGINAL} uri = ? AND date = ? AND type IN ('resource', 'response', 'revisit') ORDER BY type LIMIT 2"
BY_URI = f"{_ORIGINAL} uri = ? AND type IN ('resource', 'response', 'revisit') ORDER BY type LIMIT 2"
BEGINNING = """
SELECT name, offset, id, NULL, 0, uri FROM records JOIN files f ON f.number = file
WHERE id = ? AND type <> 'continuation' ORDER BY records.number
"""
SEGMENTS = """
SELECT s.origin, s.number, name, offset, id, total, length, uri FROM segments s JOIN files f ON f.number = s.file
ORDER BY s.origin, s.number, s.file, offset
"""
