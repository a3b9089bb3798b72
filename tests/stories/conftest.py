"""A store with stories of self-made articles: copies, a copy of a copy, own writing, templates, three scripts."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from pipeline.cli import main
from pipeline.settings import GroupSettings
from pipeline.stages.group import Grouper, Subject
from pipeline.stages.provenance import StoryFacts, tell
from pipeline.text.words import read_words, shingles
from storage.records import Article, Credit, Dateline, Extraction, PairLink, Related, Source, Story
from storage.store import Store

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)


def _texts():
    path = Path(__file__).parents[1] / "diff" / "texts.py"
    spec = importlib.util.spec_from_file_location("diff_texts", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def article(id_: str, name: str, minutes: int, title: str, text: str, **fields) -> Article:
    published = NOON + timedelta(minutes=minutes)
    made = Article(
        id=id_, revision=1, status="usable", url=f"https://{id_}.example/news/1", canonical_url=None,
        source=Source(name=name, domain=f"{id_}.example"), feeds=(), entry_id=None, via="feed", backfill=False,
        kind="article", title=title, authors=(), summary=None, section=None, tags=(), image=None, language="en",
        date_published=published, date_published_raw=published.isoformat(), date_published_from="feed",
        date_modified=None, date_first_seen=published + timedelta(minutes=4), date_fetched=published,
        content_text=text, credits=(), dateline=None, extraction=Extraction(method="t", recipe="t"), content_hash=id_,
        story_id="", match=None,
    )  # fmt: skip
    return replace(made, **fields)


def credit(role: str, name: str, text: str) -> Credit:
    return Credit(role=role, name=name, text=text)


def linked(articles: list[Article]) -> list[PairLink]:
    sets = {a.id: np.unique(shingles(read_words(a.content_text))) for a in articles}
    links = []
    for a, b in combinations(sets, 2):
        shared = np.intersect1d(sets[a], sets[b]).size
        similarity = shared / (sets[a].size + sets[b].size - shared)
        if similarity >= 0.2:
            smaller, larger = sorted((sets[a].size, sets[b].size))
            relation = "exact" if similarity == 1 else "excerpt" if shared > 0.9 * smaller < 0.63 * larger else "near"
            links.append(
                PairLink(a=b, b=a, relation=relation, similarity=similarity, a_in_b=shared / sets[b].size,
                         b_in_a=shared / sets[a].size, shared=shared, rule="copies", channel="bands")
            )  # fmt: skip
    return links


@dataclass(frozen=True)
class World:
    stories: list[Story]
    articles: dict[str, Article]
    links: list[PairLink]


def _world() -> World:
    texts = _texts()
    lines = texts.FIRST.split("\n")
    quote = f"A visit to the valley.\nPeople here speak of little else. {lines[2]} They shrug.\nIt rained again."
    sources = {
        "s-dam4aaaaaaaaaaaa": [
            article("a-nrt1", "NRT", 0, "Sardan dam gate reopened", texts.FIRST, dateline=Dateline(place="SARDAN", date=None, agency=None),
                    credits=(credit("image", "ARA News", "Image: ARA News"), credit("source", "NRT", "Article: NRT"))),
            article("a-ara1", "ARA News", 130, "Water flows again at Sardan", texts.COPY, credits=(credit("source", "NRT", "Source: NRT"),)),
            article("a-kir1", "Kirkuk Now", 245, "Water flows again", "\n".join(texts.COPY.split("\n")[:4])),
            article("a-rud1", "ڕووداو", 90, "دەروازەی بەنداوی سەردان", "\n".join(lines[:2]), language="ckb"),
        ],
        "s-dam7aaaaaaaaaaaa": [article("a-hew1", "Hewler Times", 400, "After the flood, the valley waits for seed", quote)],
        "s-zho1aaaaaaaaaaaa": [
            article("a-zho1", "长河日报", 3, "萨尔丹大坝闸门重新打开", texts.CHINESE, language="zh", credits=(credit("agency", "新华社", "新华社"),)),
            article("a-zho2", "晨报", 44, "大坝闸门重开", texts.CHINESE_COPY, language="zh", credits=(credit("agency", "新华社", "据新华社电"),)),
        ],
        "s-ckb1aaaaaaaaaaaa": [
            article("a-ckb1", "Kanî Press", 10, "دەروازەی بەنداوەکە کرایەوە", texts.SORANI, language="ckb"),
            article("a-ckb2", "ئاژانسی چیا", 70, "بەنداوەکە کرایەوە", texts.SORANI_COPY, language="ckb"),
        ],
        "s-wea1aaaaaaaaaaaa": [article("a-wea1", "NRT", 20, "Weather: rain in Sardan", "Rain is expected in Sardan, 14 degrees.")],
        "s-wea2aaaaaaaaaaaa": [article("a-wea2", "NRT", 21, "Weather: rain in Hewdan", "Rain is expected in Hewdan, 17 degrees.")],
    }  # fmt: skip
    related = {
        "s-dam4aaaaaaaaaaaa": (Related(story_id="s-dam7aaaaaaaaaaaa", kind="shared_material", shared_words=38),),
        "s-dam7aaaaaaaaaaaa": (Related(story_id="s-dam4aaaaaaaaaaaa", kind="shared_material", shared_words=38),),
        "s-wea1aaaaaaaaaaaa": (Related(story_id="s-wea2aaaaaaaaaaaa", kind="template", shared_words=6),),
    }
    world = World([], {}, [])
    for story_id, members in sources.items():
        links = linked(members)
        facts = StoryFacts(
            story_id=story_id, change="joined", articles=tuple(members), links=tuple(links),
            related=related.get(story_id, ()), now=NOON + timedelta(hours=7),
        )  # fmt: skip
        world.stories.append(tell(facts))
        world.links.extend(links)
        world.articles.update((member.id, replace(member, story_id=story_id)) for member in members)
    return world


@pytest.fixture(scope="session")
def world() -> World:
    return _world()


def _fingerprint(tx, world: World) -> None:
    """What grouping keeps of each article, filed under the stories that these tests tell."""
    grouper = Grouper(GroupSettings())
    for one in world.articles.values():
        when = one.date_published
        grouper.place(
            Subject(article_id=one.id, site=one.source.domain, title=one.title, text=one.content_text, language="en",
                    event_time=when, arrived=when), tx
        )  # fmt: skip
    for story in world.stories:
        tx.fingerprints.move(story.members, story.story_id)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory, world: World) -> Path:
    """A store on disk with all of it, and one story id that was merged away."""
    folder = tmp_path_factory.mktemp("store")
    with Store.open(folder, clock=lambda: NOON) as store, store.transaction() as tx:
        for one in world.articles.values():
            tx.articles.put(one, [one.url])
        _fingerprint(tx, world)
        tx.fingerprints.put_links(world.links)
        for story in world.stories:
            merged = ("s-old1aaaaaaaaaaaa",) if story.story_id.startswith("s-dam4") else ()
            tx.stories.put(replace(story, merged_from=merged))
    return folder


@pytest.fixture
def wirefold(
    capsys: pytest.CaptureFixture[str], tmp_path, monkeypatch, data: Path
) -> Callable[..., tuple[int, str, str]]:
    """``wirefold("list")`` runs ``wirefold stories list --data …``; (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(*argv: str) -> tuple[int, str, str]:
        code = main(["stories", *argv, "--data", str(data)])
        return code, *capsys.readouterr()

    return run


@pytest.fixture(scope="session")
def rendered():
    """What a terminal of ``width`` columns shows, as text; with ``colour`` as it is sent."""

    def render(renderable, width: int = 80, *, colour: bool = False) -> str:
        console = Console(
            width=width, highlight=False, force_terminal=colour, color_system="standard" if colour else None
        )
        with console.capture() as capture:
            console.print(renderable)
        return capture.get()

    return render
