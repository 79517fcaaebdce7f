from __future__ import annotations

import pytest
from vpo_polling.store import Store


def test_a_token_is_known_by_its_hash_alone(store: Store) -> None:
    token = store.tokens.create(scope="report", name="ci", now=1_000)
    assert store.tokens.verify(token) == "report"
    assert store.tokens.verify(token + "x") is None
    assert store.tokens.verify("") is None
    store.close()
    assert token.encode() not in b"".join(path.read_bytes() for path in store.path.parent.glob("vpo.db*"))


def test_a_revoked_token_is_nothing(store: Store) -> None:
    token = store.tokens.create(scope="admin", name="me", now=1_000)
    (listed,) = store.tokens.list()
    assert (listed["name"], listed["scope"]) == ("me", "admin")
    assert store.tokens.revoke(str(listed["id"]))
    assert not store.tokens.revoke(str(listed["id"]))
    assert store.tokens.verify(token) is None


def test_unknown_scopes_are_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="read, report, admin"):
        store.tokens.create(scope="root", name="x", now=1_000)
