"""The small web: fourteen invented publishers on one loopback server, for ``wirefold demo`` and for tests.

    content/ (TOML, Markdown, HTML) ──library──▶ Publisher, Article ──site──▶ Resource ──server──▶ HTTP on 127.0.0.1
                                                        ╰── pages, feeds: what a site of its own kind would answer

``pipeline.demo.web.DemoWeb`` is the way in; ``pipeline.demo.expected`` reads the truth about which articles are one story.
Every name, place and word in it is invented for this purpose.
"""
