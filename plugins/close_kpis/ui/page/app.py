"""The page's web application, which Airflow's API server mounts: one page an account.

It only reads: every route is a GET, the lake is opened read only, and closed again before the answer is sent. Each
asks for what reading the runs of the pipeline's DAGs asks for; that is told by Airflow's own dependencies, which are no
public API: they are imported here and nowhere else.

Source: https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/plugins.html
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

import duckdb
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import get_user, requires_access_dag
from airflow.sdk.exceptions import AirflowNotFoundException
from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException

from close_kpis.accounts import ACCOUNTS, Account
from close_kpis.explain.asked import Asked
from close_kpis.explain.errors import QuestionError
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.config import LakeError
from close_kpis.month import MONTH_PATTERN, NoMonthError, last_day, parse_month
from close_kpis.paths import INCLUDE
from close_kpis.reporting import logger
from close_kpis.settings.errors import SettingsError
from close_kpis.ui.page.addresses import dag_page
from close_kpis.ui.page.drill_down import BusyError, drill_down
from close_kpis.ui.page.overview import read_overview

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from fastapi import Response
    from jinja2 import Environment

log = logger(__name__)

FOLDER = INCLUDE / "page"

DAGS = ("close_sync", "sales_kpis", "sheets_publish")
"""The DAGs whose runs the page tells of."""

HEADERS = {
    # Nothing that a text from Close could hold is ever run or loaded.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Close and Google learn no address of this Airflow.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Text = Annotated[str | None, Query(max_length=200)]
Month = Annotated[str, Query(pattern=MONTH_PATTERN)]

pages = APIRouter()
"""What the page of each account has."""

looks = APIRouter()
"""What every page loads."""


def account_of(request: Request) -> Account:
    """Return the account whose page is asked for; of the list of accounts one without a name."""
    account: Account = request.app.state.account
    return account


Here = Annotated[Account, Depends(account_of)]


async def with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Send the security headers with every answer."""
    response = await call_next(request)
    response.headers.update(HEADERS)
    return response


@pages.get("/", response_class=HTMLResponse)
def overview(account: Here) -> str:
    """Return the state of the pipeline and the growth report."""
    return _rendered("overview.html", account, page=read_overview(account), reports=load_definitions().reports)


@pages.get("/records", response_class=HTMLResponse)
def records(
    account: Here,
    report: Annotated[str, Query(max_length=200)],
    month: Annotated[str, Query(max_length=20)],
    kpi: Annotated[str, Query(max_length=200)],
    rep: Text = None,
    source: Text = None,
    age: Annotated[int | None, Query(ge=0, le=2000)] = None,
    pipeline: Text = None,
    stage: Text = None,
    row: Literal["year", "average", "yoy"] | None = None,
) -> str:
    """Return the records behind a number; the parameters are those of the command ``explain``."""
    asked = Asked(report, month.strip(), kpi, rep or None, source or None, age, pipeline or None, stage or None, row)
    return _rendered("records.html", account, found=drill_down(account, asked))


@pages.get("/number", response_class=HTMLResponse)
def number(
    account: Here,
    which: Annotated[str, Query(max_length=200)],
    month: Annotated[str, Query(max_length=20)],
    whose: Text = None,
) -> str:
    """Return the records behind a number that was chosen in the form: ``report.column``, a month, maybe a name."""
    report, _, kpi = which.partition(".")
    name = (whose or "").strip() or None
    if name and report not in {"reps", "sources"}:
        raise QuestionError(f"the report {report} has no row for each rep or source: leave the name empty")
    rep, source = (name if report == one else None for one in ("reps", "sources"))
    return records(account, report, month, kpi, rep=rep, source=source)


@pages.get("/backfill", response_class=HTMLResponse)
def backfill(account: Here, first: Month, last: Month) -> str:
    """Return what to enter in Airflow's backfill form to read months again, and the way there.

    Airflow's page of the DAG has no address for the form itself.
    """
    first, last = min(first, last), max(first, last)
    dag_id = account.prefixed("close_history")
    return _rendered(
        "backfill.html",
        account,
        first=first,
        last=last,
        last_day=last_day(parse_month(last)),
        dag_id=dag_id,
        form=f"{dag_page(account, dag_id)}/backfills",
    )


@looks.get("/page.css")
def style() -> FileResponse:
    """Return the looks."""
    return FileResponse(FOLDER / "page.css", media_type="text/css")


@looks.get("/page.js")
def script() -> FileResponse:
    """Return the script, which follows Airflow's dark mode and lets links leave the frame."""
    return FileResponse(FOLDER / "page.js", media_type="text/javascript")


def refused(request: Request, error: HTTPException) -> HTMLResponse:
    """Say that nobody is logged in, or may not see the page, or that there is no such page."""
    titles = {401: "Log in to Airflow", 403: "No access", 404: "No such page", 405: "This page only reads"}
    texts = {
        401: "Nobody is logged in, or the login has expired: log in to Airflow, then load the page again.",
        403: f"The page asks for the right to read the runs of the DAGs {', '.join(_dag_ids(account_of(request)))}.",
    }
    return _message(
        request, error.status_code, titles.get(error.status_code, "Refused"), texts.get(error.status_code, "")
    )


def not_understood(request: Request, error: RequestValidationError) -> HTMLResponse:
    """Say which part of an address is not understood."""
    told = [f"{problem['loc'][-1]}: {problem['msg']}" for problem in error.errors()]
    return _message(request, 422, "Not understood", "; ".join(told))


def no_such_number(request: Request, error: ValueError) -> HTMLResponse:
    """Say what numbers there are."""
    return _message(request, 404, "No such number", str(error))


def not_now(request: Request, error: Exception) -> HTMLResponse:
    """Say why there is nothing to see, and what to do: these errors tell it themselves, without a secret."""
    return _locked(request) if _is_lock(error) else _message(request, 503, "Nothing to see yet", str(error))


def no_connection(request: Request, error: AirflowNotFoundException) -> HTMLResponse:
    """Say how to define the connection to the lake."""
    name = account_of(request).lake_conn
    return _message(
        request,
        503,
        "Nothing to see yet",
        f"Airflow's API server has no connection {name}: define it under Admin > Connections, or as the environment "
        f"variable AIRFLOW_CONN_{name.upper()} of the API server too.",
    )


def not_readable(request: Request, error: duckdb.Error) -> HTMLResponse:
    """Say that the lake could not be read; what DuckDB says may name more than a reader should see."""
    if _is_lock(error):
        return _locked(request)
    log.error("The page Sales KPIs could not read the lake.", exc_info=error)
    told = f"{type(error).__name__}: the log of Airflow's API server says more. Load the page again."
    return _message(request, 503, "The lake cannot be read", told)


def _is_lock(error: Exception) -> bool:
    """Say whether an SQLite catalog lets nobody in: most let readers in while somebody writes."""
    return "database is locked" in str(error)


def _locked(request: Request) -> HTMLResponse:
    told = "The lake's catalog is being written and lets no reader in: load the page again."
    return _message(request, 503, "The lake is locked", told)


def unexpected(request: Request, error: Exception) -> HTMLResponse:
    """Say that something has gone wrong; Starlette logs it."""
    told = f"{type(error).__name__}: the log of Airflow's API server says more."
    return _message(request, 500, "Something went wrong", told)


def _message(request: Request, status: int, title: str, text: str) -> HTMLResponse:
    page = _rendered("message.html", account_of(request), title=title, text=text)
    # A handler of `Exception` answers outside the middleware.
    return HTMLResponse(page, status_code=status, headers=HEADERS)


def _rendered(template: str, account: Account, **values: Any) -> str:
    return _templates().get_template(template).render(account=account.name, **values)


@cache
def _templates() -> Environment:
    """Return the templates of ``include/page``: every value is shown as text, whatever it holds."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


ANSWERS: dict[type[Exception], Any] = {
    HTTPException: refused,
    RequestValidationError: not_understood,
    QuestionError: no_such_number,
    NoMonthError: no_such_number,
    LakeError: not_now,
    SettingsError: not_now,
    BusyError: not_now,
    AirflowNotFoundException: no_connection,
    duckdb.Error: not_readable,
    Exception: unexpected,
}
"""What is said of an error."""


def _dag_ids(account: Account) -> list[str]:
    return [account.prefixed(dag_id) for dag_id in DAGS]


def _application(account: Account, access: Sequence[Callable[..., Any]], *routers: APIRouter) -> FastAPI:
    """Return an application whose every route asks for access."""
    made = FastAPI(
        title="Sales KPIs", docs_url=None, redoc_url=None, openapi_url=None, dependencies=list(map(Depends, access))
    )
    made.state.account = account
    for router in (*routers, looks):
        made.include_router(router)
    made.middleware("http")(with_headers)
    for error, answer in ANSWERS.items():
        made.add_exception_handler(error, answer)
    return made


def page_of(account: Account) -> FastAPI:
    """Return the page of an account, for those who may read the runs of its DAGs."""
    access = [requires_access_dag("GET", DagAccessEntity.RUN, dag_id) for dag_id in _dag_ids(account)]
    return _application(account, access, pages)


def page(accounts: Sequence[Account]) -> FastAPI:
    """Return the page of the only account, or a list of the accounts with the page of each below it."""
    if len(accounts) == 1 and not accounts[0].name:
        return page_of(accounts[0])
    choice = APIRouter()

    @choice.get("/", response_class=HTMLResponse)
    def choose() -> str:
        return _rendered("accounts.html", Account(), accounts=[account.name for account in accounts])

    made = _application(Account(), [get_user], choice)
    for account in accounts:
        made.mount(f"/{account.name}", page_of(account))
    return made


app = page(ACCOUNTS)
