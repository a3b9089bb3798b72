"""The line of pipeline.toml that permits an address that was refused for being private."""

import ipaddress
import re
from collections.abc import Iterable

_ADDRESS = re.compile(r"[0-9a-fA-F:.]*[:.][0-9a-fA-F:.]*[0-9a-fA-F:]")
LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


def permitting(details: Iterable[str | None]) -> str | None:
    """``[fetch] allow_private_networks = ["127.0.0.0/8"]`` for what these say was blocked; None where no address is named."""
    found = {network: None for detail in details for network in _networks(detail or "")}
    if not found:
        return None
    listed = ", ".join(f'"{network}"' for network in found)
    return f"[fetch] allow_private_networks = [{listed}]"


def _networks(detail: str) -> Iterable[str]:
    """What stands between ``is`` and ``not a public address``: the host's own name is no network."""
    told = re.search(r" is (.+), not a public address", detail)
    for word in _ADDRESS.findall(told[1]) if told else ():
        try:
            address = ipaddress.ip_address(word)
        except ValueError:
            continue
        yield str(LOOPBACK if address in LOOPBACK else ipaddress.ip_network(address))
