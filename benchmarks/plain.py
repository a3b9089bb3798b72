"""The peer: a plain script with the same packages and nothing else. No politeness, no identity, no crash safety.

python -m benchmarks.plain OUT.jsonl FEED_URL...
"""

import asyncio
import io
import json
import sys
from pathlib import Path

import feedparser
import httpx
import trafilatura
from datasketch import MinHash


async def main(out_file: str, feeds: list[str]) -> None:
    limit = asyncio.Semaphore(16)
    with Path(out_file).open("a", encoding="utf-8") as out:
        async with httpx.AsyncClient(timeout=60) as client:

            async def page(url: str) -> None:
                async with limit:
                    response = await client.get(url)
                document = trafilatura.bare_extraction(response.content, with_metadata=True, url=url)
                if document is None or isinstance(document, dict) or not document.text:
                    return
                words = document.text.split()
                minhash = MinHash(num_perm=128)
                minhash.update_batch([" ".join(words[i : i + 5]).encode() for i in range(len(words) - 4)])
                record = {
                    "url": url,
                    "title": document.title,
                    "date": document.date,
                    "text": document.text,
                    "minhash": minhash.hashvalues.tolist(),
                }
                out.write(json.dumps(record, ensure_ascii=False) + "\n")

            async def feed(url: str) -> None:
                async with limit:
                    response = await client.get(url)
                parsed = feedparser.parse(io.BytesIO(response.content))
                await asyncio.gather(*[page(entry.link) for entry in parsed.entries])

            await asyncio.gather(*[feed(url) for url in feeds])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
