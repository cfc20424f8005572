"""The mapping of an API object to a raw row."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pytest

from close_kpis.close.columns import read_instant
from close_kpis.close.errors import CloseResponseError
from close_kpis.close.registry import (
    CONTACT_FIELDS,
    DEFAULT_CONTACT_FIELDS,
    OPTIONAL,
    STREAMS,
    contacts,
    names,
    stream_names,
)
from close_kpis.close.stream import Kind
from close_kpis.lake.sql import raw_tables, statement
from close_kpis.settings.file import Settings, Streams
from close_kpis.sync.extraction import Extraction


@pytest.mark.parametrize("stream", STREAMS)
def test_columns_are_those_of_the_table(stream: str) -> None:
    with closing(duckdb.connect()) as con:
        con.execute("create schema raw")
        con.execute(statement(f"raw/{stream}"))
        columns = [name for (name,) in con.execute(f"select name from pragma_table_info('raw.{stream}')").fetchall()]
    audit = ["_synced_at", "_deleted_at", *(["_merged_into"] if stream == "leads" else [])]
    assert columns == [*(column.name for column in STREAMS[stream].columns), *audit]


def test_every_raw_table_has_a_stream() -> None:
    assert set(STREAMS) == set(raw_tables())


def test_light_streams_come_before_heavy_ones() -> None:
    assert names(Kind.LIGHT, Kind.HEAVY)[0] == "leads"
    always = ["calls", "emails", "meetings", "custom_activities", "task_completions", "tasks"]
    assert names(Kind.HEAVY) == [*always, *OPTIONAL]


def test_optional_streams_are_read_where_they_are_asked_for() -> None:
    assert stream_names() == tuple(names(Kind.LIGHT, Kind.HEAVY))
    assert set(stream_names()) - set(stream_names(["notes"])) == {"sms", "whatsapp_messages"}
    assert set(Streams.model_fields) == set(OPTIONAL)


def test_what_is_read_of_contacts_is_what_is_asked_for() -> None:
    contact = {
        "id": "cont_1",
        "name": "Ann",
        "title": "CFO",
        "emails": [{"email": "ann@example.com", "type": "office"}],
        "phones": [],
        "custom.cf_1": "yes",
    }
    found = {fields: contacts(fields) for fields in [(), ("name", "title"), ("title", "custom", "emails", "urls")]}
    rows = {fields: stream.row(contact) for fields, stream in found.items()}
    assert [rows[()][name] for name in ("name", "title", "further_fields", "emails", "phones")] == [None] * 3 + [1, 0]
    assert rows["name", "title"] == STREAMS["contacts"].row(contact)
    assert rows["name", "title"]["further_fields"] is None
    assert rows["title", "custom", "emails", "urls"]["name"] is None
    assert rows["title", "custom", "emails", "urls"]["further_fields"] == {
        "emails": contact["emails"],
        "custom": {"cf_1": "yes"},
    }
    asked = {"id", "lead_id", "emails", "phones", "date_created", "date_updated"}
    assert {*found[()].fields} == asked
    assert {*found["title", "custom", "emails", "urls"].fields} == {*asked, "title", "custom", "urls"}
    assert Settings.model_validate({"contact_fields": [*CONTACT_FIELDS]}).contact_fields == CONTACT_FIELDS
    assert Settings().contact_fields == Extraction.contact_fields == DEFAULT_CONTACT_FIELDS


@pytest.mark.parametrize(
    ("stamp", "instant"),
    [
        ("2021-07-13T11:39:04.817000+00:00", datetime(2021, 7, 13, 11, 39, 4, 817000, UTC)),
        ("2022-11-12T18:00:00+00:00", datetime(2022, 11, 12, 18, tzinfo=UTC)),
        ("2022-11-08T15:49:44.195000", datetime(2022, 11, 8, 15, 49, 44, 195000, UTC)),
        ("2024-01-01T00:00:00Z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01T02:00:00+02:00", datetime(2024, 1, 1, tzinfo=UTC)),
        ("0001-01-02T00:00:00", datetime(1, 1, 2, tzinfo=UTC)),
        ("2016-09-21", datetime(2016, 9, 21, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_every_form_of_a_time_stamp_is_an_instant(stamp: str | None, instant: datetime | None) -> None:
    assert STREAMS["calls"].row({"id": "acti_1", "activity_at": stamp})["activity_at"] == instant


def test_missed_inbound_call_has_no_user() -> None:
    row = STREAMS["calls"].row({"id": "acti_1", "user_id": None, "duration": 0, "disposition": "vm-left"})
    assert (row["user_id"], row["duration"]) == (None, 0)


def test_custom_values_are_kept_by_field_id_and_the_deprecated_names_are_not() -> None:
    lead = {"id": "lead_1", "custom": {"Source": "Web"}, "custom.cf_1": ["Web", "Fair"], "custom.lcf_2": 1.5}
    assert STREAMS["leads"].row(lead)["custom"] == {"cf_1": ["Web", "Fair"], "lcf_2": 1.5}


def test_opportunity_keeps_cents_and_the_date_as_it_stands() -> None:
    row = STREAMS["opportunities"].row({"id": "oppo_1", "value": 50000.0, "date_won": "2026-01-31", "date_lost": None})
    assert (row["value"], row["date_won"], row["date_lost"]) == (50000, date(2026, 1, 31), None)
    assert STREAMS["opportunities"].row({"id": "oppo_1", "value": None})["value"] is None


def test_event_names_the_leads_of_a_merge() -> None:
    meta = {"merge_source_lead_id": "lead_1", "merge_destination_lead_id": "lead_2"}
    row = STREAMS["events"].row({"id": "ev_1", "meta": meta, "changed_fields": ["lead_id"]})
    assert (row["merge_source_lead_id"], row["merge_destination_lead_id"]) == ("lead_1", "lead_2")
    assert STREAMS["events"].row({"id": "ev_2", "meta": None})["merge_source_lead_id"] is None


@pytest.mark.parametrize(
    ("stream", "field", "value"),
    [
        ("calls", "duration", "long"),
        ("calls", "date_created", "yesterday"),
        ("calls", "date_created", 1700000000),
        ("opportunities", "value", 10.5),
        ("opportunities", "value", True),
        ("opportunities", "date_won", 20260101),
        ("leads", "status_id", {"id": "stat_1"}),
    ],
)
def test_unexpected_value_is_an_error_that_names_object_and_field(stream: str, field: str, value: Any) -> None:
    with pytest.raises(CloseResponseError, match=f"thing_1 has an unexpected {field}"):
        STREAMS[stream].row({"id": "thing_1", field: value})


def test_object_without_id_is_an_error() -> None:
    with pytest.raises(CloseResponseError, match="without id"):
        STREAMS["calls"].row({"status": "completed"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0001-01-01T00:00:00+14:00", "0001-01-02T00:00:00+00:00"),
        ("0026-05-03T00:00:00+00:00", "0026-05-03T00:00:00+00:00"),
        ("9999-12-31T23:59:59.999999-08:00", "9999-12-30T00:00:00+00:00"),
        ("20261-03-01T00:00:00+00:00", "9999-12-30T00:00:00+00:00"),
        ("-0044-03-15T00:00:00+00:00", "0001-01-02T00:00:00+00:00"),
    ],
)
def test_instants_beyond_the_years_that_can_be_told_are_the_first_or_the_last(text: str, expected: str) -> None:
    assert read_instant(text) == datetime.fromisoformat(expected)


def test_number_beyond_what_is_exact_is_named() -> None:
    with pytest.raises(CloseResponseError, match="oppo_1 has an unexpected value: 9223372036854775808 is larger"):
        STREAMS["opportunities"].row({"id": "oppo_1", "value": 2**63})
