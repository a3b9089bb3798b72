"""How sites word what is not the story, by reason. Written after reading every second of 102 pages, and kept to forms
that publishers share; the other half is what they are measured on (``benchmarks/extraction.py``).
"""

import re

_NETWORK = r"(?:facebook|twitter|whatsapp|instagram|telegram|linkedin|pinterest|youtube|reddit|google news|flipboard)"
_SEE_ALSO = (
    r"(?:lesen sie auch|mehr zum thema|lire aussi|à lire aussi|leia (?:também|mais)|lea también|leggi anche|ver "
    r"también|"
    r"czytaj (?:też|także|więcej)|lees ook|читайте также|читать далее|اقرأ (?:أيضا|أيضاً|المزيد)|بیشتر بخوانید|"
    r"زیاتر بخوێنەوە)"
)

TAIL = {
    "subscription": (
        (
            r"(?:sign up|subscribe|download|get)\b.{0,120}\b(?:newsletters?|apps?|inbox|alerts?|subscriptions?|"
            r"channel|podcast)\b"
        ),
        r"get access to\b.{0,80}\b(?:subscription|pro\b|premium)",
        r"(?:join|follow|find|like) (?:us|me|our|the [\w ]{2,40}?|\w+ news)\b.{0,80}\b(?:on|at)\b.{0,60}" + _NETWORK,
        r"follow\b.{0,80}\b" + _NETWORK,
        r"(?:click|tap) here (?:to|for)\b",
    ),
    "elsewhere": (
        r"(?:read|see|watch) (?:more|also|next)\b\s*:?",
        r"(?:related|more)\s*(?:stories|articles|news|coverage|on|from|:)",
        (
            r"(?:most (?:read|popular|viewed)|don['’]?t miss|you (?:may|might) (?:also )?like|recommended|"
            r"trending)\b.{0,40}$"
        ),
        _SEE_ALSO + r"\b.{0,160}$",
    ),
    "rights": (
        r"(?:©|\(c\)|copyright\b).{0,160}$",
        r".{0,60}\ball rights reserved\b",
        (
            r"this (?:material|copy|article|content) (?:may|is|was)\b.{0,80}\b(?:published|broadcast|rewritten|"
            r"personal|non-commercial)"
        ),
    ),
    "contact": (
        r"(?:contact|reach|e-?mail|write to)\b.{0,80}(?:@|twitter|" + _NETWORK + ")",
        r".{0,80}\b(?:can be reached|on twitter at|is on twitter)\b",
        r"(?:have|got) (?:a|any) (?:news )?(?:tip|story|question|comment)s?\b.{0,100}",
        r"(?:we['’]d|we would) like to hear\b",
        r"(?:let us know|tell us|share your|leave a comment|comments? (?:are|below))\b.{0,80}",
    ),
    "credit": (
        r"\(?(?:reporting|writing|editing|additional reporting)(?: and \w+)? by\b.{0,300}$",
        r"(?:image|photo|picture|main image|featured image)s?\s*(?:credits?|source|courtesy|by|:)",
    ),
    "machinery": (
        r"(?:order reprints|print article|an error has occurred|thank you$|this article has been sent)",
        (
            r"(?:advertisement|sponsored|loading|share this|tags?\s*:|topics?\s*:|filed under|categor(?:y|ies)\s*:|"
            r"posted in)\b.{0,160}$"
        ),
        r"(?:last updated|first published)\b.{0,60}\d.{0,20}$",
        r"[_*-]{2,}$",
    ),
}
INLINE = {
    "elsewhere": (
        r"(?:read (?:more|also|next)|see (?:more|also)|related|also read|don['’]?t miss|more)\s*:",
        _SEE_ALSO + r"\s*:",
    ),
    "machinery": (
        r"(?:advertisement|story continues below|article continues (?:after|below)|continue reading)\b.{0,60}$",
        r"click here to (?:get|download|sign|subscribe|read)\b.{0,80}$",
        r"(?:order reprints|print article|share on|share this)\b.{0,40}$",
    ),
}


def compiled(reasons: dict[str, tuple[str, ...]]) -> re.Pattern[str]:
    """One expression, anchored past leading punctuation; ``lastgroup`` names the reason."""
    parts = (f"(?P<{reason}>{'|'.join(forms)})" for reason, forms in reasons.items())
    return re.compile(rf"^[^\w©(_*-]*(?:{'|'.join(parts)})", re.IGNORECASE)
