"""The sandbox's answers are what Close's OpenAPI file says, where that file is at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox import records
from sandbox.close_api import conformance

DOCUMENT = """
paths:
  /status/lead/:
    get: {responses: {"200": {content: {application/json: {schema: {$ref: "#/components/schemas/Statuses"}}}}}}
  /status/lead/{id}/:
    get: {responses: {"200": {content: {application/json: {schema: {$ref: "#/components/schemas/Status"}}}}}}
  /webhook/:
    get: {responses: {"200": {content: {application/json: {schema: {}}}}}}
components:
  schemas:
    Statuses: {type: object, properties: {data: {type: array, items: {$ref: "#/components/schemas/Status"}}}}
    Status:
      type: object
      required: [id, LABEL]
      properties: {id: {type: string}, label: {type: TYPE}, colour: {type: string}}
"""


def outcomes(tmp_path: Path, label: str = "label", kind: str = "string") -> dict[str, conformance.Outcome]:
    openapi = tmp_path / "openapi.yaml"
    openapi.write_text(DOCUMENT.replace("LABEL", label).replace("TYPE", kind), encoding="utf-8")
    return {outcome.path: outcome for outcome in conformance.check(openapi)}


def test_a_fitting_answer_is_ok_and_an_unknown_path_is_not_served(tmp_path):
    found = outcomes(tmp_path)
    assert (found["/status/lead/"].answers, found["/status/lead/{id}/"].answers) == (1, 7)
    assert not found["/status/lead/"].violations
    assert list(found["/webhook/"].lines()) == ["-        /webhook/: not served"]
    assert any("never seen: colour" in line for line in found["/status/lead/"].lines())


def test_a_missing_field_and_a_wrong_type_are_violations(tmp_path):
    assert outcomes(tmp_path, label="labels")["/status/lead/"].violations == {
        "data.[]: 'labels' is a required property": 7
    }
    wrong = outcomes(tmp_path, kind="integer")["/status/lead/{id}/"].violations
    assert set(wrong) == {
        f"label: {label!r} is not of type 'integer'"
        for label in ("Potential", "Contacted", "Trial", "Customer", "Churned", "Lost", "Bad fit")
    }


def openapi() -> Path:
    named = os.environ.get("CLOSE_OPENAPI")
    if not named:
        pytest.skip("CLOSE_OPENAPI does not name Close's OpenAPI file")
    return Path(named)


def violations(found: list[conformance.Outcome]) -> dict[str, dict[str, int]]:
    assert sum(outcome.answers for outcome in found) > 100
    return {outcome.path: dict(outcome.violations) for outcome in found if outcome.violations}


def test_a_generated_account_is_served_as_the_openapi_file_says():
    assert violations(conformance.check(openapi())) == {}


def test_recorded_rows_are_served_as_the_openapi_file_says(tmp_path):
    recorded = os.environ.get("CLOSE_RECORDS")
    if not recorded:
        pytest.skip("CLOSE_RECORDS does not name a folder of recorded rows")
    records.lay_out(Path(recorded), tmp_path / "account")
    assert violations(conformance.check(openapi(), tmp_path / "account")) == {}
