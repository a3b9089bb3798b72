"""Query parameters that say how a reader came, not what is read. Names are lower case.

The union of the lists of Miniflux (``urlcleaner.go``), StormCrawler (``BasicURLNormalizer``) and what news sites add to
the links of their own feeds. A name is here only if no site is known to choose a *document* by it.
"""

import re

PREFIXES = ("utm_", "mtm_", "hsa_", "at_", "ns_", "stm_", "vero_", "oly_", "_hs", "__hs", "wt_zmc", "itm_")

NAMES = frozenset(
    """
    _bta_c _bta_tid _cid _ga _gl _ke _openstat _sm_nck ab_channel action_object_map action_ref_map action_type_map
    asc_campaign asc_refurl asc_source bsft_clkid bsft_uid cjevent cmp cmpid cmpsrc cmptype cndid dclid
    dm_i ef_id emc epik esid fb_action_ids fb_action_types fb_comment_id fb_ref fb_source fbclid feature_share
    feedname feedtype ftag ftcamp gad_source gbraid gclid gclsrc gdffi gdfms gdftrk guccounter guce_referrer
    guce_referrer_sig hootpostid hsctatracking igsh igshid icid ito li_fat_id mbid mc_cid mc_eid mkt_tok mkwid
    ml_subscriber ml_subscriber_hash msclkid ncid ndclid ocid oft_c oft_ck oft_d oft_id oft_ids oft_k oft_lk oft_sk
    pcrid piwik_campaign piwik_kwd piwik_keyword pk_campaign pk_cid pk_content pk_keyword pk_kwd pk_medium
    pk_source pk_vid rb_clickid ref_src ref_url referrer rss_id rssid s_cid s_kwcid sc_campaign sc_cid sc_src share
    sharetype smid smtyp soc_src soc_trk spm sr_share srnd srsltid taid traffic_source trk trkcampaign trk_contact
    trk_module trk_msg trk_sid ttclid twclid twitter-impression wbraid wickedid xtor xtref yclid ysclid zanpid
    __twitter_impression __readwiselocation _unique_id fref taboola_campaign_id tblci dicbo ob_click_id obclid cvid
    """.split()  # noqa: SIM905 - a word list reads better than 150 quoted strings
)

SESSION = re.compile(
    r"(?:phpsessid|jsessionid|aspsessionid\w*|asp\.net_sessionid|sessionid|session_id|session|cfid|cftoken|sid|osid|zenid|mssid)"
)
"""Session parameters; ``sid`` and ``session`` are ambiguous, so they count only with a token as their value."""

TOKEN = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9_.-]{16,}", re.ASCII)
"""Letters and digits: ``article.php?sid=12345`` of PHP-Nuke names a document and stays."""

CERTAIN_SESSION = re.compile(r"(?:phpsessid|jsessionid|aspsessionid\w*|asp\.net_sessionid|cfid|cftoken)")

SOURCES = frozenset({"ref", "source", "src", "from", "partner", "via", "medium", "origin", "cid", "fr", "cp"})
SOURCE_VALUE = re.compile(r"rss|feeds?|rss[-_]?feed|rss20?|rss\.xml|rss-?link|feedburner|atom")
"""``?from=rss``: a parameter of these names counts as tracking only with one of these values."""

CACHE_BUSTERS = frozenset({"_", "cb", "cachebuster", "nocache", "rnd", "rand"})
DIGITS = re.compile(r"[0-9.]*", re.ASCII)


def is_tracking(name: str, value: str) -> bool:
    """Whether a query parameter (percent-decoded) leaves what is read the same."""
    low = name.lower()
    if low in NAMES or low.startswith(PREFIXES):
        return True
    if low in SOURCES:
        return SOURCE_VALUE.fullmatch(value.lower()) is not None
    if low in CACHE_BUSTERS:
        return DIGITS.fullmatch(value) is not None
    return _is_session(low, value)


def _is_session(low: str, value: str) -> bool:
    if SESSION.fullmatch(low) is None:
        return False
    return CERTAIN_SESSION.fullmatch(low) is not None or TOKEN.fullmatch(value) is not None
