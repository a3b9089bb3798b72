"""Which addresses may be connected to. Checked on the address that the socket gets, so nothing can be rebound in between.

The lists are the IANA special-purpose registries (RFC 6890 and successors), written out: ``ipaddress.is_global`` calls
64:ff9b::7f00:1 (NAT64 of 127.0.0.1), 2002:7f00:1:: (6to4), ::127.0.0.1 and 224.0.0.1 global, and differs between Pythons.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NOT_GLOBAL_4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, cloud metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relay anycast, withdrawn
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_6 = IPv6Network("2000::/3")
_NOT_GLOBAL_6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_ISATAP = (0x00005EFE, 0x02005EFE)
_LOW_32 = 0xFFFFFFFF


def networks(spelled: Iterable[str]) -> tuple[Network, ...]:
    """CIDRs as written in the settings; raises ValueError with the offender."""
    return tuple(ip_network(text, strict=False) for text in spelled)


def plain(text: str) -> Address:
    """The address that a socket would reach: without zone, IPv4-mapped taken as the IPv4 that it is."""
    address = ip_address(text.split("%", 1)[0])
    if isinstance(address, IPv6Address) and address in _MAPPED:
        return IPv4Address(int(address) & _LOW_32)
    return address


def embedded(address: IPv6Address) -> Iterator[IPv4Address]:
    """IPv4 addresses that a translator, relay or tunnel would reach through ``address``: NAT64 (RFC 6052), 6to4
    (RFC 3056), ISATAP (RFC 5214). The other forms (compatible, SIIT, Teredo, local NAT64) are outside what is global.
    """
    number = int(address)
    if address in _NAT64:
        yield IPv4Address(number & _LOW_32)
    if address in _SIX_TO_FOUR:
        yield IPv4Address((number >> 80) & _LOW_32)
    if (number >> 32) & _LOW_32 in _ISATAP:
        yield IPv4Address(number & _LOW_32)


def is_global(address: Address) -> bool:
    """Whether the address, and every IPv4 address inside it, belongs to the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _NOT_GLOBAL_4)
    if address not in _GLOBAL_6 and address not in _NAT64:
        return False
    return not any(address in block for block in _NOT_GLOBAL_6) and all(is_global(v4) for v4 in embedded(address))


class Guard:
    """``allowed`` opens exactly the networks that it names, for the address as it is connected to."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = networks(allowed)
        self._known: dict[str, bool] = {}

    def permits(self, text: str) -> bool:
        """``text``: a numeric address as the resolver gave it."""
        known = self._known.get(text)
        if known is None:
            if len(self._known) > 10_000:
                self._known.clear()
            known = self._known[text] = self._decide(plain(text))
        return known

    def _decide(self, address: Address) -> bool:
        return any(address.version == net.version and address in net for net in self._allowed) or is_global(address)
