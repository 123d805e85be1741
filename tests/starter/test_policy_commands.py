"""Policy files: checked with line and key, compared, and read again while workers run."""

import logging
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from lifecycle.shared.policy_text import line_of
from starter.cli.main import main
from workers.policy_file import PolicyFile
from workers.settings import SettingsError

TEXT = """version = "1"
[shop]
name = "Shop"
return_address = {line1 = "x", city = "y"}
[clock]
target_business_days = 8
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("version", 1),
        ("shop", 2),
        ("shop.name", 3),
        ("shop.return_address.country", 4),
        ("clock.target_business_days", 6),
        ("clock.limit_business_days", 5),
        ("money.tender_order", None),
    ],
)
def test_a_key_is_found_by_its_line(key: str, line: int | None) -> None:
    assert line_of(TEXT, key) == line


def test_check_names_line_and_key(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(TEXT)
    result = CliRunner().invoke(main, ["policy", "check", str(path)])
    assert result.exit_code == 2
    assert "line 4: shop.return_address.country" in result.output
    assert "line 5: clock.limit_business_days" in result.output


def test_diff_shows_what_differs(tmp_path: Path) -> None:
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    one.write_text("[eligibility]\nwindow_days = 30\n")
    other.write_text("[eligibility]\nwindow_days = 14\n")
    result = CliRunner().invoke(main, ["policy", "diff", str(one), str(other)])
    assert (result.exit_code, result.output) == (0, "eligibility.window_days: 30 -> 14\n")


def change(path: Path, text: str) -> None:
    path.write_text(text)
    later = path.stat().st_mtime + 5
    os.utime(path, (later, later))


def test_a_changed_file_is_picked_up_and_a_broken_one_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('version = "1"')
    policy = PolicyFile(path)
    assert policy().version == "1"
    change(path, 'version = "2"')
    assert policy().version == "2"
    with caplog.at_level(logging.ERROR):
        path.write_text("version = ")
        assert policy().version == "2"
        path.unlink()
        assert policy().version == "2"
    path.write_text('version = "3"')
    assert policy().version == "3"


def test_a_broken_file_stops_a_start(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("[clock]\nlimit_business_days = 1\n")
    with pytest.raises(SettingsError, match=r"HOMEWARD_POLICY: .*clock.limit_business_days"):
        PolicyFile(path)
