"""What holds for all tests."""

from hypothesis import settings

# The same examples on every run: a run that fails shall fail again, and tell the same to everybody.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

#: `ready`, `stage` and `play`, wherever a test asks for them.
pytest_plugins = ["tests.up"]
