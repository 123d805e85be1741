"""What holds for all tests, and how they are shared out among processes."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

# The same examples on every run: a run that fails shall fail again, and show everybody the same. No example is timed:
# how long one takes depends on what else the machine does.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")

# Whoever runs the tests may have an installation of their own in their shell: none of it is meant for them.
for _name in [name for name in os.environ if name.startswith("HOMEWARD_")]:
    del os.environ[_name]

#: `ready`, `stage` and `play`, wherever a test asks for them.
pytest_plugins = ["tests.up"]

#: Its tests share the stories as they go when nothing fails, which are played once.
_TOGETHER = "tests/workflows/failures/"
#: Where the long tests are. They come first, so that no process is left with one when the others have ended.
_FIRST = (_TOGETHER, "tests/crash/", "tests/portal/", "tests/workflows/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long ones first."""
    items.sort(key=lambda item: [not item.nodeid.startswith(place) for place in _FIRST])


class _ByFile(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Gives each process one file after another, so that what the tests of a file share is made once."""

    def _split_scope(self, nodeid: str) -> str:
        return _TOGETHER if nodeid.startswith(_TOGETHER) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """Says how tests are shared out when there are several processes, and no ``--dist`` says it."""
    if config.option.dist != "load":
        return None
    config.option.loadscopereorder = False  # the order above stands
    return _ByFile(config, log)
