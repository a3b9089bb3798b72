"""The whole main job against a plain script and against trafilatura alone, over the same pages in the same run.

    python -m benchmarks.pipeline [--pages 1500] [--rounds 2]

A separate process serves the pages on loopback. Three contestants take turns, each ``--rounds`` times; the best round of
each counts (the machine's noise only ever slows one down). Prints articles per second, CPU, peak memory and the ratios.
"""

import argparse
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.pages import varied
from benchmarks.processes import Measured, available_cores, measure
from benchmarks.server import ENTRIES_PER_FEED

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = """
[fetch]
allow_private_networks = ["127.0.0.0/8"]
per_host_concurrency = 16
per_host_delay_s = 0.0
concurrency = 16
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wirefold-bench-") as name:
        folder = Path(name)
        pages = list(varied(asked.pages))
        (folder / "pages.pickle").write_bytes(pickle.dumps(pages))
        server, port = serve(folder)
        try:
            run(folder, port, len(pages), asked.rounds)
        finally:
            server.kill()
            server.wait()


def serve(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    port_file = folder / "port"
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", str(folder / "pages.pickle"), str(port_file)], cwd=ROOT
    )
    while not port_file.exists() or not port_file.read_text():
        time.sleep(0.05)
    return server, int(port_file.read_text())


def run(folder: Path, port: int, pages: int, rounds: int) -> None:
    feeds = [f"http://127.0.0.1:{port}/feeds/{n}.xml" for n in range(-(-pages // ENTRIES_PER_FEED))]
    rows: dict[str, list[tuple[Measured, int]]] = {}
    for number in range(rounds):
        rows.setdefault("wirefold", []).append(wirefold(folder / f"wirefold-{number}", feeds))
        rows.setdefault("plain script", []).append(plain(folder / f"plain-{number}.jsonl", feeds))
        for label, extra in (("trafilatura x2", []), ("trafilatura x2, metadata", ["with_metadata"])):
            bare = measure([sys.executable, "-m", "benchmarks.bare", str(folder / "pages.pickle"), *extra], ROOT)
            rows.setdefault(label, []).append((bare, int(bare.stdout.strip())))
    report(rows, pages)


def wirefold(folder: Path, feeds: list[str]) -> tuple[Measured, int]:
    config = folder / "config"
    config.mkdir(parents=True)
    (config / "pipeline.toml").write_text(SETTINGS, "utf-8")
    (config / "feeds.toml").write_text("".join(f'[[feeds]]\nurl = "{url}"\n' for url in feeds), "utf-8")
    command = [
        sys.executable,
        str(ROOT / "run_pipeline.py"),
        "once",
        "--config",
        str(config),
        "--data",
        str(folder / "data"),
    ]
    measured = measure(command, ROOT)
    segments = (folder / "data" / "articles").glob("*.jsonl")
    return measured, sum(len(path.read_bytes().splitlines()) for path in segments)


def plain(out: Path, feeds: list[str]) -> tuple[Measured, int]:
    measured = measure([sys.executable, "-m", "benchmarks.plain", str(out), *feeds], ROOT)
    return measured, len(out.read_bytes().splitlines())


def report(rows: dict[str, list[tuple[Measured, int]]], pages: int) -> None:
    print(f"{pages} pages, {available_cores()} cores, best of {len(rows['wirefold'])} rounds (start-up included)")
    best = {name: min(rounds, key=lambda row: row[0].seconds) for name, rounds in rows.items()}
    rate = {name: count / measured.seconds for name, (measured, count) in best.items()}
    for name, (measured, count) in best.items():
        print(
            f"{name:26} {count:6} articles {measured.seconds:7.2f} s {rate[name]:7.1f} articles/s"
            f" {measured.cpu_s:7.1f} s CPU {measured.peak_mib:7.0f} MiB peak"
        )
    for peer in list(rate)[1:]:
        print(
            f"wirefold / {peer}: {rate['wirefold'] / rate[peer]:.2f} of its rate, "
            f"{best['wirefold'][0].peak_mib / best[peer][0].peak_mib:.2f} of its memory"
        )


if __name__ == "__main__":
    main()
