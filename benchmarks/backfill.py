"""A WARC read to its end: ours, with identity, grouping and storing, against plain loops that only extract.

    python -m benchmarks.backfill [--pages 600] [--rounds 2]

The file holds real pages multiplied with varied words, one gzip member a record, with digests. The peers read it as fundus
does (fastwarc, digests checked) and, where warcio is installed, as news-please does; both give each page to
``trafilatura.bare_extraction(with_metadata=True)`` in a process per core and write a JSON line. The contestants take turns;
the best round of each counts. Prints articles per second, CPU, peak memory and the ratios.
"""

import argparse
import base64
import gzip
import hashlib
import importlib.util
import sys
import tempfile
from pathlib import Path

from benchmarks.pages import varied
from benchmarks.processes import Measured, available_cores, measure

ROOT = Path(__file__).resolve().parents[1]
PLAIN = """
import json, multiprocessing, sys
import trafilatura

def by_fastwarc(path):
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    for record in ArchiveIterator(open(path, "rb"), record_types=WarcRecordType.response, verify_digests=True):
        yield record.headers["WARC-Target-URI"], record.reader.read()

def by_warcio(path):
    from warcio.archiveiterator import ArchiveIterator
    with open(path, "rb") as stream:
        for record in ArchiveIterator(stream):
            if record.rec_type == "response":
                yield record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read()

def one(page):
    url, body = page
    document = trafilatura.bare_extraction(body, url=url, with_metadata=True)
    return json.dumps({"url": url, "title": document.title, "text": document.text}) if document and document.text else None

if __name__ == "__main__":
    read = {"fastwarc": by_fastwarc, "warcio": by_warcio}[sys.argv[1]]
    count = 0
    with multiprocessing.get_context("fork").Pool() as pool, open(sys.argv[3], "w") as out:
        for line in pool.imap(one, read(sys.argv[2]), chunksize=4):
            if line:
                out.write(line + "\\n")
                count += 1
    print(count)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wirefold-bench-") as name:
        folder = Path(name)
        warc, script = folder / "pages.warc.gz", folder / "plain.py"
        write_warc(warc, asked.pages)
        script.write_text(PLAIN, "utf-8")
        peers = ["fastwarc", *(["warcio"] if importlib.util.find_spec("warcio") else [])]
        rows: dict[str, list[tuple[Measured, int]]] = {}
        for number in range(asked.rounds):
            rows.setdefault("wirefold", []).append(wirefold(folder / f"ours-{number}", warc))
            for peer in peers:
                out = str(folder / "out.jsonl")
                measured = measure([sys.executable, str(script), peer, str(warc), out], ROOT)
                rows.setdefault(f"{peer} + trafilatura", []).append((measured, int(measured.stdout)))
        report(rows, asked.pages, warc.stat().st_size)


def write_warc(path: Path, pages: int) -> None:
    """One gzip member a record, each with its block digest."""
    with path.open("wb") as out:
        for number, (name, body) in enumerate(varied(pages)):
            block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
            digest = base64.b32encode(hashlib.sha1(block).digest()).decode()
            head = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number:032d}>\r\n"
                f"WARC-Target-URI: http://publisher-{number % 40}.example{name}\r\nWARC-Date: 2024-05-{1 + number % 28:02d}"
                f"T10:00:00Z\r\nWARC-Block-Digest: sha1:{digest}\r\nContent-Type: application/http; msgtype=response\r\n"
                f"Content-Length: {len(block)}\r\n\r\n"
            )
            out.write(gzip.compress(head.encode() + block + b"\r\n\r\n"))


def wirefold(folder: Path, warc: Path) -> tuple[Measured, int]:
    (folder / "config").mkdir(parents=True)
    command = [sys.executable, str(ROOT / "run_pipeline.py"), "backfill", "--warc", str(warc)]
    measured = measure([*command, "--config", str(folder / "config"), "--data", str(folder / "data")], ROOT)
    segments = (folder / "data" / "articles").glob("*.jsonl")
    return measured, sum(len(path.read_bytes().splitlines()) for path in segments)


def report(rows: dict[str, list[tuple[Measured, int]]], pages: int, size: int) -> None:
    rounds = len(rows["wirefold"])
    print(f"{pages} pages, {size / 2**20:.0f} MiB, {available_cores()} cores, best of {rounds} (start-up included)")
    best = {name: min(found, key=lambda row: row[0].seconds) for name, found in rows.items()}
    rate = {name: pages / measured.seconds for name, (measured, _) in best.items()}
    for name, (measured, count) in best.items():
        print(
            f"{name:24} {count:6} articles {measured.seconds:7.2f} s {rate[name]:7.1f} pages/s"
            f" {measured.cpu_s:7.1f} s CPU {measured.peak_mib:7.0f} MiB peak"
        )
    for peer in list(rate)[1:]:
        print(f"wirefold / {peer}: {rate['wirefold'] / rate[peer]:.2f} of its rate")


if __name__ == "__main__":
    main()
