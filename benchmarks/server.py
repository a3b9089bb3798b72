"""Serves pages and their feeds from memory over loopback, as cheaply as Python can: the load, not the thing measured.

python -m benchmarks.server PAGES.pickle PORT_FILE
"""

import asyncio
import pickle
import sys
from pathlib import Path

ENTRIES_PER_FEED = 50


def documents(pages: list[tuple[str, bytes]], origin: str) -> dict[str, bytes]:
    """Path → full HTTP response, keep-alive; feeds at ``/feeds/N.xml``."""
    out = {path: _response(body, "text/html") for path, body in pages}
    for number, start in enumerate(range(0, len(pages), ENTRIES_PER_FEED)):
        items = "".join(
            f"<item><title>{path}</title><link>{origin}{path}</link><guid>{origin}{path}</guid></item>"
            for path, _ in pages[start : start + ENTRIES_PER_FEED]
        )
        feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed {number}</title>{items}</channel></rss>'
        out[f"/feeds/{number}.xml"] = _response(feed.encode(), "application/rss+xml")
    return out


def _response(body: bytes, kind: str) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Server(asyncio.Protocol):
    """One connection: answers every request line it sees."""

    docs: dict[str, bytes]
    NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
            path = head.split(b" ", 2)[1].decode("latin-1")
            assert isinstance(self._transport, asyncio.WriteTransport)
            self._transport.write(self.docs.get(path, self.NOT_FOUND))


async def main(pages_file: str, port_file: str) -> None:
    pages: list[tuple[str, bytes]] = pickle.loads(Path(pages_file).read_bytes())
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    Server.docs = documents(pages, f"http://127.0.0.1:{port}")
    Path(port_file).write_text(str(port), "utf-8")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
