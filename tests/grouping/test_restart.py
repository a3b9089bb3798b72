"""A restart at any moment changes nothing: stories, links and candidates go on as if the process had lived."""

import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st


def stream(prose, subject, seed, count=60):
    """A few stories with copies, teasers, pages of two and revisions, in a made-up order."""
    rng = random.Random(seed)
    wires = [prose(f"{seed} {i}", 220) for i in range(8)]
    out = []
    for n in range(count):
        lines = rng.choice(wires).split("\n")
        kind = rng.randrange(5)
        if kind == 0:
            lines = lines[: max(1, len(lines) // 3)]
        elif kind == 1:
            lines = lines + rng.choice(wires).split("\n")
        elif kind == 2:
            lines = lines[1:] + prose(f"own {seed} {n}", 60).split("\n")
        number = rng.randrange(n) if n and rng.random() < 0.15 else n
        out.append(
            subject(
                f"n{number}",
                "\n".join(lines),
                n * 1.5,
                site=f"site{rng.randrange(12)}.example",
                revision=1 + (number != n),
            )
        )
    return out


def outcome(desk):
    table = desk.memory.fingerprints
    links = {(e.a, e.b, e.relation, e.rule) for e in table.links(list(table._places))}
    return desk.stories(), links, [(p.story_id, p.match, p.changes, p.related) for p in desk.placements]


@settings(max_examples=12)
@given(seed=st.integers(0, 1000), cuts=st.sets(st.integers(1, 59), max_size=4))
def test_results_are_identical_with_and_without_restarts(new_desk, prose, subject, seed, cuts):
    articles = stream(prose, subject, seed)
    straight, broken = new_desk(), new_desk()
    straight.place(*articles)
    for n, article in enumerate(articles):
        if n in cuts:
            assert broken.restart(article.arrived) == ()
        broken.place(article)
    assert outcome(broken) == outcome(straight)


def test_a_restart_forgets_what_expired_meanwhile(desk, prose, subject):
    desk.place(subject("a", prose(1)), subject("b", prose(2), hour=100))
    desk.restart(subject("x", "", hour=130).arrived)
    assert "a" not in desk.grouper.index
    assert "b" in desk.grouper.index


def test_fingerprints_of_another_recipe_are_reported_and_not_compared(new_desk, prose, subject):
    desk = new_desk(num_perm=64, bands=32)
    desk.place(subject("a", prose(1)))
    desk.settings = new_desk().settings
    assert desk.restart(subject("a", "").arrived) == ("a",)
    assert not desk.place(subject("b", prose(1), hour=1)).links
    desk.place(subject("a", prose(1), hour=2, revision=2))
    assert desk.together("a", "b")


def test_the_same_articles_in_any_order_end_in_the_same_groups(new_desk, prose, subject):
    articles = [s for s in stream(prose, subject, 7, 40) if s.revision == 1]
    shapes = set()
    for seed in range(4):
        desk = new_desk(window_days=400.0)
        order = random.Random(seed).sample(articles, len(articles))
        desk.place(*order)
        groups = {}
        for article_id, story in desk.stories().items():
            groups.setdefault(story, set()).add(article_id)
        shapes.add(frozenset(frozenset(g) for g in groups.values()))
    assert len(shapes) == 1


def test_expiry_does_not_depend_on_when_the_restart_was(new_desk, prose, subject):
    ids = []
    for restart in (False, True):
        desk = new_desk()
        for n in range(40):
            s = subject(f"n{n}", prose(n % 7, 150), hour=n * 11.0)
            if restart and n % 9 == 0:
                desk.restart(s.arrived - timedelta(seconds=1))
            desk.place(s)
        ids.append(desk.stories())
    assert ids[0] == ids[1]
