"""What can go wrong between the pipeline and a spreadsheet."""

from __future__ import annotations

from close_kpis.reporting import PipelineError


class SheetsError(PipelineError):
    """The spreadsheet could not be read or written."""


class SheetsAccessError(SheetsError):
    """Google refused the account, or knows no such spreadsheet: trying again will not help."""


class SheetsRequestError(SheetsError):
    """Google refused a request as it is, such as one that names a tab that is not there; nothing was changed."""


class SheetsProtectedError(SheetsError):
    """Somebody protects cells of our tabs against the account; nothing was changed."""


class SheetsConfigError(SheetsError):
    """The connection or the settings do not say what is needed, or say it in a way that is not supported."""


class SheetsWriteUncertainError(SheetsError):
    """No clear answer came to a write: it may have been carried out or not. Read again before writing."""


class SheetsConflictError(SheetsError):
    """Another write was carried out since the spreadsheet was read; nothing was changed. Read again before writing."""


class WorkbookTooLargeError(SheetsError):
    """The write is far larger than what Google recommends for one request."""


class SheetsVerifyError(SheetsError):
    """After the write the spreadsheet holds other values than the ones that were written."""


class SheetsFormulaError(SheetsVerifyError):
    """A formula gives another value than the computed one, which has taken its place."""


class SheetsUnavailableError(SheetsError):
    """The request was not carried out and may be sent again.

    Attributes:
        retry_after: seconds that the server asks to wait, None where it does not say.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SheetsQuotaError(SheetsUnavailableError):
    """Google's quota is used up (429)."""
