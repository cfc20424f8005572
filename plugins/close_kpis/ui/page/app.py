"""The page's web application, which Airflow's API server mounts.

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
from airflow.api_fastapi.core_api.security import requires_access_dag
from airflow.sdk.exceptions import AirflowNotFoundException
from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException

from close_kpis.explain.asked import Asked
from close_kpis.explain.errors import QuestionError
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.config import LakeError
from close_kpis.lake.hook import LakeHook
from close_kpis.month import MONTH_PATTERN, NoMonthError, last_day, parse_month
from close_kpis.paths import INCLUDE
from close_kpis.reporting import logger
from close_kpis.settings.errors import SettingsError
from close_kpis.ui.page.addresses import BACKFILLS
from close_kpis.ui.page.drill_down import BusyError, drill_down
from close_kpis.ui.page.overview import read_overview

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

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

app = FastAPI(
    title="Sales KPIs",
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
    dependencies=[Depends(requires_access_dag("GET", DagAccessEntity.RUN, dag_id)) for dag_id in DAGS],
)


@app.middleware("http")
async def with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Send the security headers with every answer."""
    response = await call_next(request)
    response.headers.update(HEADERS)
    return response


@app.get("/", response_class=HTMLResponse)
def overview() -> str:
    """Return the state of the pipeline and the growth report."""
    reports = load_definitions().reports
    return _rendered("overview.html", page=read_overview(LakeHook().config), reports=reports)


@app.get("/records", response_class=HTMLResponse)
def records(
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
    return _rendered("records.html", found=drill_down(LakeHook().config, asked))


@app.get("/number", response_class=HTMLResponse)
def number(
    which: Annotated[str, Query(max_length=200)],
    month: Annotated[str, Query(max_length=20)],
    whose: Text = None,
) -> str:
    """Return the records behind a number that was chosen in the form: ``report.column``, a month, maybe a name."""
    report, _, kpi = which.partition(".")
    name = (whose or "").strip() or None
    if name and report not in {"reps", "sources"}:
        raise QuestionError(f"the report {report} has no row for each rep or source: leave the name empty")
    return records(
        report, month, kpi, rep=name if report == "reps" else None, source=name if report == "sources" else None
    )


@app.get("/backfill", response_class=HTMLResponse)
def backfill(first: Month, last: Month) -> str:
    """Return what to enter in Airflow's backfill form to read months again, and the way there."""
    first, last = min(first, last), max(first, last)
    return _rendered("backfill.html", first=first, last=last, last_day=last_day(parse_month(last)), form=BACKFILLS)


@app.get("/page.css")
def style() -> FileResponse:
    """Return the looks."""
    return FileResponse(FOLDER / "page.css", media_type="text/css")


@app.get("/page.js")
def script() -> FileResponse:
    """Return the script, which follows Airflow's dark mode and lets links leave the frame."""
    return FileResponse(FOLDER / "page.js", media_type="text/javascript")


@app.exception_handler(HTTPException)
def refused(request: Request, error: HTTPException) -> HTMLResponse:
    """Say that nobody is logged in, or may not see the page, or that there is no such page."""
    titles = {401: "Log in to Airflow", 403: "No access", 404: "No such page", 405: "This page only reads"}
    texts = {
        401: "Nobody is logged in, or the login has expired: log in to Airflow, then load the page again.",
        403: f"The page asks for the right to read the runs of the DAGs {', '.join(DAGS)}.",
    }
    return _message(error.status_code, titles.get(error.status_code, "Refused"), texts.get(error.status_code, ""))


@app.exception_handler(RequestValidationError)
def not_understood(request: Request, error: RequestValidationError) -> HTMLResponse:
    """Say which part of an address is not understood."""
    told = [f"{problem['loc'][-1]}: {problem['msg']}" for problem in error.errors()]
    return _message(422, "Not understood", "; ".join(told))


@app.exception_handler(QuestionError)
@app.exception_handler(NoMonthError)
def no_such_number(request: Request, error: ValueError) -> HTMLResponse:
    """Say what numbers there are."""
    return _message(404, "No such number", str(error))


@app.exception_handler(LakeError)
@app.exception_handler(SettingsError)
@app.exception_handler(BusyError)
def not_now(request: Request, error: Exception) -> HTMLResponse:
    """Say why there is nothing to see, and what to do: these errors tell it themselves, without a secret."""
    return _locked() if _is_lock(error) else _message(503, "Nothing to see yet", str(error))


@app.exception_handler(AirflowNotFoundException)
def no_connection(request: Request, error: AirflowNotFoundException) -> HTMLResponse:
    """Say how to define the connection to the lake."""
    name = LakeHook.default_conn_name
    return _message(
        503,
        "Nothing to see yet",
        f"Airflow's API server has no connection {name}: define it under Admin > Connections, or as the environment "
        f"variable AIRFLOW_CONN_{name.upper()} of the API server too.",
    )


@app.exception_handler(duckdb.Error)
def not_readable(request: Request, error: duckdb.Error) -> HTMLResponse:
    """Say that the lake could not be read; what DuckDB says may name more than a reader should see."""
    if _is_lock(error):
        return _locked()
    log.error("The page Sales KPIs could not read the lake.", exc_info=error)
    told = f"{type(error).__name__}: the log of Airflow's API server says more. Load the page again."
    return _message(503, "The lake cannot be read", told)


def _is_lock(error: Exception) -> bool:
    """Say whether an SQLite catalog lets nobody in: most let readers in while somebody writes."""
    return "database is locked" in str(error)


def _locked() -> HTMLResponse:
    return _message(
        503, "The lake is locked", "The lake's catalog is being written and lets no reader in: load the page again."
    )


@app.exception_handler(Exception)
def unexpected(request: Request, error: Exception) -> HTMLResponse:
    """Say that something has gone wrong; Starlette logs it."""
    told = f"{type(error).__name__}: the log of Airflow's API server says more."
    return _message(500, "Something went wrong", told)


def _message(status: int, title: str, text: str) -> HTMLResponse:
    page = _rendered("message.html", title=title, text=text)
    # A handler of `Exception` answers outside the middleware.
    return HTMLResponse(page, status_code=status, headers=HEADERS)


def _rendered(template: str, **values: Any) -> str:
    return _templates().get_template(template).render(**values)


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
