"""Seeing it: pages, API, feeds out and metrics over the store. Reads only; a daemon may be writing.

    streams, state ──library──▶ index (serve.db), store ──▶ views (what a page says) ──▶ web (HTML, JSON, Atom)
                                                             ╰── draw (SVG) ──────────────────╯

``index`` answers what goes over all stories, the store what is about one. ``views`` and ``draw`` are pure.
"""
