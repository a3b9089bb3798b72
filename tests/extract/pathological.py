"""Pages that cost extractors seconds, memory or their lives, each made by a rule; with what must be read of them."""

from collections.abc import Callable

from tests.extract.making import STORY, html, paragraphs

MIB = 1024 * 1024
GOOD = paragraphs()


def _table(rows: int) -> str:
    return "<table>" + "<tr><td>a</td><td>b</td><td>c</td><td>d</td></tr>" * rows + "</table>"


PAGES: dict[str, Callable[[], bytes | str]] = {
    "class attribute of 5 MB": lambda: html(f'{GOOD}<div class="{"x " * (5 * MIB // 2)}">end</div>'),
    "id attribute of 200 kB": lambda: html(f'{GOOD}<div id="{"y" * 200_000}">end</div>'),
    "data attribute of 3 MB": lambda: html(f"{GOOD}<div data-state='{'z' * 3 * MIB}'>end</div>"),
    "inline picture of 3 MB": lambda: html(f'<img src="data:image/png;base64,{"A" * 3 * MIB}">{GOOD}'),
    "50,000 links": lambda: html(GOOD + "<ul>" + '<li><a href="/x">a link of words</a></li>' * 50_000 + "</ul>"),
    "table of 20,000 rows": lambda: html(GOOD + _table(20_000)),
    "table of 40,000 rows": lambda: html(GOOD + _table(40_000)),
    "table within table 200 deep": lambda: html(GOOD + "<table><tr><td>" * 200 + "x" + "</td></tr></table>" * 200),
    "50,000 small paragraphs": lambda: html(GOOD + "<p>short line here</p>" * 50_000),
    "50,000 empty divisions": lambda: html(GOOD + "<div></div>" * 50_000),
    "divisions 5,000 deep": lambda: html(GOOD + "<div>" * 5000 + "deep" + "</div>" * 5000),
    "divisions 100,000 deep": lambda: html(GOOD + "<div>" * 100_000),
    "spans 20,000 deep": lambda: html(GOOD + "<span>" * 20_000 + "deep"),
    "unclosed b and i 3,000 times": lambda: html(GOOD + "<b><i>" * 3000),
    "lists 2,000 deep": lambda: html(GOOD + "<ul><li>" * 2000 + "x"),
    "script of 15 MB in the head": lambda: html(head=f"<script>{'x' * 15 * MIB}</script>"),
    "text node of 4 MB": lambda: html(GOOD + "<p>" + "word " * (MIB * 4 // 5) + "</p>"),
    "comment of 10 MB": lambda: html(f"<!-- {'c ' * 5 * MIB} -->{GOOD}"),
    "unclosed comment": lambda: html(GOOD + "<!-- " + "c " * 100_000),
    "unclosed script": lambda: html(GOOD) + "<script>" + "x" * MIB,
    "20,000 authors in JSON-LD": lambda: html(
        head='<script type="application/ld+json">{"@type":"NewsArticle","headline":"H","author":['
        + ",".join(f'{{"name":"Jane Doe{n}"}}' for n in range(20_000))
        + "]}</script>"
    ),
    "JSON-LD nested 10,000 deep": lambda: html(
        head='<script type="application/ld+json">' + '{"@type":"A","x":' * 10_000 + "1" + "}" * 10_000 + "</script>"
    ),
    "author of 200 kB in meta": lambda: html(head=f'<meta name="author" content="{"By A and " * 22_000}">'),
    "title of 1 MB": lambda: html(title="long " * 200_000),
    "20,000 meta elements": lambda: html(head='<meta name="author" content="Jane Doe">' * 20_000),
    "NUL bytes everywhere": lambda: html().replace(" ", " \0").encode(),
    "lone surrogates and broken UTF-8": lambda: html().encode().replace(b"river", b"ri\xed\xa0\x80ver\xff"),
    "random bytes after the article": lambda: html().encode() + bytes(range(256)) * 2000,
    "one line of 50,000 colons": lambda: html(GOOD + f"<p>{'Source: ' * 6250}</p>"),
    "50,000 dashes and brackets": lambda: html(paragraphs(["(" * 20_000 + "— " * 15_000 + ")" * 15_000, *STORY])),
    "20,000 bylines": lambda: html(GOOD + '<span class="byline">By AP</span>' * 20_000),
    "regular expression bait": lambda: html(paragraphs(["A" + " A" * 20_000 + "!", *STORY, "by " * 20_000, "© " * 20_000])),
    "half a megabyte of white space": lambda: html(f"{GOOD}<p>{' ' * 500_000}x{chr(160) * 200_000}</p>"),
    "50,000 entities": lambda: html(f"{GOOD}<p>{'&amp;&nbsp;' * 50_000}</p>"),
}  # fmt: skip
READABLE = {
    "class attribute of 5 MB", "id attribute of 200 kB", "data attribute of 3 MB", "inline picture of 3 MB",
    "script of 15 MB in the head", "comment of 10 MB", "20,000 authors in JSON-LD", "JSON-LD nested 10,000 deep",
    "author of 200 kB in meta", "20,000 meta elements", "NUL bytes everywhere", "divisions 5,000 deep",
    "table of 20,000 rows", "50,000 empty divisions", "20,000 bylines", "50,000 links", "title of 1 MB",
}  # fmt: skip
"""Pages whose article must be found in the text all the same."""
