"""What was said to Google and what it answered: kinds of requests, refusals, and the traffic itself without secrets."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import requests


@dataclass
class Recording:
    """Notes every response of a session, as its hook.

    Attributes:
        accepted: kinds of requests in batches that were carried out, with how often.
        refused: Google's words for each batch that was refused.
        seconds: that Google took, over all requests.
        calls: requests over the line.
        interactions: the traffic, in the form that vcr keeps it in; headers are left out, which hold the token.
    """

    accepted: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    seconds: float = 0.0
    calls: int = 0
    interactions: list[dict[str, Any]] = field(default_factory=list)

    def note(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Note a response."""
        request = response.request
        text = request.body.decode() if isinstance(request.body, bytes) else str(request.body or "")
        self.calls += 1
        self.seconds += response.elapsed.total_seconds()
        if (request.url or "").endswith(":batchUpdate"):
            kinds = [next(iter(one)) for one in json.loads(text)["requests"]]
            if response.ok:
                self.accepted.update(kinds)
            else:
                self.refused.append(f"{response.status_code} {_message(response)}")
        self.interactions.append({
            "request": {"method": request.method, "uri": request.url, "body": text, "headers": {}},
            "response": {
                "status": {"code": response.status_code, "message": response.reason},
                "headers": {"Content-Type": [response.headers.get("Content-Type", "")]},
                "body": {"string": response.text},
            },
        })

    def as_cassette(self) -> str:
        """Return the traffic as a vcr cassette in JSON."""
        return json.dumps({"version": 1, "interactions": self.interactions}, indent=1, ensure_ascii=False)


def _message(response: requests.Response) -> str:
    try:
        return str(response.json()["error"]["message"])[:500]
    except (ValueError, KeyError, TypeError):
        return response.reason
