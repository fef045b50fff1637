"""HTTP/1 responses, live from a socket and again from an archived block.

Contract of ``ResponseParser``: it is fed what a connection gives and knows when one response has ended.  ``response`` holds the bytes from
the final status line to the end of the message and nothing else; heads of 1xx messages (and stray empty lines before them) stand in
``interim``, bytes after the message in ``trailing``.  When no head can be read, ``head`` is None, ``response`` is empty and what came
stands in ``trailing``.  It never raises for what a server sends: ``problem`` names the fault.

Contract of ``entity``: the payload of an archived message, transfer coding chunked undone, in pieces; ``BadFraming`` where the chunks
break.
"""

import hashlib
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import IO, Literal

from archive.framing import Chunks, End, Framing, framing
from archive.heads import HEAD_LIMIT, BadHead, Head, parse_head
from archive.spool import Spool

__all__ = ["HEAD_LIMIT", "BadFraming", "BadHead", "Head", "Problem", "ResponseParser", "entity", "parse_head"]

PIECE = 64 * 1024
_HEAD_END = re.compile(rb"\n\r?\n")
_STATUS_START = b"HTTP/"


class BadFraming(ValueError):
    """The bytes do not follow the transfer coding that the head announced."""


class Problem(StrEnum):
    """Why a message is not whole, or not sure."""

    NO_ANSWER = "no_answer"  # the peer closed before the first byte
    PARTIAL_HEAD = "partial_head"
    BAD_HEAD = "bad_head"  # no status line
    HEAD_TOO_LONG = "head_too_long"
    LENGTH_CONFLICT = "length_conflict"  # Content-Length fields that disagree or mean nothing: read to the close
    SHORT_BODY = "short_body"
    BAD_CHUNK = "bad_chunk"


class ResponseParser:
    """One response; a new parser for each."""

    def __init__(self, method: str) -> None:
        """``method`` of the request: the answer to HEAD has no body."""
        self._method = method
        self._buffer = bytearray()
        self._framing = Framing(end=End.NO_BODY)
        self._chunks = Chunks()
        self._payload = hashlib.sha256()
        self._before = 0
        self.state: Literal["head", "body", "done"] = "head"
        self.head: Head | None = None
        self.interim: list[bytes] = []
        self.trailing = b""
        self.response = Spool()
        self.payload_length = 0
        self.problem: Problem | None = None

    @property
    def complete(self) -> bool:
        """Whether the message came whole and its end is sure."""
        return self.state == "done" and self.problem is None

    @property
    def chunked(self) -> bool:
        """Whether the body is in chunks."""
        return self._framing.end is End.CHUNKED

    @property
    def payload_digest(self) -> str | None:
        """Of the entity body so far; None for a message that stands for an entity without carrying it (HEAD, 304)."""
        if self.head is None or self.head.status == 304 or self._method.upper() == "HEAD":
            return None
        return f"sha256:{self._payload.hexdigest()}"

    @property
    def keep_alive(self) -> bool:
        """Whether the connection may carry another request."""
        if not self.complete or self.trailing or self.head is None or self._framing.end is End.CLOSE or self.head.status == 101:
            return False
        connection = self.head.tokens("connection")
        if self.chunked and self.head.all("content-length"):
            return False  # RFC 9112 §6.1: close after such a message, it may be an attempt to smuggle
        return "close" not in connection and (self.head.version == "1.1" or "keep-alive" in connection)

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the connection; OSError when the disk for a long body is full."""
        if self.state == "head":
            self._feed_head(data)
        elif self.state == "body":
            self._feed_body(data)
        else:
            self.trailing += data

    def finish(self) -> None:
        """The peer has closed its side."""
        if self.state == "head":
            self._give_up(Problem.PARTIAL_HEAD if self._buffer else Problem.NO_ANSWER)
        elif self.state == "body":
            if self._framing.end is not End.CLOSE:
                self.problem = Problem.SHORT_BODY
            self.state = "done"

    def _feed_head(self, data: bytes) -> None:
        searched = max(0, len(self._buffer) - 2)
        self._buffer += data
        while self.state == "head" and (end := self._head_end(searched)):
            self._end_head(end)
            searched = 0

    def _head_end(self, searched: int) -> int:
        """Where the head in the buffer ends; 0 when it does not yet, or never will."""
        # RFC 9112 §2.2 lets a reader skip an empty line before a start line; it is kept with the interim heads.
        self._set_aside(len(self._buffer) - len(self._buffer.lstrip(b"\r\n")))
        match = _HEAD_END.search(self._buffer, searched)
        if not _STATUS_START.startswith(self._buffer[: len(_STATUS_START)].upper()):
            self._give_up(Problem.BAD_HEAD)
        elif self._before + (match.end() if match else len(self._buffer)) > HEAD_LIMIT:
            self._give_up(Problem.HEAD_TOO_LONG)
        elif match:
            return match.end()
        return 0

    def _set_aside(self, length: int) -> None:
        if length:
            self.interim.append(bytes(self._buffer[:length]))
            del self._buffer[:length]
            self._before += length

    def _end_head(self, end: int) -> None:
        head = parse_head(bytes(self._buffer[:end]))
        if head.status is None:
            self._give_up(Problem.BAD_HEAD)
        elif 100 <= head.status < 200 and head.status != 101:
            self._set_aside(end)
        else:
            self._begin_body(head)

    def _begin_body(self, head: Head) -> None:
        self.head = head
        self._framing = framing(head, self._method)
        if self._framing.conflict:
            self.problem = Problem.LENGTH_CONFLICT
        self.response.append(bytes(self._buffer[: head.length]))
        rest = bytes(self._buffer[head.length :])
        self._buffer.clear()
        self.state = "body"
        self._feed_body(rest)

    def _feed_body(self, data: bytes) -> None:
        end = self._framing.end
        used = len(data)
        if end is End.CHUNKED:
            used = self._feed_chunks(data)
        elif end is not End.NO_BODY:
            used = used if end is End.CLOSE else min(used, self._framing.length - self.payload_length)
            self._keep_payload(data[:used])
            self.response.append(data[:used])
        else:
            used = 0
        if end is End.NO_BODY or (end is End.LENGTH and self.payload_length == self._framing.length):
            self.state = "done"
        self.trailing += data[used:]

    def _feed_chunks(self, data: bytes) -> int:
        payload, used = self._chunks.take(data)
        if self._chunks.broken is not None:
            # Where the message ends is no longer known: what came is kept, and the connection is of no more use.
            used = len(data)
            self.problem = Problem.BAD_CHUNK
            self.state = "done"
        self._keep_payload(payload)
        self.response.append(data[:used])
        if self._chunks.done:
            self.state = "done"
        return used

    def _keep_payload(self, payload: bytes) -> None:
        self._payload.update(payload)
        self.payload_length += len(payload)

    def _give_up(self, problem: Problem) -> None:
        self.problem = problem
        self.trailing = bytes(self._buffer)
        self._buffer.clear()
        self.state = "done"


def entity(head: Head, stream: IO[bytes]) -> Iterator[bytes]:
    """The payload of the message whose head was just read from ``stream``, in pieces of at most 64 KiB."""
    chunks = Chunks() if framing(head, "GET").end is End.CHUNKED else None
    while data := stream.read(PIECE):
        if chunks is None:
            yield data
            continue
        payload, used = chunks.take(data)
        if payload:
            yield payload
        if chunks.broken is not None:
            raise BadFraming(chunks.broken)
        if used < len(data):
            return
