"""What the reports of load generators say."""

from tests.bench.load import Hey, Load, Wrk

WRK = """\
Running 2s test @ http://127.0.0.1:21999/
  1 threads and 4 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     6.86ms    4.23ms  19.22ms   62.77%
    Req/Sec   593.00    180.04     0.92k    80.00%
  1186 requests in 2.00s, 300.48KB read
{trouble}Requests/sec:    590.10
Transfer/sec:    300.02KB
"""

HEY = """\
Summary:
  Total:	2.0001 secs
  Requests/sec:	455.5000

Latency distribution:
  99% in 0.0163 secs

Status code distribution:
{statuses}

"""


def test_a_clean_report_of_wrk_has_no_failures() -> None:
    assert Wrk().load(WRK.format(trouble="")) == Load(answered=1186, per_second=590.1, failed=0)


def test_refused_and_broken_requests_of_wrk_are_failures() -> None:
    trouble = "  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 50\n"
    assert Wrk().load(WRK.format(trouble=trouble)).failed == 60


def test_a_clean_report_of_hey_has_no_failures() -> None:
    statuses = "  [200]\t900 responses\n  [304]\t11 responses"
    assert Hey().load(HEY.format(statuses=statuses)) == Load(answered=911, per_second=455.5, failed=0)


def test_refused_and_broken_requests_of_hey_are_failures() -> None:
    statuses = (
        "  [200]\t900 responses\n  [404]\t12 responses\n\nError distribution:\n"
        '  [4]\tGet "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused'
    )
    assert Hey().load(HEY.format(statuses=statuses)) == Load(answered=912, per_second=455.5, failed=16)
