"""The steps: the only place where the pure stages meet the world. A step reads one record and says which to keep next.

poll      Feed  → Polled       one GET, judged and parsed; when to look again
collect   Entry → Collected    one page (or the feed's own full text), extracted; or its fate
keep      Polled | Collected | Announced → the one transaction that makes the step done: grouped, told, published
"""
