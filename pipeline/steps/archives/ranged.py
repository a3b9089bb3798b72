"""A file on the web as a seekable stream: range requests (RFC 9110 §14), each through the same gates as everything else."""

import asyncio
import io
import re
from concurrent.futures import CancelledError, Future
from typing import Any

from pipeline.errors import Fate, Reject
from pipeline.records import Response
from pipeline.steps.archives.reading import Reading

PIECE = 8 << 20
"""Bytes of one request: a gibibyte of Common Crawl's news is 128 of them."""
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class RangedFile(io.RawIOBase):
    """For a thread beside the event loop that ``Reading``'s world runs in. Raises OSError for what cannot be read."""

    def __init__(self, reading: Reading, url: str) -> None:
        super().__init__()
        self._reading, self._url = reading, url
        self._loop = asyncio.get_running_loop()
        self._at = 0
        self._piece, self._start = b"", 0
        self._pending: Future[Response] | None = None
        self._stopped = False
        self.size: int | None = None

    def stop(self) -> None:
        """Lets go of the thread that reads: from now on there is nothing more."""
        self._stopped = True
        if self._pending is not None:
            self._pending.cancel()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at}.get(whence)
        self._at = offset + (self._whole_size() if base is None else base)
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer)
        if self.size is not None and self._at >= self.size:
            return 0
        if not self._start <= self._at < self._start + len(self._piece):
            self._load()
        offset = self._at - self._start
        piece = self._piece[offset : offset + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _whole_size(self) -> int:
        if self.size is None:
            self._load()
        return self.size or 0

    def _load(self) -> None:
        if self._stopped:
            raise OSError(f"{self._url}: no longer wanted")
        try:
            self._pending = asyncio.run_coroutine_threadsafe(self._get(self._at), self._loop)
            response = self._pending.result()
        except (Fate, CancelledError) as fate:
            raise OSError(f"{self._url}: {fate}") from fate
        found = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
        if response.status == 206 and found:
            self._start, self.size = int(found[1]), int(found[3])
        else:  # a server without ranges sent it whole
            self._start, self.size = 0, len(response.body)
        self._piece = response.body

    async def _get(self, start: int) -> Response:
        wish = {"Range": f"bytes={start}-{start + PIECE - 1}"}
        response = await self._reading.get(self._url, headers=wish)
        if not response.body:
            raise Reject("empty_document")
        return response
