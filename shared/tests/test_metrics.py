"""What a service shows of itself to Prometheus."""

from vigie_shared.metrics import Metrics, exposition

ROUTE = "/mobile/v1/scopes"


def test_answers_are_counted_by_route_and_status_and_timed_by_route() -> None:
    metrics = Metrics("gateway")
    metrics.answered(ROUTE, 200, 0.0004)
    metrics.answered(ROUTE, 304, 0.02)
    counted = metrics.answers(ROUTE, 200)
    counted(0.01)
    counted(60)
    shown = exposition([metrics.registry]).decode()
    labels = f'route="{ROUTE}",service="gateway"'
    for line in (
        f'vigie_http_requests_total{{{labels},status="200"}} 3.0',
        f'vigie_http_requests_total{{{labels},status="304"}} 1.0',
        f'vigie_http_seconds_bucket{{le="0.0005",{labels}}} 1.0',
        f'vigie_http_seconds_bucket{{le="0.005",{labels}}} 1.0',
        f'vigie_http_seconds_bucket{{le="0.01",{labels}}} 2.0',
        f'vigie_http_seconds_bucket{{le="0.025",{labels}}} 3.0',
        f'vigie_http_seconds_bucket{{le="10.0",{labels}}} 3.0',
        f'vigie_http_seconds_bucket{{le="+Inf",{labels}}} 4.0',
        f"vigie_http_seconds_count{{{labels}}} 4.0",
        f"vigie_http_seconds_sum{{{labels}}} 60.0304",
    ):
        assert line in shown.splitlines(), line


def test_what_was_never_answered_is_not_shown() -> None:
    metrics = Metrics("gateway")
    metrics.answers(ROUTE, 200)
    assert "vigie_http_requests_total{" not in exposition([metrics.registry]).decode()


def test_services_of_one_process_are_shown_together_and_told_apart() -> None:
    auth, gateway = Metrics("auth"), Metrics("gateway")
    auth.answered("/a", 200, 0.1)
    gateway.answered("/g", 500, 0.1)
    shown = exposition([auth.registry, gateway.registry]).decode()
    assert shown.count("# TYPE vigie_http_requests_total counter") == 1
    assert 'vigie_http_requests_total{route="/a",service="auth",status="200"} 1.0' in shown
    assert 'vigie_http_requests_total{route="/g",service="gateway",status="500"} 1.0' in shown
