"""What is a secret, and what only looks like one."""

from __future__ import annotations

import time

import pytest
from vpo_polling.jobs.masking import Masker, mask, mask_args, mask_env, secret_values

GITHUB = "ghp_" + "a1B2" * 9


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("git clone https://bob:hunter2@example.org/x", "git clone https://bob:***@example.org/x"),
        ("Authorization: Basic Ym9iOmh1bnRlcjI=", "Authorization: Basic ***"),
        ('"authorization": "Bearer abc.def-ghi"', '"authorization": "Bearer ***"'),
        ("curl -H 'Authorization: token abc'", "curl -H 'Authorization: token ***'"),
        ("Set-Cookie: session=abc; Path=/", "Set-Cookie: ***"),
        ("login with Bearer abcdefgh12345", "login with Bearer ***"),
        ("password=secret1&user=bob", "password=***&user=bob"),
        ('{"api_key": "k1", "user": "bob"}', '{"api_key": "***", "user": "bob"}'),
        ("export AWS_SECRET_ACCESS_KEY=abc/def", "export AWS_SECRET_ACCESS_KEY=***"),
        ("deploy --token abc123 --dry-run", "deploy --token *** --dry-run"),
        (f"found {GITHUB} in .env", "found *** in .env"),
        ("key AKIAIOSFODNN7EXAMPLE", "key ***"),
        ("xoxb-1234567890-abcdef", "***"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.abc-123_x", "***"),
        ("vpo_" + "x" * 43, "***"),
    ],
)
def test_secrets_are_masked_and_the_rest_stays(text: str, shown: str) -> None:
    assert mask(text) == shown
    assert Masker().mask_bytes(text.encode() + b"\n") == shown.encode() + b"\n"


@pytest.mark.parametrize(
    "text",
    [
        "23 passed, pass: 3, tokens: 5, max_tokens=10",
        "https://example.org/a:b@c",
        "the bearer of this letter",
        "monkey=banana keyboard: us",
        "skipping sk-short and npm_run",
        "--tokenize fast",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert mask(text) == text


def test_arguments_are_masked_also_when_the_value_stands_alone() -> None:
    argv = ["curl", "--password", "a b", "-u", "x", "https://u:p@h/", "--api-key=k", "--token"]
    shown = ["curl", "--password", "***", "-u", "x", "https://u:***@h/", "--api-key=***", "--token"]
    assert mask_args(argv) == shown


def test_variables_are_masked_by_name_or_by_content() -> None:
    env = {"PATH": "/bin", "DB_PASSWORD": "x", "GITHUB_TOKEN": "y", "URL": "http://a:b@c", "KEYBOARD": "us"}
    assert mask_env(env) == {
        "PATH": "/bin",
        "DB_PASSWORD": "***",
        "GITHUB_TOKEN": "***",
        "URL": "http://a:***@c",
        "KEYBOARD": "us",
    }
    assert secret_values(env) == ["x", "y"]


def test_known_values_are_masked_wherever_they_stand_unless_too_short_to_tell() -> None:
    masker = Masker(["s3cret-value", "dev", "s3cret-value-longer"])
    assert masker.mask_bytes(b"as3cret-valueb s3cret-value-longer dev\n") == b"a***b *** dev\n"


def test_a_private_key_vanishes_also_when_it_arrives_line_by_line() -> None:
    masker = Masker()
    key = [b"-----BEGIN RSA PRIVATE KEY-----\n", b"MIIEow\n", b"abc\n", b"-----END RSA PRIVATE KEY-----\n"]
    shown = b"".join(map(masker.mask_bytes, [b"before\n", *key, b"after\n"]))
    assert shown == b"before\n***\nafter\n"


@pytest.mark.parametrize(
    "hostile",
    [
        b"a-" * 32000,
        b"a.token" * 9000,
        b"eyJ-" * 16000,
        b"x://:" * 12000,
        b"--token" * 9000,
        b"-----BEGIN " * 6000,
    ],
)
def test_no_line_makes_masking_slow(hostile: bytes) -> None:
    began = time.process_time()
    Masker().mask_bytes(hostile + b"\n")
    # The worst takes 0.3 s; patterns that backtrack over the whole line would take minutes.
    assert time.process_time() - began < 5


def test_the_directory_a_shell_stands_in_is_no_secret() -> None:
    env = {"PWD": "/srv/media", "OLDPWD": "/srv/other", "DB_PWD": "hunter2hunter2"}
    assert secret_values(env) == ["hunter2hunter2"]
    assert mask_env(env) == {"PWD": "/srv/media", "OLDPWD": "/srv/other", "DB_PWD": "***"}
