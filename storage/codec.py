"""Bytes: published lines, records kept in the state, times. Encoding is msgspec's; the key order is the records'."""

import json
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec
import zstandard

from storage.records import Article, Story

SCHEMA = "wirefold/1"
COMPRESS_FROM_BYTES = 256
"""Below this a zstd frame saves less than it costs."""
LEVEL = 1
"""Single records of 8 kB: 2,095 bytes in 17 µs at level 1, 2,075 in 24 µs at level 3."""

T = TypeVar("T")

_encoder = msgspec.json.Encoder()
_articles = msgspec.json.Decoder(Article)
_stories = msgspec.json.Decoder(Story)
_contexts = threading.local()


def encode(record: object) -> bytes:
    """JSON; lone surrogates, which UTF-8 cannot carry and broken pages contain, become U+FFFD."""
    try:
        return _encoder.encode(record)
    except UnicodeEncodeError:
        return _encoder.encode(_without_surrogates(msgspec.to_builtins(record)))


def text(value: str) -> str:
    """``value`` as it can be stored: lone surrogates become U+FFFD, two halves that meet their character."""
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    return value


def line(seq: int, kind: str, at: datetime, record: object) -> bytes:
    """One published line: the envelope, then the record's keys in declared order, then a newline."""
    head = b'{"seq":%d,"type":"%b","schema":"%b","time":%b,' % (
        seq,
        kind.encode(),
        SCHEMA.encode(),
        _encoder.encode(at),
    )
    return head + encode(record)[1:] + b"\n"


def seq_of(raw: bytes) -> int:
    """The line's seq without parsing the line. Raises ValueError if this is not a line of ours."""
    end = raw.find(b",", 7, 40)
    if raw[:7] != b'{"seq":' or not raw[7:end].isdigit():
        raise ValueError(f"not a line of a stream: {raw[:40]!r}")
    return int(raw[7:end])


class _Time(msgspec.Struct):
    time: datetime


class _Id(msgspec.Struct):
    id: str = ""
    story_id: str = ""


_times = msgspec.json.Decoder(_Time)
_ids = msgspec.json.Decoder(_Id)


def time_of(raw: bytes) -> datetime:
    """When the line was published."""
    return _times.decode(raw).time


def id_of(raw: bytes) -> str:
    """The article's id, or the story's."""
    ids = _ids.decode(raw)
    return ids.id or ids.story_id


def article(raw: bytes) -> Article:
    """Decodes a line or a kept record; unknown keys are ignored."""
    return _articles.decode(raw)


def story(raw: bytes) -> Story:
    return _stories.decode(raw)


def deflate(data: bytes) -> bytes:
    """zstd, unless it does not pay; JSON starts with ``{``, a frame with 0x28: no flag is needed."""
    if len(data) < COMPRESS_FROM_BYTES:
        return data
    if not hasattr(_contexts, "compressor"):
        _contexts.compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=False)
    return bytes(_contexts.compressor.compress(data))


def inflate(data: bytes) -> bytes:
    if data[:4] != zstandard.FRAME_HEADER:
        return data
    if not hasattr(_contexts, "decompressor"):
        _contexts.decompressor = zstandard.ZstdDecompressor()
    return bytes(_contexts.decompressor.decompress(data))


def pack_texts(texts: Iterable[str]) -> str:
    """A list for a column of its own."""
    return json.dumps([text(one) for one in texts])


def pack(record: object) -> bytes:
    return deflate(encode(record))


def unpack(data: bytes, kind: type[T]) -> T:
    return msgspec.json.decode(inflate(data), type=kind)


def key_hash(key: str) -> bytes:
    """16 bytes in place of a URL: an index a third of the size. A key and the same key as it is stored have one hash."""
    return blake2b(text(key).encode(), digest_size=16).digest()


def seconds(at: datetime) -> float:
    """Epoch seconds; a double keeps microseconds until the year 2255."""
    return at.timestamp()


def moment(epoch_s: float) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)


def check_json(raw: bytes) -> None:
    """Raises ValueError (msgspec's) unless this is one JSON value."""
    msgspec.json.decode(raw)
