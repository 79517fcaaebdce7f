"""Where the server may listen, which Host it answers to, and who a request comes from."""

from __future__ import annotations

from pathlib import Path

import pytest
from serving import serving
from vpo_polling.hosts import bind_addresses, client_address, host_check, host_name, is_loopback, network
from vpo_polling.settings import Settings, SettingsError, load
from vpo_polling.store import Store


def test_it_binds_both_loopback_addresses_unless_told_otherwise(settings: Settings) -> None:
    assert bind_addresses(settings.host) == ("127.0.0.1", "::1")
    assert bind_addresses("[::1]") == ("::1",)
    assert bind_addresses("192.0.2.7") == ("192.0.2.7",)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.org", "127.0.0.1.example.org"])
def test_any_other_host_needs_a_token(host: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="VPO_AUTH_TOKEN"):
        load({"data_dir": tmp_path, "host": host})
    with pytest.raises(SettingsError, match="VPO_AUTH_TOKEN"):
        load({"data_dir": tmp_path, "host": host, "auth_token": "  "})
    assert load({"data_dir": tmp_path, "host": host, "auth_token": "x"}).host == host


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1", "[::1]"])
def test_loopback_needs_none(host: str, tmp_path: Path) -> None:
    assert is_loopback(host)
    assert load({"data_dir": tmp_path, "host": host}).token is None


@pytest.mark.parametrize(
    ("authority", "name"),
    [
        ("Example.ORG:8080", "example.org"),
        ("example.org.", "example.org"),
        ("[::1]:8080", "::1"),
        ("[::1]", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("", ""),
        ("localhost:80:90", ""),
        ("localhost:evil", ""),
        ("[::1", ""),
        ("[::1]evil", ""),
        ("evil.org, localhost", "evil.org, localhost"),
    ],
)
def test_the_name_in_an_authority(authority: str, name: str) -> None:
    assert host_name(authority) == name


def test_only_local_names_and_the_bound_address_are_served() -> None:
    check = host_check("192.0.2.7", ())
    assert all(check(host) for host in ("localhost:8080", "127.0.0.1", "[::1]:1", "192.0.2.7:8080"))
    assert not any(check(host) for host in ("evil.example", "192.0.2.8", "", "localhost.evil.example"))


def test_a_list_of_names_replaces_the_bound_address() -> None:
    check = host_check("0.0.0.0", ("jobs.example.org", "192.0.2.9"))
    assert check("JOBS.example.org:443")
    assert check("192.0.2.9")
    assert check("localhost:8080"), "the command line of this machine goes on working"
    assert not check("192.0.2.8")
    assert not check("example.org")


def test_bound_to_every_address_any_address_may_be_meant_but_no_name() -> None:
    check = host_check("0.0.0.0", ())
    assert check("192.0.2.8:8080")
    assert check("[2001:db8::1]")
    assert not check("rebound.example")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "path", ["/api/jobs", "/jobs", "/health", "/livez", "/static/icon.svg", "/api/nothing"]
)
async def test_a_rebound_host_gets_nothing(settings: Settings, store: Store, path: str) -> None:
    async with serving(settings, store) as client:
        refused = await client.get(path, headers={"host": "rebound.example:8080"})
        assert refused.status_code == 400
        assert "allowed_hosts" in refused.text
        assert (await client.get(path, headers={"host": "127.0.0.1:8080"})).status_code in (200, 404)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.5", "1.2.3.4", "203.0.113.5"),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.9", "1.2.3.4"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("", "1.2.3.4", ""),
    ],
)
def test_forwarded_addresses_count_only_from_configured_proxies(
    peer: str, forwarded: str, client: str
) -> None:
    assert client_address(peer, forwarded, [network("10.0.0.0/8")]) == client
    assert client_address(peer, forwarded, []) == peer
