"""Close's error replies, word for word.

Source: recorded replies of api.close.com and the open-source framework its server is built on
(github.com/closeio/flask-mongorest, github.com/closeio/cleancat).
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer that is an error.

    Attributes:
        status: HTTP status.
        body: the JSON body.
    """

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


def unauthorized() -> ApiError:
    """Wrong or missing key."""
    return ApiError(
        401,
        {
            "error": "The server could not verify that you are authorized to access the URL requested.  "
            "You either supplied the wrong credentials (e.g. a bad password), or your browser doesn't "
            "understand how to supply the credentials required."
        },
    )


def unknown_object(class_name: str) -> ApiError:
    """No such id."""
    return ApiError(404, {"error": f"Empty query: {class_name} matching query does not exist."})


def unknown_url() -> ApiError:
    """No such path."""
    return ApiError(
        404,
        {
            "error": "The requested URL was not found on the server. If you entered the URL manually "
            "please check your spelling and try again."
        },
    )


def wrong_method() -> ApiError:
    """The path exists, the method does not."""
    return ApiError(405, {"error": "The method is not allowed for the requested URL."})


def wrong_content_type() -> ApiError:
    """A body that does not call itself JSON."""
    return ApiError(415, {"error": "The request must have the content type application/json."})


def invalid_json() -> ApiError:
    """A body that is not JSON."""
    return ApiError(400, {"error": "The request contains invalid JSON."})


def bad_request(text: str) -> ApiError:
    """Any other request the server refuses."""
    return ApiError(400, {"error": text})


def invalid_fields(**messages: Any) -> ApiError:
    """A body whose fields do not validate."""
    return ApiError(400, {"errors": [], "field-errors": messages})


def invalid_field_errors(messages: dict[str, Any]) -> ApiError:
    """The same, for field names that are no Python names."""
    return ApiError(400, {"errors": [], "field-errors": messages})


def not_an_integer(name: str, value: str) -> ApiError:
    """``_limit`` or ``_skip`` is no number."""
    return bad_request(f'{name} must be an integer (got "{value}" instead).')


def negative(name: str, value: str) -> ApiError:
    """``_limit`` or ``_skip`` is below zero."""
    return bad_request(f'{name} must be a non-negative integer (got "{value}" instead).')


def limit_too_large(maximum: int) -> ApiError:
    """``_limit`` is above the resource's cap."""
    return bad_request(f"The limit you set is larger than the maximum limit for this resource (max_limit = {maximum}).")


def skip_too_large(maximum: int) -> ApiError:
    """``_skip`` is above the resource's cap."""
    return bad_request(
        "The skip you set is larger than the maximum skip for this resource "
        f"(max_skip = {maximum}). Please refine your search query."
    )


def not_offered(status: int) -> ApiError:
    """The plan (402) or the role (403) does not include this. The wording is not known."""
    said = "Your plan does not include this feature." if status == 402 else "You do not have permission to do this."
    return ApiError(status, {"error": said})
