"""However output arrives and wherever a long line is cut: no secret reaches the file."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path
from unittest import mock

from hypothesis import example, given, settings
from hypothesis import strategies as st
from vpo_polling.jobs import masking
from vpo_polling.jobs.masking import Masker
from vpo_polling.logs import writer as writing
from vpo_polling.logs.paths import LogPaths
from vpo_polling.logs.writer import LogWriter

KNOWN = ["hunter2hunter2", "correct horse battery", "-----first line\nsecond line of it"]
# What each must not leave behind, and how it stands in the text.
SECRETS = {
    "hunter2hunter2": "hunter2hunter2",
    "correct horse battery": "correct horse battery",
    "second line of it": "-----first line\nsecond line of it",
    "s3cretvalue": "password=s3cretvalue",
    "t0kenvalue": "--token   t0kenvalue",
    "b4sicvalue": "Authorization: Basic b4sicvalue",
    "c00kie=abc; more": "Set-Cookie: c00kie=abc; more",
    "urlpassw0rd": "https://bob:urlpassw0rd@example.org/x",
    "ghp_0123456789abcdef0123456789": "ghp_0123456789abcdef0123456789",
    "c2lnbmF0dXJl": "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl",
    "MIIEpAIBAAKCAQEA": "-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END PRIVATE KEY-----\n",
}
ordinary = st.sampled_from(
    [" ", "\n", "\r", "word ", "é", "50%\r", "pass: 3 ", "\x1b[1m", "x" * 150, " " * 40, ": "]
)
# A blank before and after, so that the secrets are those that the patterns know.
secret = st.sampled_from(list(SECRETS.values())).map(lambda text: f" {text} ")
texts = st.lists(st.one_of(ordinary, ordinary, secret), max_size=40).map("".join)


# A key that begins on a line of which the rest is dropped.
KEY_IN_DROPPED_LINE = " Set-Cookie: c00kie=abc; more " + "x" * 200 + " " + list(SECRETS.values())[-1]


@settings(max_examples=300, deadline=None)
@example(text=KEY_IN_DROPPED_LINE, cuts=[1, 92], held=1)
@example(text=KEY_IN_DROPPED_LINE, cuts=[92, 60, 10, 80], held=1)
@given(text=texts, cuts=st.lists(st.integers(1, 120), min_size=1, max_size=50), held=st.integers(1, 300))
def test_no_secret_reaches_the_file(text: str, cuts: list[int], held: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        # Far below the real sizes, with the same proportions: longer than any beginning of a secret.
        mock.patch.object(writing, "LONGEST_HELD", held),
        mock.patch.object(masking, "LOOKAHEAD", 90),
    ):
        paths = LogPaths.of(Path(folder), str(uuid.UUID(int=1)), 1)
        paths.folder.mkdir(parents=True)
        writer = LogWriter(paths, Masker(KNOWN))
        data, position = text.encode(), 0
        for count in [*cuts, len(data)]:
            writer.feed(data[position : position + count])
            position += count
            written = paths.log.read_bytes().decode()
            assert [secret for secret in SECRETS if secret in written] == []
        writer.close()
        written = paths.log.read_bytes().decode()
        assert [secret for secret in SECRETS if secret in written] == []
        assert written.count("word ") <= text.count("word ")


@settings(max_examples=200, deadline=None)
@given(
    text=st.lists(st.sampled_from(["\n", "a", "é", "€", "word ", "\r", "x" * 200]), max_size=60).map("".join),
    cuts=st.lists(st.integers(1, 90), min_size=1, max_size=50),
    held=st.integers(1, 200),
)
def test_what_holds_no_secret_reaches_the_file_as_it_is(text: str, cuts: list[int], held: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(writing, "LONGEST_HELD", held),
        mock.patch.object(masking, "LOOKAHEAD", 40),
    ):
        paths = LogPaths.of(Path(folder), str(uuid.UUID(int=1)), 1)
        paths.folder.mkdir(parents=True)
        writer = LogWriter(paths, Masker(["short"]))
        data, position = text.encode(), 0
        for count in [*cuts, len(data)]:
            writer.feed(data[position : position + count])
            position += count
        writer.close()
        assert paths.log.read_bytes() == data
