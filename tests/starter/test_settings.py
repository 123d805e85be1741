"""Settings: a bad one is named, with what was expected, and its value is never told."""

import pytest

from workers.settings import SettingsError, load_settings, temporal_connection


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("HOMEWARD_DATABASE_URL", "mysql://u:secret@h/d", "expected sqlite:///PATH or postgresql://"),
        ("HOMEWARD_SMTP_URL", "mail.example.com", "expected smtp://HOST:PORT"),
        ("HOMEWARD_SMTP_URL", "smtp://u:secret@mail.example.com", "expected smtp://HOST:PORT"),
        ("HOMEWARD_SMTP_URL", "smtp://mail.example.com:port", "expected smtp://HOST:PORT"),
        ("HOMEWARD_STRIPE_URL", "127.0.0.1:8080", "expected http://HOST:PORT or https://HOST"),
        ("HOMEWARD_EASYPOST_URL", "ftp://files.example.com", "expected http://HOST:PORT or https://HOST"),
        ("HOMEWARD_POLICY", "/nowhere/policy.toml", "expected the path of a policy file that exists"),
        ("HOMEWARD_LOG_LEVEL", "loud", "'DEBUG'"),
        ("HOMEWARD_STEP_TIMEOUT_SECONDS", "soon", "number"),
        ("HOMEWARD_STEP_TIMEOUT_SECONDS", "0", "greater than 0"),
        ("HOMEWARD_WORKER_CACHE", "0", "greater than or equal to 1"),
    ],
)
def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{variable}: expected ")
    assert expected in str(caught.value)
    assert "secret" not in str(caught.value)


def test_all_bad_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_SMTP_URL", "x")
    monkeypatch.setenv("HOMEWARD_WORKER_STEPS", "x")
    with pytest.raises(SettingsError, match=r"HOMEWARD_SMTP_URL: .*; HOMEWARD_WORKER_STEPS: "):
        load_settings()


def test_without_settings_everything_is_in_the_data_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_DATA_DIR", "/data")
    monkeypatch.setenv("HOMEWARD_SMTP_URL", "")
    settings = load_settings()
    assert settings.database == "sqlite:////data/homeward.db"
    assert settings.smtp_url is None


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_DATABASE_URL", "postgresql://u:secret@db:5432/homeward")
    monkeypatch.setenv("HOMEWARD_SMTP_URL", "smtps://u:secret@mail.example.com:465")
    monkeypatch.setenv("HOMEWARD_STRIPE_KEY", "sk_secret")
    monkeypatch.setenv("HOMEWARD_EASYPOST_KEY", "EZ_secret")
    assert "secret" not in repr(load_settings())


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("TEMPORAL_ADDRESS", "localhost", "TEMPORAL_ADDRESS: expected HOST:PORT"),
        ("TEMPORAL_PROFILE", "nope", "TEMPORAL_"),
        ("TEMPORAL_TLS_CLIENT_CERT_PATH", "/nowhere/cert.pem", "TEMPORAL_"),
    ],
)
def test_a_bad_temporal_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, named: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=named):
        temporal_connection()
