"""The policy's documentation is complete, its defaults are the code's, and its examples are policies."""

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from lifecycle.contract.policy import Policy, parse_policy

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "policy.md").read_text()
EXAMPLES = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FOUND = re.findall(r"^### `([\w.]+)`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
SECTIONS = dict(FOUND)


def tables() -> Iterator[tuple[str, BaseModel]]:
    """The policy's tables with their defaults, by name."""
    for name, value in Policy():
        if isinstance(value, BaseModel):
            yield name, value


def keys() -> Iterator[str]:
    """Every key of the policy, with its table's name before it."""
    names = {name for name, _ in tables()}
    yield from (name for name in Policy.model_fields if name not in names)
    for name, table in tables():
        yield from (f"{name}.{key}" for key in type(table).model_fields)


def dig(raw: dict[str, Any], key: str) -> Any:
    for part in key.split("."):
        raw = raw[part]
    return raw


def test_every_key_has_a_section_and_every_section_a_key() -> None:
    assert [key for key, _ in FOUND] == list(keys())


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_is_a_policy(text: str) -> None:
    parse_policy(text)


def test_the_example_is_a_policy() -> None:
    assert parse_policy((ROOT / "examples" / "policy.toml").read_text()) != Policy()


@pytest.mark.parametrize("key", SECTIONS)
def test_a_sections_example_sets_its_key(key: str) -> None:
    [example] = re.findall(r"^```toml\n(.*?)^```$", SECTIONS[key], re.MULTILINE | re.DOTALL)
    dig(tomllib.loads(example), key)


@pytest.mark.parametrize("key", SECTIONS)
def test_a_sections_default_is_the_codes(key: str) -> None:
    [default] = re.findall(r"[Dd]efault `([^`]+)`", SECTIONS[key])
    value = tomllib.loads(f"key = {' '.join(default.split())}", parse_float=Decimal)["key"]
    table, _, name = key.rpartition(".")
    assert Policy.model_validate({table: {name: value}} if table else {name: value}) == Policy()


def test_the_page_lists_all_defaults() -> None:
    [listed] = [text for text in EXAMPLES if tomllib.loads(text).get("version") == "default"]
    assert parse_policy(listed) == Policy()
    raw = tomllib.loads(listed)
    assert [key for key in keys() if dig(raw, key) is None] == []
