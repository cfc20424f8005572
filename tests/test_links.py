"""Links that readers click lead to Close, whatever the account says."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_kpis.links import lead_page

OURS = "https://app.close.com/lead/lead_1/"


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "http://app.close.com/lead/lead_1/",
        "javascript:alert(1)",
        "https://evil.example/lead/lead_1/",
        "https://app.close.com.evil.example/",
        "https://evilclose.com/",
        "https://app.close.com@evil.example/",
        "https://evil.example\\@app.close.com/",
        "https://app.close.com:8443/",
        "https://app.close.com:x/",
        "https://app.close.com/\n=1",
        'https://app.close.com/"onclick="x',
        "https://app.cl\u043ese.com/",
        "//app.close.com/",
        "https://[",
    ],
)
def test_an_address_that_is_not_closes_is_replaced(said: str | None) -> None:
    assert lead_page("lead_1", said) == OURS


@pytest.mark.parametrize("said", [OURS, "https://app.close.com/leads/lead_1/?tab=activity", "https://close.com/lead/x"])
def test_closes_own_address_is_kept(said: str) -> None:
    assert lead_page("lead_1", said) == said


@given(st.text(), st.text() | st.from_regex(r"\A(https?|javascript)://\S*close\.com\S*\Z"))
def test_every_link_leads_to_close_over_https(lead_id: str, said: str) -> None:
    found = urlsplit(lead_page(lead_id.encode(errors="ignore").decode(), said))
    assert found.scheme == "https"
    assert found.netloc in {"close.com", "app.close.com"} or found.netloc.lower().endswith(".close.com")
