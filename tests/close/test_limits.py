"""Rate limits: every form of the headers, and what shares one."""

from __future__ import annotations

import pytest

from close_kpis.close.limits import Rate, endpoint_group, read_pause, read_rates


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"ratelimit": "limit=100, remaining=50, reset=5"}, Rate(100, 50, 5)),
        ({"ratelimit": "limit=160; remaining=159; reset=8"}, Rate(160, 159, 8)),
        ({"ratelimit": "limit=16;remaining=14;reset=0.595956"}, Rate(16, 14, 0.595956)),
        ({"ratelimit-limit": "100", "ratelimit-remaining": "99", "ratelimit-reset": "1"}, Rate(100, 99, 1)),
        ({"ratelimit-limit": "60, 60;w=1", "ratelimit-remaining": "3", "ratelimit-reset": "1"}, Rate(60, 3, 1)),
        ({"x-ratelimit-limit": "60, 60;w=1", "x-ratelimit-remaining": "3", "x-ratelimit-reset": "2"}, Rate(60, 3, 2)),
        ({"ratelimit-limit": "60"}, None),
        ({"ratelimit": "unlimited"}, None),
        ({"ratelimit-limit": "x", "ratelimit-remaining": "y", "ratelimit-reset": "z"}, None),
        ({}, None),
    ],
)
def test_every_form_of_the_rate_header_is_read(headers: dict[str, str], expected: Rate | None) -> None:
    told = [rate for rate in read_rates(headers) if rate is not None]
    assert told == ([] if expected is None else [expected])


def test_two_reported_budgets_are_kept_apart() -> None:
    headers = {
        "ratelimit": "limit=160; remaining=120; reset=8",
        "ratelimit-limit": "60",
        "ratelimit-remaining": "2",
        "ratelimit-reset": "1",
    }
    assert read_rates(headers) == (Rate(160, 120, 8), Rate(60, 2, 1))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3", "ratelimit": "limit=1; remaining=0; reset=9"}, 3),
        ({"ratelimit": "limit=1, remaining=0, reset=9"}, 9),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan", "ratelimit": "limit=1; remaining=0; reset=9"}, 9),
        ({"ratelimit": "limit=1; remaining=0; reset=100000"}, None),
        ({"x-ratelimit-limit": "1", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "inf"}, None),
        ({"ratelimit": "limit=1.1.1; remaining=.; reset=..."}, None),
        ({}, None),
    ],
)
def test_pause_after_a_429_is_what_the_server_says(headers: dict[str, str], seconds: float | None) -> None:
    assert read_pause(headers) == seconds


def test_endpoint_group_is_the_method_and_two_parts_of_the_path_without_ids() -> None:
    assert endpoint_group("GET", "/activity/call/") == "GET activity call"
    assert endpoint_group("GET", "/activity/task_completed/") == "GET activity task_completed"
    assert endpoint_group("GET", "/lead/lead_1/") == endpoint_group("GET", "/lead/lead_2/") == "GET lead {id}"
    assert endpoint_group("GET", "/opportunity/") == "GET opportunity"
    assert endpoint_group("POST", "/data/search/") == "POST data search"
