"""The languages of the pages: complete, and chosen as the reader asks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest
from given_jobs import queued
from serving import serving
from vpo_polling.pages.words import catalogues, chosen
from vpo_polling.resources import TEMPLATES
from vpo_polling.settings import Settings, SettingsError, load
from vpo_polling.store import Store

WORDS = {path.stem: json.loads(path.read_text("utf-8")) for path in (TEMPLATES / "words").glob("*.json")}
FIELD = re.compile(r"\{[^}]*\}")


@pytest.mark.parametrize("language", sorted(WORDS))
def test_a_language_says_everything_that_english_says(language: str) -> None:
    english, words = WORDS["en"], WORDS[language]
    assert list(words) == list(english), "no key is missing, unknown or elsewhere"
    for key, text in words.items():
        assert text.strip(), key
        assert sorted(FIELD.findall(text)) == sorted(FIELD.findall(english[key])), f"fields of {key}"


def test_every_sentence_that_a_template_says_exists() -> None:
    sources = [
        *TEMPLATES.glob("*.html"),
        *Path(__file__).parents[3].joinpath("server/vpo_polling/pages").glob("*.py"),
    ]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    for key in re.findall(r"\bt\([\"']([\w.]+)[\"']\)", text):
        assert key in WORDS["en"], key


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT", "de"),
        ("DE-de", "de"),
        ("fr", "en"),
        ("fr, de", "de"),
        ("en, de", "en"),
        ("en;q=0.5, de;q=0.9", "de"),
        ("en;q=0.5,de", "de"),
        ("de;q=0", "en"),
        ("de;q=0, en;q=0.1", "en"),
        ("de ; q=0.1 , *;q=0.9", "de"),
        ("de;q=x", "en"),
        ("de;q=1.2.3", "en"),
        (";;;,,,", "en"),
        ("x" * 10_000, "en"),
        (",".join(["fr"] * 60 + ["de"]), "en"),
    ],
)
def test_the_browser_asks_by_weight(asked: str, language: str) -> None:
    assert chosen(asked).language == language


def test_a_setting_outranks_the_browser() -> None:
    assert chosen("de", "en").language == "en"
    assert chosen("en", "de").language == "de"


@pytest.mark.parametrize("language", ["fr", "DE", "english", "../en", "de "])
def test_a_language_that_nobody_wrote_is_refused_by_name(tmp_path: Path, language: str) -> None:
    with pytest.raises(SettingsError, match="the pages speak de, en"):
        load({"data_dir": tmp_path, "language": language})


def test_no_language_is_the_readers_own(tmp_path: Path) -> None:
    assert load({"data_dir": tmp_path, "language": ""}).language is None


@pytest.mark.anyio
async def test_pages_say_their_language_and_that_it_was_asked_for(
    settings: Settings, store: Store, media: Path
) -> None:
    job_id = queued(store)
    async with serving(settings, store) as client:
        for path in ("/jobs", f"/jobs/{job_id}", "/jobs/zz"):
            german = await client.get(path, headers={"accept-language": "de-DE,de;q=0.9,en;q=0.8"})
            assert '<html lang="de">' in german.text
            assert "Accept-Language" in german.headers["vary"]
            english = await client.get(path, headers={"accept-language": "en"})
            assert '<html lang="en">' in english.text
        assert _words_of(await client.get(f"/jobs/{job_id}", headers={"accept-language": "de"})) == (
            catalogues()["de"].for_script()
        )
    fixed = load({"data_dir": settings.data_dir, "scan_roots": [media], "language": "de"})
    async with serving(fixed, store) as client:
        assert '<html lang="de">' in (await client.get("/jobs", headers={"accept-language": "en"})).text


def _words_of(page: httpx.Response) -> dict[str, str]:
    found = re.search(r"data-vpo-words>(.*?)</script>", page.text, re.DOTALL)
    assert found
    words: dict[str, str] = json.loads(found[1])
    return words
