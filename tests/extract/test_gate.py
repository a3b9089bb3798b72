"""The floor under the bodies: what was reached must not be lost again."""

import gzip
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from trafilatura import bare_extraction

from pipeline.errors import Drop
from tests.extract.languages import BY_LANGUAGE
from tests.extract.making import STORY, html, paragraphs, read


def measure() -> Any:
    """The benchmark's own measure; benchmarks are no installed package, so it is loaded by its path."""
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "bodies.py"
    spec = importlib.util.spec_from_file_location("wirefold_bodies", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


BODIES = measure()
FLOORS = {
    # Reached on 102 pages: fast .970/.47/.92, standard .980/.48/.951, best .981/.48/.96.
    "fast": {"f1": 0.965, "exact": 0.45, "close": 0.91},
    "standard": {"f1": 0.975, "precision": 0.97, "recall": 0.97, "exact": 0.45, "close": 0.94},
}


@pytest.mark.parametrize("quality", FLOORS)
def test_bodies_of_real_pages_stay_as_good_as_they_are(quality: str, shared_data: Path) -> None:
    folder = shared_data / "pages"
    truth = [json.loads(line) for line in (folder / "truth.jsonl").read_text("utf-8").splitlines()]
    found = [
        text_of(gzip.decompress((folder / f"{row['id']}.html.gz").read_bytes()), row["url"], quality) for row in truth
    ]
    bodies = [row["content_text"] for row in truth]
    reached = BODIES.score(bodies, found)
    for name, floor in FLOORS[quality].items():
        assert getattr(reached, name) >= floor, f"{name}: {reached}"
    worst = min(BODIES.f1_of(*BODIES.precision_recall(body, text)) for body, text in zip(bodies, found, strict=True))
    assert worst >= 0.5


def test_the_agency_of_real_pages_is_named_as_well_as_before(shared_data: Path) -> None:
    """Precision and recall of the text's agency against the labels; of the own work of agencies nothing is asked."""
    folder = shared_data / "pages"
    urls = {row["id"]: row["url"] for row in map(json.loads, (folder / "truth.jsonl").read_text("utf-8").splitlines())}
    right = wrong = missed = 0
    for row in map(json.loads, (folder / "origin.jsonl").read_text("utf-8").splitlines()):
        body = gzip.decompress((folder / f"{row['id']}.html.gz").read_bytes())
        named = {credit.name for credit in read(body, url=urls[row["id"]]).credits if credit.role == "agency"}
        wanted = (row["agency"] or "").strip("()")
        right += wanted in named
        wrong += bool(named) and wanted not in named
        missed += bool(wanted) and wanted not in named
    assert right / (right + wrong) >= 0.95
    assert right / (right + missed) >= 0.9


def text_of(body: bytes, url: str, quality: str) -> str:
    try:
        return read(body, url=url, quality=quality).content_text
    except Drop:
        return ""


MADE = {
    "plain": (html(), STORY),
    "three boxes": (html("".join(f"<div>{paragraphs(STORY[i : i + 2])}</div><div class='ad'></div>" for i in range(0, 5, 2))), STORY),
    "promotions": (html(paragraphs([STORY[0], "Read more: Dam opens", *STORY[1:], "Follow us on Twitter"])), STORY),
    "related": (html(after='<div class="related"><h3>Related</h3><ul><li><a href="/a">Dam opens its gates</a></li></ul></div>'), STORY),
    "comments": (html(after='<section id="comments"><p>I was there on Monday and it was cold.</p></section>'), STORY),
    **{language: (html(paragraphs(lines), lang=None), lines) for language, lines in BY_LANGUAGE.items()},
}  # fmt: skip


@pytest.mark.parametrize("quality", ["fast", "standard", "best"])
def test_made_pages_come_out_exactly(quality: str) -> None:
    reached = BODIES.score(
        ["\n".join(lines) for _, lines in MADE.values()],
        [read(text, quality=quality).content_text for text, _ in MADE.values()],
    )
    assert (reached.f1, reached.exact, reached.close) == (1.0, 1.0, 1.0)


def hard_pages() -> dict[str, tuple[str, list[str]]]:
    """Forms on which a chain made for plain stories could do harm."""
    posts = [
        f"At {hour}:15 the council said that lane {hour} was open again and that buses were running on time."
        for hour in range(8, 20)
    ]
    blog = "".join(f'<section class="post"><h3>{8 + n}:15</h3><p>{post}</p></section>' for n, post in enumerate(posts))
    rows = [(f"Bridge number {n}", f"opened in {1900 + n}", f"{n * 7} metres long") for n in range(1, 15)]
    table = "<table>" + "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows) + "</table>"
    items = [
        f"Reason number {n} is that the piers of the river bridge had been standing in cold water."
        for n in range(1, 11)
    ]
    questions = [
        (
            f"What happens on day {n} of the works?",
            f"On day {n} the lorries use the ring road, and buses wait at the eastern bank.",
        )
        for n in range(9)
    ]
    return {
        "live blog": (html(blog), [line for n, post in enumerate(posts) for line in (f"{8 + n}:15", post)]),
        "table": (html(paragraphs(STORY[:2]) + table), [*STORY[:2], *(cell for row in rows for cell in row)]),
        "list": (
            html(paragraphs(STORY[:2]) + f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"),
            [*STORY[:2], *items],
        ),
        "questions": (
            html("".join(f"<h2>{q}</h2><p>{a}</p>" for q, a in questions)),
            [line for pair in questions for line in pair],
        ),
        "verse": (html("<p>" + "<br>".join(STORY) + "</p>"), list(STORY)),
        "quotes": (html("".join(f"<blockquote><p>{line}</p></blockquote>" for line in STORY)), list(STORY)),
        "brief": (html(paragraphs(STORY[:2])), list(STORY[:2])),
    }


@pytest.mark.parametrize("name", hard_pages())
def test_no_form_of_article_comes_out_worse_than_from_plain_trafilatura(name: str) -> None:
    text, lines = hard_pages()[name]
    plain = getattr(bare_extraction(text, include_comments=False), "text", None) or ""
    truth = "\n".join(lines)
    ours = BODIES.f1_of(*BODIES.precision_recall(truth, read(text).content_text))
    assert ours >= BODIES.f1_of(*BODIES.precision_recall(truth, plain))
    assert ours >= 0.95
