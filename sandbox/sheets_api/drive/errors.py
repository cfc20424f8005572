"""The error bodies of the Drive API, which tell more than those of Sheets."""

from __future__ import annotations

from typing import Any

from sandbox.sheets_api.errors import ApiError

REASONS = {400: "badRequest", 401: "authError", 403: "insufficientFilePermissions", 404: "notFound"}


class DriveError(ApiError):
    """A request that is answered with the Drive API's error body.

    Args:
        code: HTTP status.
        message: Google's text.
        reason: Google's word for it; the usual one of this status where left out.

    Source: https://developers.google.com/workspace/drive/api/guides/handle-errors
    """

    def __init__(self, code: int, message: str, reason: str = "") -> None:
        super().__init__(code, message)
        self.reason = reason or REASONS.get(code, "backendError")

    def body(self) -> dict[str, Any]:
        """The JSON body Google sends with this error."""
        one = {"message": self.message, "domain": "global", "reason": self.reason}
        return {"error": {"code": self.code, "message": self.message, "errors": [one]}}


def of_file(error: ApiError, file_id: str) -> DriveError:
    """What Drive says where the store refuses a file."""
    if isinstance(error, DriveError):
        return error
    text = f"File not found: {file_id}." if error.code == 404 else error.message
    return DriveError(error.code, text)
