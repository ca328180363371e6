"""Makes the fixtures of tests/stack known to the tests of every distribution."""

pytest_plugins = ["tests.stack.plugin"]
