"""What kind of page this is, and why a page without text has none (pure)."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from pipeline.stages.extract.document import Document
from pipeline.stages.extract.structured import Declared, types_of
from pipeline.stages.extract.walls import linked_share
from pipeline.text.urls import is_home_page
from storage.records.articles import Kind

_LIVE_URL = re.compile(
    r"/(?:live|live-?blog|liveticker|newsticker|en-direct|direct|ao-vivo|en-vivo|livefeed|minute-by-minute)(?:/|-|$)",
    re.IGNORECASE,
)
_GALLERY_URL = re.compile(
    r"/(?:gallery|galleries|photos?|pictures|slideshows?|fotos?|fotostrecke|galeria|diaporama|photo-?gallery|"
    r"bildergalerie)(?:/|-|$)",
    re.IGNORECASE,
)
_VIDEO_URL = re.compile(r"/(?:videos?|watch|tv|clips?|mediathek)(?:/|$)", re.IGNORECASE)
_LIVE_TITLE = re.compile(
    r"^(?:live\b.{0,20}[:|–-]|.*\b(?:live blog|live updates?|liveticker|as it happened|minute by minute|en "
    r"direct\s*[:|])\b)",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"(?:before you continue|we (?:and our partners )?(?:use|value|care about) (?:cookies|your privacy)|accept "
    r"(?:all )?cookies|cookie (?:consent|wall|settings)|"
    r"consent\.(?:yahoo|google|youtube)|privacy gateway|zustimm\w+|cookies akzeptieren|mit werbung (?:lesen|"
    r"weiterlesen)|"
    r"accepter (?:les cookies|et continuer)|aceptar (?:las )?cookies|accetta (?:i )?cookie|gdpr-consent|"
    r"didomi-host|sp_message|onetrust-consent)",
    re.IGNORECASE,
)
_PAYWALL = re.compile(
    r"(?:subscribe to (?:continue|read|keep reading)|(?:already|not) a subscriber|to (?:continue|keep) reading|"
    r"subscribers? only|subscriber[- ]exclusive|"
    r"this (?:article|content|story) is (?:only )?(?:for|available to) (?:\w+ )?(?:subscribers|members)|start "
    r"your (?:free )?(?:trial|subscription)|"
    r"unlock this article|(?:jetzt|mit) \w*abo\w* (?:lesen|weiterlesen)|réservé aux abonnés|solo para "
    r"suscriptores|riservato agli abbonati|"
    r"piano-(?:container|paywall)|class=\"[^\"]*paywall)",
    re.IGNORECASE,
)
_SCRIPT_ROOT = re.compile(
    r"<div[^>]+id=[\"'](?:root|app|__next|__nuxt|main-app|react-root)[\"'][^>]*>\s*</div>", re.IGNORECASE
)
_NO_SCRIPT = re.compile(
    r"(?:enable|activate|turn on) javascript|javascript (?:is|must be|needs to be) (?:disabled|enabled|"
    r"required)|requires javascript",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"cf-browser-verification|challenge-platform|/_Incapsula_|px-captcha|datadome|checking your browser", re.IGNORECASE
)
_HEAD = 200_000
SEVERAL = 4
MOSTLY = 0.5
NEARLY_ALL = 0.8


def kind_of(declared: Declared, url: str, title: str | None, words: int) -> tuple[Kind, str]:
    """What the page says it is, what its URL says, and whether the text is long enough to be an article all
    the same.
    """
    types = types_of(declared.article) if declared.article else set()
    all_types = {name for node in declared.nodes for name in types_of(node)}
    path = urlsplit(url).path
    if "liveblogposting" in all_types or (title and _LIVE_TITLE.match(title)) or _LIVE_URL.search(path):
        return "live_blog", "declared or named a live blog"
    if words >= 200 and (types or "article" in (declared.first("og:type") or "article")):
        return "article", "long enough"
    if {"imagegallery", "mediagallery"} & all_types or _GALLERY_URL.search(path):
        return "gallery", "declared or named a gallery"
    if (
        (declared.first("og:type") or "").startswith("video")
        or ("videoobject" in all_types and not types)
        or _VIDEO_URL.search(path)
    ):
        return "video", "declared or named a video"
    return "article", "nothing speaks against it"


def is_index(document: Document, declared: Declared, url: str, lines: Sequence[str]) -> str | None:
    """Why this is a front page or a section's list, or None. An article's date or type speaks against it."""
    if is_home_page(url):
        return "the address is a home page"
    if declared.article or declared.first("article:published_time", "og:article:published_time"):
        return None
    listing = {name for node in declared.nodes for name in types_of(node)} & {
        "collectionpage",
        "itemlist",
        "searchresultspage",
    }
    share = linked_share(document, lines)
    if listing and share > MOSTLY:
        return "declared a list, and most of its text is links"
    if len(lines) >= SEVERAL and share > NEARLY_ALL:
        return "nearly all of its text is headlines that lead elsewhere"
    return None


def why_empty(document: Document, declared: Declared) -> tuple[str, str]:
    """The slug for a page that holds too little text, and what showed it."""
    html = document.decoded.text[:_HEAD]
    for slug, pattern in (("script_only", _CHALLENGE), ("consent_wall", _CONSENT), ("paywall", _PAYWALL)):
        match = pattern.search(html)
        if match:
            return slug, f"“{match[0][:80]}”"
    if declared.of("isAccessibleForFree") in ("False", "false") or declared.article.get("isAccessibleForFree") is False:
        return "paywall", "declared not accessible for free"
    match = _SCRIPT_ROOT.search(html) or _NO_SCRIPT.search(html)
    if match:
        return "script_only", f"“{match[0][:80]}”"
    return "no_article", "no running text"
