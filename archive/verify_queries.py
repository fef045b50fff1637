"""The ledger's tables, and what all records together tell, as SQL.

Contract: each of ``QUERIES`` gives rows of rule, file, offset, record id and message, in the order of the files and offsets.  They join
the tables that ``archive/verify_ledger.py`` fills while the records go by.
"""

TABLES = """
CREATE TABLE files (number INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE records (
    number INTEGER PRIMARY KEY, id TEXT, file INTEGER, offset INTEGER, length INTEGER, type TEXT, uri TEXT, date TEXT, mark BLOB,
    method TEXT, status INTEGER, payloads TEXT, capture INTEGER, indexed INTEGER DEFAULT 0);
CREATE TABLE links (kind TEXT, file INTEGER, offset INTEGER, source TEXT, target TEXT);
CREATE TABLE revisits (file INTEGER, offset INTEGER, id TEXT, refers_to TEXT, uri TEXT, date TEXT, payload TEXT);
CREATE TABLE claims (file INTEGER, offset INTEGER, id TEXT, target TEXT, payload TEXT);
CREATE TABLE absent (file INTEGER, offset INTEGER, id TEXT, rule TEXT, message TEXT);
CREATE INDEX places ON records (file, offset);
CREATE INDEX ids ON records (id);
CREATE INDEX uris ON records (uri);
CREATE INDEX sources ON links (source);
CREATE INDEX targets ON links (target);
"""

# Two records with one id: another record, or the same one twice in one file.
_REPEATED = """
SELECT 'id-repeated', name, b.offset, b.id,
       'the id is that of the record at ' || a.offset || ' in ' || (SELECT name FROM files WHERE number = a.file)
FROM records b JOIN records a ON a.id = b.id AND a.number < b.number AND (a.mark <> b.mark OR a.file = b.file)
JOIN files f ON f.number = b.file GROUP BY b.number ORDER BY b.number
"""

# A copy in another file is what a pull makes.
_COPIED = """
SELECT 'id-copied', name, NULL, NULL, count(*) || ' of its records are also in ' || (SELECT name FROM files WHERE number = a.file)
FROM records b JOIN records a ON a.id = b.id AND a.number < b.number AND a.mark = b.mark AND a.file <> b.file
JOIN files f ON f.number = b.file GROUP BY b.file, a.file ORDER BY b.file, a.file
"""

_CONCURRENT = """
SELECT 'concurrent-dangling', name, offset, source, 'concurrent to ' || target || ', which is nowhere in what was verified'
FROM links JOIN files ON number = file
WHERE kind = 'concurrent' AND NOT EXISTS (SELECT 1 FROM records WHERE id = target) ORDER BY file, offset
"""

# Said once of a pair, although each record may name the other.
_DATES = """
SELECT 'concurrent-dates', name, l.offset, source, 'dated ' || a.date || ', and ' || target || ' of the same capture ' || b.date
FROM links l JOIN files f ON f.number = l.file JOIN records a ON a.file = l.file AND a.offset = l.offset JOIN records b ON b.id = target
WHERE kind = 'concurrent' AND a.date <> b.date AND (source < target OR NOT EXISTS (
    SELECT 1 FROM links m WHERE m.kind = 'concurrent' AND m.source = l.target AND m.target = l.source))
ORDER BY l.file, l.offset
"""

_WARCINFO = """
SELECT 'warcinfo-dangling', name, min(offset), NULL,
       count(*) || ' records name ' || target || ' as their warcinfo, which is nowhere in what was verified'
FROM links JOIN files ON number = file
WHERE kind = 'warcinfo' AND NOT EXISTS (SELECT 1 FROM records WHERE id = target) GROUP BY file, target ORDER BY file, offset
"""

_WARCINFO_TYPE = """
SELECT 'warcinfo-type', name, l.offset, source, 'names ' || target || ' as its warcinfo, which is a ' || r.type || ' record'
FROM links l JOIN files f ON f.number = l.file JOIN records r ON r.id = target
WHERE kind = 'warcinfo' AND r.type <> 'warcinfo' ORDER BY l.file, l.offset
"""

# A body may be absent when a HEAD request asked for the head alone; request and response name each other in either direction (§5.7).
_ABSENT = """
SELECT rule, name, offset, a.id, message FROM absent a JOIN files ON number = file
WHERE NOT EXISTS (SELECT 1 FROM links l JOIN records q ON q.id = l.target WHERE l.source = a.id AND q.method = 'HEAD')
AND NOT EXISTS (SELECT 1 FROM links l JOIN records q ON q.id = l.source WHERE l.target = a.id AND q.method = 'HEAD')
ORDER BY file, offset
"""

# What has digests to compare, which SQL cannot.
REVISITS = """
SELECT name, r.offset, r.id, refers_to, r.uri, r.date, payload FROM revisits r JOIN files ON number = file ORDER BY file, offset
"""
BY_ID = "SELECT type, payloads FROM records WHERE id = ? LIMIT 1"
BY_PLACE = "SELECT type, payloads FROM records WHERE uri = ? AND date = ? AND type IN ('response', 'resource') LIMIT 1"
CLAIMS = """
SELECT name, c.offset, c.id, target, payload, payloads
FROM claims c JOIN files f ON f.number = c.file JOIN records r ON r.id = target WHERE r.type = 'response' ORDER BY c.file, c.offset
"""

QUERIES = (_REPEATED, _COPIED, _CONCURRENT, _DATES, _WARCINFO, _WARCINFO_TYPE, _ABSENT)
