"""Logs tell where a failure happened, and never the values that it happened with."""

import json

import pytest
import structlog

from vigie_shared import logs


def _fail(password: str) -> None:
    structlog.get_logger().debug("checked", length=len(password))
    raise RuntimeError("it failed")


@pytest.mark.parametrize("readable", [True, False])
def test_a_traceback_shows_where_and_no_local_value(readable: bool, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(readable=readable)
    try:
        _fail("-".join(["planted", "secret"]))
    except RuntimeError:
        structlog.get_logger().exception("request_failed")
    finally:
        structlog.reset_defaults()

    written = capsys.readouterr().err
    assert "_fail" in written
    assert "it failed" in written
    assert "planted-secret" not in written
    if not readable:
        assert json.loads(written)["event"] == "request_failed"
