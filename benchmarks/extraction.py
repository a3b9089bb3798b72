"""Pages a second on one core, and how good the text is: trafilatura in its modes, the recall net, and ours, in one run.

    python -m benchmarks.extraction [--pages DIR] [--rounds 3] [--half even|odd]

``DIR`` holds ``ID.html.gz`` and ``truth.jsonl`` (``id``, ``url``, ``content_text``). CPU time of this process, the best of
``rounds`` for each page, the candidates taking turns on every page so that another job's noise hits all alike.
F1, precision and recall are those of scrapinghub/article-extraction-benchmark (4-token shingles, macro averages); exact: the
same tokens; median: of the pages' own F1; J: share of pages whose 5-token Jaccard to the true body is at least .8, which is
what grouping lives on.
"""

import argparse
import gzip
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.bodies import Scores, score
from pipeline.errors import Drop
from pipeline.records import Page
from pipeline.settings import ExtractSettings
from pipeline.stages.extract import extract, extract_cheaply

PAGES = Path(__file__).resolve().parents[2] / "shared" / "data" / "pages"
Candidate = Callable[[Page], str]


@dataclass
class Run:
    name: str
    candidate: Candidate
    cpu_s: float = 0.0
    texts: list[str] = field(default_factory=list)


def main(argv: Sequence[str] | None = None) -> None:
    arguments = _arguments(argv)
    logging.disable(logging.ERROR)
    truth = [json.loads(line) for line in (arguments.pages / "truth.jsonl").read_text("utf-8").splitlines()]
    truth = {"even": truth[::2], "odd": truth[1::2]}.get(arguments.half, truth)
    runs = [Run(name, candidate) for name, candidate in candidates()]
    for run in runs:  # libraries and models are loaded before the clock runs
        run.candidate(_page(arguments.pages, truth[0]))
    for row in truth:
        page = _page(arguments.pages, row)
        for run in runs:
            spent, text = _timed(run.candidate, page, arguments.rounds)
            run.cpu_s += spent
            run.texts.append(text)
    _print(runs, [row["content_text"] for row in truth])


def _page(folder: Path, row: dict[str, str]) -> Page:
    body = gzip.decompress((folder / f"{row['id']}.html.gz").read_bytes())
    return Page(
        requested_url=row["url"], url=row["url"], content_type="text/html", body=body, fetched_at=datetime.now(UTC)
    )


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, default=PAGES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--half", choices=["even", "odd", "all"], default="all")
    return parser.parse_args(argv)


def candidates() -> list[tuple[str, Candidate]]:
    ours = {quality: ExtractSettings(quality=quality) for quality in ("fast", "standard", "best")}
    return [
        ("trafilatura, metadata", trafilatura_with(with_metadata=True)),
        ("trafilatura", trafilatura_with()),
        ("trafilatura fast", trafilatura_with(fast=True)),
        ("trafilatura fast, metadata", trafilatura_with(fast=True, with_metadata=True)),
        ("trafilatura precision", trafilatura_with(favor_precision=True)),
        *((f"ours {quality}", ours_with(settings)) for quality, settings in ours.items()),
        ("ours, second try", lambda page: extract_cheaply(page, None, ours["standard"]).content_text),
    ]


def trafilatura_with(**options: Any) -> Candidate:
    """As its documentation has it: bytes in, text (and metadata) out."""
    from trafilatura import bare_extraction

    def run(page: Page) -> str:
        found = bare_extraction(page.body, url=page.url, include_comments=False, **options)
        return getattr(found, "text", None) or ""

    return run


def ours_with(settings: ExtractSettings) -> Candidate:
    def run(page: Page) -> str:
        try:
            return extract(page, None, settings).content_text
        except Drop:
            return ""

    return run


def _timed(candidate: Candidate, page: Page, rounds: int) -> tuple[float, str]:
    best, text = float("inf"), ""
    for _ in range(rounds):
        started = time.process_time()
        text = candidate(page)
        best = min(best, time.process_time() - started)
    return best, text


def _print(runs: Sequence[Run], truth: Sequence[str]) -> None:
    base = runs[0].cpu_s
    print(f"{len(truth)} pages; rate: times trafilatura's default with metadata")
    head = ("ms/page", "pages/s", "rate", "F1", "P", "R", "exact", "J>=.8", "median")
    print(
        f"{'':28} "
        + " ".join(f"{name:>{width}}" for name, width in zip(head, (8, 8, 6, 7, 6, 6, 6, 6, 7), strict=True))
    )
    for run in runs:
        scores: Scores = score(truth, run.texts)
        per_page = run.cpu_s / len(truth)
        print(
            f"{run.name:28} {per_page * 1000:8.1f} {1 / per_page:8.1f} {base / run.cpu_s:6.2f} {scores.f1:7.4f} "
            f"{scores.precision:6.3f} {scores.recall:6.3f} {scores.exact:6.3f} {scores.close:6.3f} {scores.median_f1:7.4f}"
        )


if __name__ == "__main__":
    main()
