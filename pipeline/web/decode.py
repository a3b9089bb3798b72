"""Our own bounded decoder: raw bytes in, at most ``limit`` decoded bytes out, whatever the server calls them.

httpx decodes a whole chunk at once: 152 bytes of brotli become 100 MB before anybody can count them. Here every coding
hands out small pieces, and the count is taken piece by piece; nothing is held but the output.

A ``Content-Encoding`` is a claim. A body that contradicts it (plain text called gzip, gzip called nothing, gzip twice) is
read as what it is. A body that ends early keeps what was decoded and says so.
"""

import zlib
from io import BytesIO
from typing import Protocol

import brotli
import zstandard

from pipeline.errors import Reject

PIECE = 65536
MAX_CODINGS = 5
"""More layers than this is an attack (RFC 9110 allows any number; browsers stop at about 5)."""
ZSTD_WINDOW = 8 * 1024 * 1024
"""The largest window that RFC 9659 lets an HTTP sender use."""
ZSTD_BLOCK = 131072
_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_IGNORED = {"identity", "none", "utf-8", "utf8", "binary", "8bit", "7bit", "iso-8859-1", "text", "chunked"}
_TEXT_STARTS = (b"<", b"{", b"[", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")


class Stage(Protocol):
    """One link of the chain; ``feed`` passes decoded pieces on, ``finish`` says whether the coding came to its end."""

    def feed(self, data: bytes) -> None: ...

    def finish(self) -> bool: ...


class _Sink:
    """The end of the chain: counts, and refuses what is over the limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self.buffer = BytesIO()

    def feed(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self.limit:
            raise Reject("too_large", f"more than {self.limit} bytes decoded")
        self.buffer.write(data)

    def finish(self) -> bool:
        return True


class _Zlib:
    """gzip (several members, as RFC 1952 allows) and deflate (zlib or raw: servers send both)."""

    def __init__(self, following: Stage, wbits: int) -> None:
        self.following, self.wbits = following, wbits
        self.machine = zlib.decompressobj(wbits)
        self.held = b""

    def feed(self, data: bytes) -> None:
        data, self.held = self.held + data, b""
        while data:
            if self.machine.eof:
                if self.wbits != zlib.MAX_WBITS | 16 or not data.startswith(_GZIP):
                    self.held = _beginning_of(_GZIP, data)
                    return  # what follows the last member (padding, a footer) is ignored, as gzip itself does
                self.machine = zlib.decompressobj(self.wbits)
            piece = self._inflate(data)
            data = self.machine.unconsumed_tail or self.machine.unused_data
            if piece:
                self.following.feed(piece)

    def _inflate(self, data: bytes) -> bytes:
        """Zlib swallows what it decoded before an error (a wrong checksum, say); a copy of its state gives that back."""
        spare = self.machine.copy()
        try:
            return self.machine.decompress(data, PIECE)
        except zlib.error:
            for start in range(len(data)):
                piece = spare.decompress(data[start : start + 1], PIECE)  # raises where the damage is
                if piece:
                    self.following.feed(piece)
            raise

    def finish(self) -> bool:
        while piece := self.machine.decompress(self.machine.unconsumed_tail, PIECE):
            self.following.feed(piece)
        return self.machine.eof


class _Brotli:
    def __init__(self, following: Stage) -> None:
        self.following = following
        self.machine = brotli.Decompressor()

    def feed(self, data: bytes) -> None:
        while not self.machine.is_finished():
            piece = self.machine.process(data, output_buffer_limit=PIECE)
            data = b""
            if piece:
                self.following.feed(piece)
            if self.machine.can_accept_more_data():
                return

    def finish(self) -> bool:
        return bool(self.machine.is_finished())


class _Zstd:
    """The library's object has no output limit; but four bytes of input are at most one block of 128 KiB, so small
    slices bound it (measured: 64-byte slices cost 0.65 ms for 250 kB of text, against 0.25 ms in one piece).
    """

    def __init__(self, following: Stage, limit: int) -> None:
        self.following = following
        self.slice = max(8, min(128, limit // 8 // (ZSTD_BLOCK // 4)))
        self.machine = self._open()
        self.held = b""

    def _open(self) -> "zstandard.ZstdDecompressionObj":
        return zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()

    def feed(self, data: bytes) -> None:
        data, self.held, start = self.held + data, b"", 0
        while start < len(data):
            if self.machine.eof:
                if not data.startswith(_ZSTD, start):
                    self.held = _beginning_of(_ZSTD, data[start:])
                    return
                self.machine = self._open()
            piece = self.machine.decompress(data[start : start + self.slice])
            start += self.slice - len(self.machine.unused_data)
            if piece:
                self.following.feed(piece)

    def finish(self) -> bool:
        return bool(self.machine.eof)


def _beginning_of(magic: bytes, data: bytes) -> bytes:
    """``data``, if the next piece could complete it to ``magic``."""
    return data if magic.startswith(data) else b""


_FAILURES = (zlib.error, brotli.error, zstandard.ZstdError)


class _Claimed:
    """A coding that the header claims. Holds the input until the first output, so that a false claim costs nothing."""

    def __init__(self, coding: str, following: Stage, limit: int) -> None:
        self.coding, self.following, self.limit = coding, following, limit
        self.held = b""
        self.passed = False
        self.broken = False
        self.stage: Stage | None = None

    def feed(self, data: bytes) -> None:
        if self.broken:
            return
        if self.stage is None:
            self.held += data
            if len(self.held) < len(_ZSTD):
                return
            data, self.stage = self.held, self._open(self.held)
        elif not self.passed:
            self.held = (self.held + data)[:PIECE]
        try:
            self.stage.feed(data)
        except _FAILURES as error:
            self._fail(error)

    def _open(self, head: bytes) -> Stage:
        tap = _Tap(self)
        if head.startswith(_ZSTD):
            return _Zstd(tap, self.limit)
        if head.startswith(_GZIP):
            return _Zlib(tap, zlib.MAX_WBITS | 16)
        if self.coding == "br":
            return _Brotli(tap)
        if self.coding == "deflate":
            return _Zlib(tap, zlib.MAX_WBITS if _is_zlib(head) else -zlib.MAX_WBITS)
        return tap

    def _fail(self, error: Exception) -> None:
        """Before any output: the claim was false. Later: the rest of the body is broken, what was read is kept."""
        if not self.passed:
            if not self.held.lstrip(b" \t\r\n").startswith(_TEXT_STARTS):
                raise Reject("undecodable", f"{self.coding}: {error}") from error
            self.stage = _Tap(self)
            self.stage.feed(self.held)
            return
        self.broken = True

    def finish(self) -> bool:
        if self.stage is None:
            if self.held:
                self.following.feed(self.held)
            complete = True
        else:
            try:
                complete = self.stage.finish() and not self.broken
            except _FAILURES:
                complete = False
        return self.following.finish() and complete


class _Tap:
    """Passes on, and remembers that something came out."""

    def __init__(self, owner: _Claimed) -> None:
        self.owner = owner

    def feed(self, data: bytes) -> None:
        self.owner.passed = True
        self.owner.held = b""
        self.owner.following.feed(data)

    def finish(self) -> bool:
        return True


class _Sniff:
    """Looks at the first bytes of what should be plain: compressed without a label, or once more than labelled?"""

    def __init__(self, sink: _Sink, depth: int) -> None:
        self.sink, self.depth = sink, depth
        self.head = b""
        self.next: Stage | None = None

    def feed(self, data: bytes) -> None:
        if self.next is not None:
            self.next.feed(data)
            return
        self.head += data
        if len(self.head) >= len(_ZSTD):
            self._decide()

    def _decide(self) -> None:
        self.next = self.sink
        if self.head.startswith((_GZIP, _ZSTD)):
            if self.depth >= MAX_CODINGS:
                raise Reject("undecodable", f"more than {MAX_CODINGS} layers of compression")
            self.next = _Claimed("sniffed", _Sniff(self.sink, self.depth + 1), self.sink.limit)
        self.next.feed(self.head)

    def finish(self) -> bool:
        if self.next is None:
            self._decide()
        assert self.next is not None
        return self.next.finish()


def _is_zlib(head: bytes) -> bool:
    """RFC 1950 §2.2: method 8, and the first two bytes are a multiple of 31."""
    return head[0] & 0x0F == 8 and (head[0] << 8 | head[1]) % 31 == 0


class Plain:
    """What ``Decoder`` offers, of bytes that are to stay as they are."""

    def __init__(self, limit: int) -> None:
        self._sink = _Sink(limit)
        self.feed = self._sink.feed

    def finish(self) -> tuple[bytes, bool]:
        return self._sink.buffer.getvalue(), True


class Decoder:
    """Feed it the raw bytes of one body; ``limit`` in decoded bytes.

    ``feed`` raises Reject("too_large") or Reject("undecodable") as soon as that is certain.
    """

    def __init__(self, codings: tuple[str, ...], limit: int) -> None:
        claimed = [coding for coding in codings if coding not in _IGNORED]
        if len(claimed) > MAX_CODINGS:
            raise Reject("undecodable", f"{len(claimed)} codings")
        self._sink = _Sink(limit)
        self._first: Stage = _Sniff(self._sink, len(claimed))
        for coding in claimed:  # the last coding applied is the first to be taken off
            self._first = _Claimed(_name(coding), self._first, limit)
        self.feed = self._first.feed

    @property
    def size(self) -> int:
        """Decoded bytes so far."""
        return self._sink.size

    def finish(self) -> tuple[bytes, bool]:
        """The decoded body, and whether every coding came to its proper end."""
        complete = self._first.finish()
        return self._sink.buffer.getvalue(), complete


def _name(coding: str) -> str:
    coding = coding.removeprefix("x-")
    if coding in {"gzip", "deflate", "br", "zstd"}:
        return coding
    return {"brotli": "br", "zlib": "deflate", "gz": "gzip"}.get(coding, coding)
