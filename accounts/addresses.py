"""Which address a request comes from, as far as our own proxies vouch for it."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

UNKNOWN = "unknown"


def address_of(request: HttpRequest | Request) -> str:
    """The caller's IPv4 address or IPv6 /64 (one household has as many IPv6 addresses as it likes).

    Each trusted proxy appends the address it saw to `X-Forwarded-For`; what stands further left was written
    by the caller himself and is not believed. Nothing readable gives `unknown`, which is one purse for all.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    seen = [*(forwarded.split(",") if forwarded else []), request.META.get("REMOTE_ADDR", "")]
    return folded(seen[-1 - min(settings.TRUSTED_PROXY_COUNT, len(seen) - 1)])


def folded(address: str) -> str:
    """The address as a key of a throttle."""
    try:
        found = ip_address(address.strip())
    except ValueError:
        return UNKNOWN
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Network((found.packed[:8] + bytes(8), 64)))
