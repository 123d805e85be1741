"""Settings: a bad one is named, with what was expected, and its value is never told."""

import json
from pathlib import Path

import pytest

from lifecycle.contract.request import Method
from lifecycle.contract.tenders import TenderKind
from workers.setting_values import Role
from workers.settings import SettingsError, load_settings
from workers.temporal_settings import temporal_connection


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("HOMEWARD_DATABASE_URL", "mysql://u:secret@h/d", "expected sqlite:///PATH or postgresql://"),
        ("HOMEWARD_DATABASE_URL", "postgresql://u:secret@h:port/d", "postgresql://USER:PASSWORD@HOST:PORT/NAME"),
        ("HOMEWARD_DATABASE_URL", "postgresql://u:secret@h:65536/d", "postgresql://USER:PASSWORD@HOST:PORT/NAME"),
        ("HOMEWARD_DATABASE_URL", "postgresql://u:secret@[::1/d", "postgresql://USER:PASSWORD@HOST:PORT/NAME"),
        ("HOMEWARD_SMTP_URL", "mail.example.com", "expected smtp://HOST:PORT"),
        ("HOMEWARD_SMTP_URL", "smtp://u:secret@mail.example.com", "expected smtp://HOST:PORT"),
        ("HOMEWARD_SMTP_URL", "smtp://mail.example.com:port", "expected smtp://HOST:PORT"),
        ("HOMEWARD_STRIPE_URL", "127.0.0.1:8080", "expected http://HOST:PORT or https://HOST"),
        ("HOMEWARD_EASYPOST_URL", "ftp://files.example.com", "expected http://HOST:PORT or https://HOST"),
        ("HOMEWARD_PUBLIC_URL", "https://shop.example/returns", "without a path"),
        ("HOMEWARD_PUBLIC_URL", "https://shop.example/?shop=secret", "without a path"),
        ("HOMEWARD_POLICY", "/nowhere/policy.toml", "expected the path of a policy file that exists"),
        ("HOMEWARD_LOG_LEVEL", "loud", "DEBUG"),
        ("HOMEWARD_STEP_TIMEOUT_SECONDS", "soon", "number"),
        ("HOMEWARD_STEP_TIMEOUT_SECONDS", "0", "more than 0"),
        ("HOMEWARD_API_KEYS", "secret", "JSON"),
        ("HOMEWARD_API_HOST", "0.0.0.0", "keys in HOMEWARD_API_KEYS"),  # noqa: S104
        ("HOMEWARD_EASYPOST_WEBHOOK_SECRET", "secret", "at least 24 bytes"),
        ("HOMEWARD_STRIPE_WEBHOOK_SECRET", "whsec_secret-too-short", "at least 24 bytes"),
        ("HOMEWARD_WAREHOUSE_WEBHOOK_SECRET", "secret", "whsec_ and the base64"),
        ("HOMEWARD_PAYMENTS_WEBHOOK_SECRET", "whsec_c2VjcmV0LW9mLXRoZS13YXJlaG91c2Uh secret", "whsec_ and the base64"),
        ("HOMEWARD_REFUNDS_SECRET", "secret", "whsec_ and the base64"),
        ("HOMEWARD_WORKER_CACHE", "0", "at least 1"),
        ("HOMEWARD_KEEP_MAILS_DAYS", "7", "at least 30"),
        ("HOMEWARD_ENCRYPTION_KEYS", "/nowhere/keys", "the path of a file that exists, or command:"),
        ("HOMEWARD_CARRIER_ROUTES", "dhl", "JSON"),
        ("HOMEWARD_PAYMENT_ROUTES", "stripe", "JSON"),
        *(
            ("FORWARDED_ALLOW_IPS", value, "IP addresses or networks")
            for value in ("*", "secret", "127.0.0.1,*", "127.0.0.1,", "10.0.0.1/8", "10.0.0.0/33", "0.0.0.0/0", "::/0")
        ),
    ],
)
def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{variable}: expected ")
    assert expected in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", ["", "127.0.0.1", "172.16.0.0/12,192.168.0.0/16", "10.0.0.7, ::1, fd00::/8"])
def test_proxies_are_named_by_address_or_network(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", value)
    load_settings()


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("HOMEWARD_CARRIER_ROUTES", '[{"methods": ["mail"]}]', ".0.partner: expected "),
        ("HOMEWARD_CARRIER_ROUTES", '[{"partner": "dhl", "methods": ["post"]}]', ".0.methods.0: expected .*mail"),
        ("HOMEWARD_CARRIER_ROUTES", '[{"partner": "dhl", "countries": ["de"]}]', ".0.countries.0: expected a country"),
        ("HOMEWARD_CARRIER_ROUTES", '[{"partner": "dhl", "country": "DE"}]', ".0.country: expected "),
        ("HOMEWARD_PAYMENT_ROUTES", '[{"partner": "klarna"}]', ".0.tenders: expected "),
        ("HOMEWARD_PAYMENT_ROUTES", '[{"partner": "klarna", "tenders": []}]', ".0.tenders: expected "),
        ("HOMEWARD_PAYMENT_ROUTES", '[{"partner": "klarna", "tenders": ["cash"]}]', ".0.tenders.0: expected .*card"),
    ],
)
def test_a_bad_route_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, named: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=f"^{variable}{named}"):
        load_settings()


def test_routes_know_every_method_and_tender(monkeypatch: pytest.MonkeyPatch) -> None:
    carriers = [{"partner": "dhl", "methods": [str(method) for method in Method]}]
    payments = [{"partner": "klarna", "tenders": [str(kind) for kind in TenderKind]}]
    monkeypatch.setenv("HOMEWARD_CARRIER_ROUTES", json.dumps(carriers))
    monkeypatch.setenv("HOMEWARD_PAYMENT_ROUTES", json.dumps(payments))
    settings = load_settings()
    assert settings.carrier_routes[0].methods == set(Method)
    assert settings.payment_routes[0].tenders == set(TenderKind)


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("60", ": expected .*an object"),
        ('{"carriers": 60}', ".carriers.*: expected .*carrier"),
        ('{"carrier": 0}', ".carrier: expected at least 1"),
    ],
)
def test_a_bad_number_of_steps_is_named(monkeypatch: pytest.MonkeyPatch, value: str, named: str) -> None:
    monkeypatch.setenv("HOMEWARD_WORKER_STEPS_BY_ROLE", value)
    with pytest.raises(SettingsError, match=f"^HOMEWARD_WORKER_STEPS_BY_ROLE{named}"):
        load_settings()


def test_each_role_may_have_a_number_of_steps_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_WORKER_STEPS", "20")
    monkeypatch.setenv("HOMEWARD_WORKER_STEPS_BY_ROLE", '{"carrier": 60}')
    settings = load_settings()
    assert (settings.steps_at_once(Role.CARRIER), settings.steps_at_once(Role.PAYMENT)) == (60, 20)


_OTHER_KEY = '"key": "fedcba9876543210", "scopes": ["operate"]'


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ('[{"key": "too short", "scopes": ["read"]}]', "HOMEWARD_API_KEYS.0.key: expected "),
        (
            '[{"key": "aaaaaaaaaaaaaaaa", "scopes": ["read"]}]',
            "HOMEWARD_API_KEYS.0.key: expected .* 8 of them different",
        ),
        ('[{"key": "abababababababababab", "scopes": ["read"]}]', "HOMEWARD_API_KEYS.0.key: expected "),
        (
            '[{"key": "0123456789abcdef", "scopes": ["read"]}, {"key": "0123456789abcdef", "scopes": ["operate"]}]',
            "HOMEWARD_API_KEYS: expected each key once: numbers 0 and 1 ",
        ),
        *(
            (
                f'[{{"key": "0123456789abcdef", "scopes": ["read"]{name}}}, {{{_OTHER_KEY}, "name": "{other}"}}]',
                "HOMEWARD_API_KEYS: expected each name once",
            )
            for name, other in ((', "name": "till"', "till"), ("", "9f9f5111f7b2"))  # the first key's digest
        ),
        ('[{"key": "0123456789abcdef", "scopes": ["reed"]}]', "HOMEWARD_API_KEYS.0.scopes.0: expected "),
        ('[{"key": "0123456789abcdef"}]', "HOMEWARD_API_KEYS.0.scopes: expected "),
        *(
            (
                f'[{{"key": "0123456789abcdef", "scopes": ["read"], "name": "{name}"}}]',
                "HOMEWARD_API_KEYS.0.name: expected 1 to 40 letters",
            )
            for name in ("shop.front", "shop:front", "shop/front", "shop (front)", "", " shop", "x" * 41)
        ),
    ],
)
def test_a_bad_part_of_a_setting_is_named(monkeypatch: pytest.MonkeyPatch, given: str, named: str) -> None:
    monkeypatch.setenv("HOMEWARD_API_KEYS", given)
    with pytest.raises(SettingsError, match=named):
        load_settings()


def test_all_bad_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_SMTP_URL", "x")
    monkeypatch.setenv("HOMEWARD_WORKER_STEPS", "x")
    with pytest.raises(SettingsError, match=r"HOMEWARD_SMTP_URL: .*; HOMEWARD_WORKER_STEPS: "):
        load_settings()


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("HOMEWARD_STRIPE_APIKEY", "HOMEWARD_STRIPE_KEY"),
        ("HOMEWARD_STRIPEKEY", "HOMEWARD_STRIPE_KEY"),
        ("HOMEWARD_EASY_POST_KEY", "HOMEWARD_EASYPOST_KEY"),
        ("HOMEWARD_DB_URL", "HOMEWARD_DATABASE_URL"),
        ("HOMEWARD_SMTPURL", "HOMEWARD_SMTP_URL"),
        ("HOMEWARD_API_KEY", "HOMEWARD_API_KEYS"),
        ("HOMEWARD_GIVE_UP_AFTER", "HOMEWARD_GIVE_UP_AFTER_SECONDS"),
        ("homeward_loglevel", "HOMEWARD_LOG_LEVEL"),
        ("HOMEWARD_XYZZY", "HOMEWARD_DATA_DIR"),
    ],
)
def test_a_misspelt_variable_is_named_with_the_nearest_right_one(
    monkeypatch: pytest.MonkeyPatch, misspelt: str, meant: str
) -> None:
    monkeypatch.setenv(misspelt, "secret")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{misspelt}: expected a setting that exists, such as ")
    assert meant in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_misspelt_variable_is_reported_beside_the_bad_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_STRIPE_APIKEY", "sk_live_1")
    monkeypatch.setenv("HOMEWARD_SMTP_URL", "x")
    with pytest.raises(SettingsError, match=r"HOMEWARD_STRIPE_APIKEY: .*; HOMEWARD_SMTP_URL: "):
        load_settings()


def test_the_case_of_a_name_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("homeward_stripe_key", "sk_test_1")
    assert load_settings().stripe_key == "sk_test_1"


def test_without_settings_everything_is_in_the_data_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_DATA_DIR", "/data")
    monkeypatch.setenv("HOMEWARD_SMTP_URL", "")
    settings = load_settings()
    assert settings.database == "sqlite:////data/homeward.db"
    assert settings.smtp_url is None


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_DATABASE_URL", "postgresql://u:hidden@db:5432/homeward")
    monkeypatch.setenv("HOMEWARD_SMTP_URL", "smtps://u:hidden@mail.example.com:465")
    monkeypatch.setenv("HOMEWARD_STRIPE_KEY", "sk_hidden")
    monkeypatch.setenv("HOMEWARD_EASYPOST_KEY", "EZ_hidden")
    monkeypatch.setenv("HOMEWARD_STRIPE_WEBHOOK_SECRET", "whsec_hidden_hidden_hidden")
    monkeypatch.setenv("HOMEWARD_API_KEYS", '[{"key": "hidden-key-of-somebody", "scopes": ["read"]}]')
    assert "hidden" not in repr(load_settings())


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


def test_a_setting_may_be_a_file_of_the_folder_of_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    files = {
        "HOMEWARD_STRIPE_KEY": "sk_live_1\n",
        "HOMEWARD_API_KEYS": json.dumps([{"key": "0f1e2d3c4b5a69788796", "scopes": ["read"]}]),
        "HOMEWARD_EASYPOST_KEY": "",
        "HOMEWARD_SUBSCRIBERS": "",
        "HOMEWARD_LOG_LEVEL": "DEBUG",
        "other": "not ours",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("HOMEWARD_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("HOMEWARD_LOG_LEVEL", "ERROR")
    settings = load_settings()
    assert (settings.stripe_key, settings.easypost_key, settings.log_level) == ("sk_live_1", None, "ERROR")
    assert [key.scopes for key in settings.api_keys] == [frozenset({"read"})]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("HOMEWARD_STRIPE_KYE", "secret", "HOMEWARD_STRIPE_KYE: expected a setting that exists"),
        ("HOMEWARD_API_KEYS", "secret", "HOMEWARD_API_KEYS: expected JSON"),
        ("HOMEWARD_SMTP_URL", "secret", "HOMEWARD_SMTP_URL: expected smtp://"),
    ],
)
def test_a_bad_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text)
    monkeypatch.setenv("HOMEWARD_SECRETS_DIR", str(tmp_path))
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith(told)
    assert "secret" not in str(caught.value)


def test_a_folder_of_secrets_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_SECRETS_DIR", "/nowhere")
    with pytest.raises(SettingsError, match="HOMEWARD_SECRETS_DIR: expected the path of a folder"):
        load_settings()


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"REFUNDS_URL": "http://127.0.0.1:1"}, "expected a secret, as there is HOMEWARD_REFUNDS_URL"),
        (
            {"REFUNDS_SECRET": "whsec_" + "c2VjcmV0LW9mLXRoZS1vd24tbGVkZ2VyISEh"},
            "expected none, or a value of HOMEWARD_REFUNDS_URL",
        ),
    ],
)
def test_an_own_system_has_an_address_and_a_secret(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], missing: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"HOMEWARD_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value) == f"HOMEWARD_REFUNDS_SECRET: {missing}"
