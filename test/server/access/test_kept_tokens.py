"""How long a bearer token that was found is believed."""

from __future__ import annotations

import pytest
from vpo_polling.access.credentials import KEPT_S, Credentials
from vpo_polling.store import Store

pytestmark = pytest.mark.anyio


async def test_a_revoked_token_ends_within_seconds(store: Store) -> None:
    clock = [100.0]
    credentials = Credentials("own", store, lambda: clock[0])
    token = store.tokens.create(scope="report", name="ci", now=1_000)
    assert await credentials.scope(f"Bearer {token}") == ("report", True)
    store.tokens.revoke(str(store.tokens.list()[0]["id"]))
    clock[0] += KEPT_S - 0.1
    assert await credentials.scope(f"Bearer {token}") == ("report", True)
    clock[0] += 0.1
    assert await credentials.scope(f"Bearer {token}") == (None, True)


async def test_a_token_made_after_a_refusal_counts_at_once(store: Store) -> None:
    credentials = Credentials(None, store, lambda: 0.0)
    assert credentials.is_open
    assert await credentials.scope("Bearer guess") == (None, True)
    token = store.tokens.create(scope="admin", name="me", now=1_000)
    assert await credentials.scope(f"Bearer {token}") == ("admin", True)


async def test_without_a_token_of_its_own_no_password_is_right(store: Store) -> None:
    credentials = Credentials(None, store, lambda: 0.0)
    assert await credentials.scope("Basic Og==") == (None, False)
