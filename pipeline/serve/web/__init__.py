"""The outside: parameters in, HTML, JSON, Atom, OPML and metrics out."""
