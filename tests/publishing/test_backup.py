"""What nobody can compute again outlives the lake: as-published history, Changes and the pipeline's past days."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.commands.arguments import main
from close_kpis.lake.backup import TABLES, back_up
from close_kpis.lake.config import LostLakeError
from close_kpis.lake.connection import connect
from close_kpis.publishing.publish import publish_workbook
from close_kpis.workbook.google.hook import GoogleSheetsHook
from tests.kpis.small_account import at
from tests.publishing.test_restatements import FIRST, NEXT, small_account
from tests.workbook.conftest import Book, client_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.sheets_api import SheetsSandbox

pytestmark = pytest.mark.slow

KEPT = ("published.publishes", "published.kpi_values", "kpi.restatements", "kpi.pipeline_daily")


class Company:
    """A small company with a lake in a folder and a workbook."""

    def __init__(self, folder: Path) -> None:
        self.account = small_account(folder)
        self.folder = folder
        self.backup = folder / "data-backup"

    def run(self, as_of: str) -> None:
        """Sync, compute and publish, as a day's runs do."""
        self.account.sync(as_of=as_of)
        self.compute_and_publish()

    def compute_and_publish(self) -> None:
        self.account.compute()
        settings = self.account.settings_file()
        publish_workbook(self.account.config, GoogleSheetsHook(), run_id="manual__1", settings_file=settings)

    def backdate(self) -> None:
        self.deal("open").update(status_type="won", date_won=at("2026-05-05").date())

    def deal(self, deal_id: str) -> dict[str, Any]:
        [deal] = [row for row in self.account.rows["opportunities"] if row["id"] == deal_id]
        return deal

    def kept(self) -> dict[str, list[tuple[Any, ...]]]:
        with closing(connect(self.account.config, read_only=True)) as con:
            return {table: con.execute(f"from {table} order by all").fetchall() for table in KEPT}

    def lose(self) -> None:
        """Lose the lake's catalog."""
        Path(self.account.config.location).unlink()


@pytest.fixture(scope="module")
def google(sheets: SheetsSandbox) -> Iterator[Callable[[], Book]]:
    """Makes a spreadsheet and names it to Airflow."""
    with pytest.MonkeyPatch.context() as patch:

        def connected() -> Book:
            book = Book(sheets, client_of(sheets), sheets.create_spreadsheet("Close KPIs"))
            extra = {
                "keyfile_dict": json.dumps(sheets.service_account_info()),
                "api_endpoint": sheets.url,
                "spreadsheet_id": book.id,
                "num_retries": 0,
            }
            connection = json.dumps({"conn_type": "google_cloud_platform", "extra": extra})
            patch.setenv("AIRFLOW_CONN_GOOGLE_SHEETS_DEFAULT", connection)
            return book

        yield connected


@pytest.fixture(scope="module")
def published(google: Callable[[], Book], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[Any]]]:
    """The lake of a company that has published on two days, and restated a month on the second; what Changes showed."""
    company, book = Company(tmp_path_factory.mktemp("published") / "lake"), google()
    company.run(FIRST)
    company.backdate()
    company.run(NEXT)
    assert company.kept()["kpi.restatements"]
    return company.folder, changes(book)


@pytest.fixture
def company(published: tuple[Path, list[list[Any]]], tmp_path: Path) -> Company:
    """The company with a copy of the lake; its account is as it was at the second publish."""
    shutil.copytree(published[0], tmp_path / "lake")
    company = Company(tmp_path / "lake")
    company.backdate()
    return company


def changes(book: Book) -> list[list[Any]]:
    return book.values("Changes")[3:]


def command(capsys: pytest.CaptureFixture[str], company: Company, *arguments: str) -> tuple[int, str]:
    status = main(["lake", *arguments, "--lake", str(company.folder)])
    said = capsys.readouterr()
    return status, said.out + said.err


def test_history_outlives_the_lake(
    company: Company,
    published: tuple[Path, list[list[Any]]],
    google: Callable[[], Book],
    capsys: pytest.CaptureFixture[str],
) -> None:
    before, book = company.kept(), google()
    company.lose()
    assert command(capsys, company, "create", "--anew")[0] == 0
    company.account.sync(as_of=NEXT)
    status, said = command(capsys, company, "restore")
    assert status == 0, said
    assert "2 publishes" in said
    assert company.kept() == before

    company.compute_and_publish()

    after = company.kept()
    assert after["kpi.restatements"] == before["kpi.restatements"]
    assert after["kpi.pipeline_daily"] == before["kpi.pipeline_daily"]
    assert after["published.kpi_values"] == before["published.kpi_values"]
    assert [publish[0] for publish in after["published.publishes"]] == [1, 2, 3]
    assert changes(book) == published[1]


@pytest.mark.parametrize("read_only", [False, True])
def test_lake_whose_disk_is_not_mounted_is_no_new_lake(
    company: Company, capsys: pytest.CaptureFixture[str], read_only: bool
) -> None:
    company.lose()
    shutil.rmtree(company.folder / "data")
    with pytest.raises(LostLakeError, match=r"the lake is gone: .*data-backup/\. Nothing was changed") as raised:
        connect(company.account.config, read_only=read_only)
    assert "lake create --anew" in str(raised.value)
    assert not Path(company.account.config.location).exists()
    assert command(capsys, company, "create", "--anew")[0] == 0
    assert command(capsys, company, "restore")[0] == 0


def test_what_changed_while_the_lake_was_lost_is_restated(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    company.lose()
    command(capsys, company, "create", "--anew")
    command(capsys, company, "restore")
    company.deal("d1").update(value=6000)
    company.run("2026-06-17")
    restated = [row for row in company.kept()["kpi.restatements"] if row[0] == 3]
    assert restated
    assert {row[11] for row in restated if not row[10]} == {
        "the lake's snapshots since the last publish (2026-06-16 00:00) have expired: the records cannot be told"
    }


def test_lake_that_has_published_is_restored_only_where_that_is_said(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    before = company.kept()
    company.lose()
    command(capsys, company, "create", "--anew")
    company.run(NEXT)
    own = company.kept()
    status, said = command(capsys, company, "restore")
    assert (status, "has published 1 time(s) itself: nothing was changed" in said) == (2, True)
    assert company.kept() == own
    assert command(capsys, company, "restore", "--replace")[0] == 0
    assert company.kept() == before


def test_copy_that_is_named_is_read_also_of_the_lake_itself(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    before = company.kept()
    [copy] = company.backup.glob("*/*")
    with closing(connect(company.account.config)) as con:
        con.execute("delete from published.publishes where publish_id = 2")
    assert command(capsys, company, "restore", "--from", str(copy))[0] == 2
    assert command(capsys, company, "restore", "--replace", "--from", str(copy))[0] == 0
    assert company.kept() == before
    status, said = command(capsys, company, "restore", "--from", str(company.backup))
    assert (status, "name the folder of a weekday" in said) == (2, True)


def test_copies_are_bounded_and_hold_a_week(company: Company) -> None:
    with closing(connect(company.account.config)) as con:
        for day in range(30):
            back_up(con, company.account.config, datetime(2026, 7, 1, tzinfo=UTC) + timedelta(days=day))
    [lake] = company.backup.iterdir()
    assert sorted(path.name for path in lake.iterdir()) == sorted([
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ])
    # The company sends no digests: of them there is no file.
    names = {"made.parquet", *(f"{name}.parquet" for name in TABLES if name != "digests")}
    assert all({file.name for file in day.iterdir()} == names for day in lake.iterdir())
    assert sum(file.stat().st_size for file in lake.rglob("*.parquet")) < 1_000_000


@pytest.mark.parametrize("damage", ["half a file", "another moment", "no file"])
def test_copy_that_is_not_whole_is_passed_over(
    company: Company, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    before = company.kept()
    today, older = datetime.now(UTC), datetime.now(UTC) - timedelta(days=1)
    with closing(connect(company.account.config)) as con:
        back_up(con, company.account.config, older)
    [day] = company.backup.glob(f"*/{today:%A}".lower())
    values = day / "kpi_values.parquet"
    if damage == "half a file":
        values.write_bytes(values.read_bytes()[:100])
    elif damage == "another moment":
        values.write_bytes((day.parent / f"{older:%A}".lower() / "kpi_values.parquet").read_bytes())
    else:
        values.unlink()
    company.lose()
    command(capsys, company, "create", "--anew")
    status, said = command(capsys, company, "restore")
    assert status == 0, said
    assert f"/{older:%A}/".lower() in said
    company.account.sync(as_of=NEXT)
    assert company.kept() == before


def test_without_a_backup_the_place_is_named(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = command(capsys, company, "restore")
    assert status == 2
    assert f"there is no whole backup of another lake in {company.backup}/" in said


def test_backup_that_fails_stops_no_publish(company: Company, caplog: pytest.LogCaptureFixture) -> None:
    shutil.rmtree(company.backup)
    company.backup.write_text("a file where the folder should be")
    company.run("2026-06-17")
    assert len(company.kept()["published.publishes"]) == 3
    assert "was not backed up to" in caplog.text


def test_backup_says_nothing_of_the_records(company: Company) -> None:
    """Numbers and their names only: no lead, no contact."""
    import duckdb

    with closing(duckdb.connect()) as con:
        for path in company.backup.rglob("*.parquet"):
            text = str(con.execute("from read_parquet($path)", {"path": str(path)}).fetchall())
            assert "acme" not in text
            assert "bolt" not in text
