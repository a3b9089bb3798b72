"""The gate: figures that must not get worse, on the labelled sets where they lie beside the checkout, and everywhere on a
made-up corpus with the controlled edits. The full figures are printed by `python -m benchmarks.grouping`.
"""

import importlib.util
import random
import sys
from pathlib import Path

import pytest


def loaded(name):
    """A benchmark's module; benchmarks are no installed package, so it is loaded by its path."""
    path = Path(__file__).resolve().parents[2] / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"benchmarks_{name}", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


labelled, edits = loaded("labelled"), loaded("edits")
EDITS, article = edits.EDITS, edits.article

real = pytest.mark.skipif(not labelled.FOLDER.is_dir(), reason="no ../shared/data/near-duplicates beside this checkout")


def part_of(name, every):
    """The labelled articles of a set and every n-th of the others, in date order."""
    subjects, gold = labelled.read(name)
    marked = {str(i) for kind in ("dup", "not", "ignore") for pair in gold.get(kind, []) for i in pair}
    kept = [s for n, s in enumerate(subjects) if s.article_id in marked or n % every == 0]
    return labelled.by_date(labelled.prepared(kept)), gold


@real
def test_copies_of_one_summit_on_150_sites():
    articles, gold = part_of("prov", 1)
    score = labelled.score(labelled.group(articles), gold)
    assert score.f1 >= 0.99
    assert score.bcubed >= 0.995
    assert score.teaser_recall >= 0.95
    assert score.false_stories == 0
    assert score.largest <= 40


@real
def test_two_random_orders_of_arrival_change_next_to_nothing():
    articles, gold = part_of("prov", 1)
    assert all(labelled.score(labelled.group(labelled.shuffled(articles, s)), gold).f1 >= 0.985 for s in (1, 2))


@real
def test_eight_years_of_news_keep_their_galleries_series_and_speeches_apart():
    articles, gold = part_of("allsides", 40)
    score = labelled.score(labelled.group(articles), gold)
    assert score.recall >= 0.95
    assert score.false_stories <= 1


@real
def test_short_wires_are_told_from_their_templates():
    articles, gold = part_of("reuters", 6)
    score = labelled.score(labelled.group(articles), gold)
    assert score.precision >= 0.97
    assert score.recall >= 0.96


@real
def test_three_newsrooms_on_the_same_events_are_never_grouped():
    articles, gold = part_of("basil", 1)
    assert labelled.score(labelled.group(articles), gold).false_stories == 0


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_copy_stands_in_its_originals_story(new_desk, prose, subject, name):
    edit, floor = EDITS[name]
    desk, found, count = new_desk(), 0, 12
    for n in range(count):
        desk.place(subject(f"o{n}", prose(n, 420), hour=n, title=f"Original number {n} of {name}"))
    for n in range(count):
        rng = random.Random(f"{name} {n}")
        piece = edit(
            article(f"Original number {n} of {name}", prose(n, 420)), article("Donor", prose(n + 500, 420)), rng
        )
        desk.place(subject(f"e{n}", piece.text, hour=n + 3, title=piece.title))
        found += desk.together(f"o{n}", f"e{n}")
    assert found >= min(floor, 0.95) * count
    assert len({desk.story(f"o{n}") for n in range(count)}) == count
