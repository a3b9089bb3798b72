"""Wirefold: what publishers publish, once, as stories.

    feeds ─▶ Feed ──poll──▶ Entry ──collect──▶ Page ──extract──▶ Article + Fingerprint ──group──▶ Match ─▶ Story
                  archives ──▲  (backfill: sitemaps, paged feeds, URL lists)

``cli`` turns argv into settings, a ``World`` and one engine; ``engines`` decide who runs the steps and when; ``steps`` is
the only place where the pure ``stages`` meet the world; ``web`` is the one way out, ``storage`` the one way to disk.
"""
