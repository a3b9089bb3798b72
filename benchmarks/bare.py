"""The ceiling: trafilatura alone over the same pages, in two processes, with nothing else.

python -m benchmarks.bare PAGES.pickle [with_metadata]
"""

import multiprocessing
import pickle
import sys
from pathlib import Path

import trafilatura

METADATA = len(sys.argv) > 2


def one(body: bytes) -> int:
    document = trafilatura.bare_extraction(body, with_metadata=METADATA)
    return len(document.text or "") if document and not isinstance(document, dict) else 0


if __name__ == "__main__":
    pages = [body for _, body in pickle.loads(Path(sys.argv[1]).read_bytes())]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(sum(length > 0 for length in pool.imap_unordered(one, pages, chunksize=4)))
