"""The Airflow hook of the lake, also behind the operators of the common-SQL provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.lake.config import LakeError
from close_kpis.lake.hook import LakeHook

if TYPE_CHECKING:
    from collections.abc import Callable

    from close_kpis.lake.config import LakeConfig


@pytest.fixture
def connection(set_connection: Callable[..., None], lake: LakeConfig) -> None:
    extra = {"catalog": lake.catalog, "data_path": lake.data_path}
    set_connection("lake_default", conn_type="ducklake", extra=extra)


def test_hook_reads_and_writes_the_lake(connection: None) -> None:
    hook = LakeHook()
    hook.run("insert into raw.lead_statuses (id, label, _synced_at) values (?, ?, now())", parameters=("s", "Trial"))
    assert hook.get_records("select id, label from raw.lead_statuses") == [("s", "Trial")]
    assert hook.get_first("select count(*) from raw.lead_statuses where id = ?", parameters=("s",)) == (1,)
    assert hook.test_connection() == (True, "Connection successfully tested")


def test_failed_statement_of_several_leaves_nothing(connection: None) -> None:
    hook = LakeHook()
    with pytest.raises(Exception, match="no_such_table"):
        hook.run(["insert into raw.outcomes (id, _synced_at) values ('o', now())", "select * from no_such_table"])
    assert hook.get_first("select count(*) from raw.outcomes") == (0,)


def test_operator_of_the_common_sql_provider_runs_on_the_lake(connection: None) -> None:
    from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

    count = SQLExecuteQueryOperator(task_id="count", conn_id="lake_default", sql="select count(*) from raw.leads")
    assert isinstance(count.get_db_hook(), LakeHook)
    assert count.execute({}) == [(0,)]


def test_store_credentials_reach_the_configuration_and_stay_hidden(set_connection: Callable[..., None]) -> None:
    store = {"s3_key_id": "key", "s3_secret": "hush", "s3_endpoint": "127.0.0.1:9000", "s3_use_ssl": "false"}
    extra = {"catalog": "postgres:host=db dbname=lake", "data_path": "s3://bucket/lake", **store}
    # pragma: allowlist nextline secret
    set_connection("lake_default", conn_type="ducklake", password="catalog_hush", extra=extra)
    config = LakeHook().config
    assert (config.password, config.s3_secret, config.s3_use_ssl) == ("catalog_hush", "hush", False)
    assert "hush" not in repr(config)
    assert LakeHook().get_uri() == "ducklake:postgres:host=db dbname=lake"


@pytest.mark.parametrize("extra", [{}, {"catalog": "sqlite:x"}, {"data_path": "x"}])
def test_connection_without_catalog_or_path_is_refused(
    set_connection: Callable[..., None], extra: dict[str, Any]
) -> None:
    set_connection("lake_default", conn_type="ducklake", extra=extra)
    with pytest.raises(LakeError, match="lake_default lacks"):
        _ = LakeHook().config
