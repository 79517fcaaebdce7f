"""Where settings come from, which wins, and what is said about wrong ones."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from vpo_polling.settings import SettingsError, load

MonkeyPatch = pytest.MonkeyPatch


def write(folder: Path, text: str, name: str = "vpo.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_defaults(tmp_path: Path) -> None:
    settings = load()
    assert (settings.host, settings.port) == ("localhost", 8080)
    assert (settings.workers, settings.rate_limit) == (2, 1200)
    assert (settings.polling_enabled, settings.polling_interval_ms, settings.polling_log_interval_ms) == (
        True,
        5000,
        15_000,
    )
    assert settings.scan_roots == (tmp_path.resolve(),), "the directory the server was started in"
    assert settings.data_dir.name == "vpo-polling"
    assert settings.database_path.parent == settings.data_dir
    assert settings.frame_ancestors == ()
    assert settings.token is None


def test_flags_then_environment_then_file_then_defaults(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    write(tmp_path, "port = 1\nworkers = 1\nlog_level = 'debug'\n")
    monkeypatch.setenv("VPO_PORT", "2")
    monkeypatch.setenv("VPO_WORKERS", "3")
    settings = load({"port": 4, "workers": None})
    assert (settings.port, settings.workers, settings.log_level, settings.rate_limit) == (4, 3, "debug", 1200)


def test_the_file_can_be_named(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    write(tmp_path, "port = 1")
    named = write(tmp_path, "port = 2", "other.toml")
    assert load(config=named).port == 2
    monkeypatch.setenv("VPO_CONFIG", str(named))
    assert load().port == 2
    monkeypatch.delenv("VPO_CONFIG")
    assert load().port == 1
    with pytest.raises(SettingsError, match=r"no settings file .*missing\.toml"):
        load(config=tmp_path / "missing.toml")


def test_paths_in_the_file_begin_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    (folder / "media").mkdir(parents=True)
    text = 'data_dir = "../data"\nscan_roots = ["media"]\n[commands.t]\nargv = ["true"]\ncwd = "media"\n'
    settings = load(config=write(folder, text))
    assert settings.data_dir == tmp_path.resolve() / "data"
    assert settings.scan_roots == (folder.resolve() / "media",)
    assert settings.commands["t"].cwd == folder.resolve() / "media"


def test_lists_in_the_environment(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b,c").mkdir()
    monkeypatch.setenv("VPO_SCAN_ROOTS", f"{tmp_path}/a:{tmp_path}/b,c")
    monkeypatch.setenv("VPO_ALLOWED_HOSTS", "one.example, two.example,")
    monkeypatch.setenv("VPO_TRUSTED_PROXIES", "10.0.0.0/8")
    settings = load()
    assert [root.name for root in settings.scan_roots] == ["a", "b,c"]
    assert settings.allowed_hosts == ("one.example", "two.example")
    assert settings.trusted_proxies == ("10.0.0.0/8",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("prot = 1", r"Unknown setting 'prot' in .*vpo\.toml \(the nearest known one is 'port'\)\."),
        ("[commands.t]\nargv = ['x']\nprogres = 'x'", r"Unknown setting 'commands\.t\.progres' .*'progress'"),
        ("port = 'x'", r"'port' in .*vpo\.toml: 'x' can't be used: input should be a valid integer"),
        ("port = ", r"vpo\.toml can't be read as TOML"),
        ("scan_roots = ['missing']", r"'scan_roots\.0' in .*: there is no directory .*missing\."),
        ("[commands.t]\nargv = []", r"'commands\.t\.argv' in "),
        ("commands = 7", r"'commands' in "),
        ("[commands]\nt = 7", r"'commands\.t' in "),
        ("[commands.t]\nargv = ['x']\nprogress = '(?P<done>.)'", r"\.t\.progress.*'done' and 'total'"),
        ("[commands.t]\nargv = ['x']\nprogress = '('", r"commands\.t\.progress"),
        ("trusted_proxies = ['x']", r"'trusted_proxies\.0' in "),
        ("frame_ancestors = [\"'none'; script-src *\"]", r"'frame_ancestors\.0' in .*origins such as"),
        ("url_prefix = '/a b'", r"'url_prefix' in .*use a path such as /vpo"),
        ("polling_interval_ms = 100", r"'polling_interval_ms' in .*greater than or equal to 2000"),
    ],
)
def test_a_wrong_file_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    write(tmp_path, text)
    with pytest.raises(SettingsError, match=sentence) as caught:
        load()
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_wrong_flag_or_variable_is_named_as_it_was_given(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"--log-level: 'loud' can't be used"):
        load({"log_level": "loud"})
    monkeypatch.setenv("VPO_PORT", "70000")
    with pytest.raises(SettingsError, match=r"VPO_PORT: '70000' can't be used"):
        load()
    monkeypatch.setenv("VPO_PORT", "7000")
    monkeypatch.setenv("VPO_COMMANDS", "not json")
    with pytest.raises(SettingsError, match="commands"):
        load()


def test_unknown_variables_only_warn(monkeypatch: MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("VPO_PROT", "1")
    with caplog.at_level(logging.WARNING):
        assert load().port == 8080
    (record,) = caplog.records
    assert "VPO_PROT" in record.getMessage()
    assert "VPO_PORT" in record.getMessage()


def test_a_token_is_never_shown(tmp_path: Path) -> None:
    settings = load({"auth_token": "s3cret"})
    assert settings.token == "s3cret"
    assert "s3cret" not in repr(settings)
    write(tmp_path, "auth_token = ['s3cret']")
    with pytest.raises(SettingsError) as caught:
        load()
    assert "s3cret" not in str(caught.value)


def test_settings_do_not_change() -> None:
    settings = load()
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1


def test_a_directory_that_is_gone_is_one_sentence(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(SettingsError, match=r"^The directory .* has been deleted\.$"):
        load()


def test_an_empty_host_is_refused(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setenv("VPO_HOST", "")
    with pytest.raises(SettingsError, match=r"^VPO_HOST: '' can't be used: .*\.$"):
        load()
