"""Names and addresses: where the server listens, which `Host` it answers to, who a request comes from."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence

LOOPBACK = ("127.0.0.1", "::1")
LOCAL_NAMES = ("localhost", *LOOPBACK)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def is_loopback(host: str) -> bool:
    address = parse_address(host)
    return host.lower() == "localhost" or (address is not None and address.is_loopback)


def bind_addresses(host: str) -> tuple[str, ...]:
    """`localhost` is both loopback addresses: which of them the name means differs between machines."""
    return LOOPBACK if host.lower() == "localhost" else (host.strip("[]"),)


def parse_address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None


def host_name(authority: str) -> str:
    """`Example.org:8080` → `example.org`, `[::1]:8080` → `::1`; empty for what no browser would send."""
    authority = authority.strip().lower()
    if authority.startswith("["):
        name, closed, port = authority[1:].partition("]")
        return name if closed and (not port or port[1:].isdigit()) else ""
    name, colon, port = authority.partition(":")
    return "" if colon and not port.isdigit() else name.removesuffix(".")


def host_check(bound: str, allowed: Sequence[str]) -> Callable[[str], bool]:
    """Against rebinding: a foreign name that resolves to us must not open our pages to a foreign script."""
    own = allowed or (_bracketed(bound),)
    # The local names always: nobody can rebind them, and the command line of this machine uses them.
    names = {*LOCAL_NAMES, *(host_name(name) for name in own)}
    address = parse_address(bound)
    everywhere = not allowed and address is not None and address.is_unspecified

    def is_allowed(authority: str) -> bool:
        name = host_name(authority)
        # Bound to all addresses, any of them may be meant; a name that is an address can't be rebound.
        return bool(name) and (name in names or (everywhere and parse_address(name) is not None))

    return is_allowed


def network(text: str) -> Network:
    """An address or a network such as 10.0.0.0/8. Raises ValueError."""
    return ipaddress.ip_network(text, strict=False)


def client_address(peer: str, forwarded_for: str, proxies: Sequence[Network]) -> str:
    """The nearest address that no configured proxy of ours has; others may write what they like."""
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    client = peer
    while hops and _is_within(client, proxies):
        client = hops.pop()
    return client


def _is_within(client: str, networks: Sequence[Network]) -> bool:
    address = parse_address(client)
    return address is not None and any(address in network for network in networks)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
