"""How large a body may be is said in one place; the samples for proxies and the docs say the same."""

import re
from pathlib import Path

from starter.shared.body_sizes import LARGEST_BODY, LARGEST_FORM

ROOT = Path(__file__).resolve().parents[2]
#: In both samples: the public pages' forms, partners' webhooks, the staff's pages and calls.
BOUNDS = [LARGEST_FORM, LARGEST_BODY, LARGEST_BODY]
CALLS, FORMS = f"{LARGEST_BODY // 1024**2} MiB", f"{LARGEST_FORM // 1024} KiB"


def in_bytes(size: str) -> int:
    """A size as nginx and Caddy read it: ``256k``, ``1MiB``."""
    return int(size.rstrip("kmKMiB")) * {"k": 1024, "m": 1024**2}[size.strip("0123456789")[0].lower()]


def sizes(sample: str, setting: str) -> list[int]:
    """Each size that a sample sets, in its order."""
    text = (ROOT / "ops" / "proxy" / sample).read_text()
    return [in_bytes(size) for size in re.findall(rf"^\s*{setting} (\w+)", text, re.MULTILINE)]


def test_the_proxies_take_what_homeward_takes() -> None:
    assert sizes("nginx.conf", "client_max_body_size") == BOUNDS
    assert sizes("Caddyfile", "max_size") == BOUNDS


def test_the_docs_name_the_same_sizes() -> None:
    page = {name: (ROOT / "docs" / f"{name}.md").read_text() for name in ("api", "operating", "webhooks")}
    assert f"A body may have {CALLS}." in page["api"]
    assert f"forms {FORMS}, webhooks and calls {CALLS}." in page["operating"]
    assert f"| 413 | | larger than {CALLS} |" in page["webhooks"]
