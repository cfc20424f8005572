"""A deployment of docker-compose.yaml for the tests of a module."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from close_kpis.accounts import Account
from close_kpis.standalone.api import DAGS
from tests.platform.compose import ROOT, Compose
from tests.platform.stand import Stand, published_alone, start_services

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def stand(
    request: pytest.FixtureRequest, demo_company: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stand]:
    """As many workers as the module's WORKERS, its ACCOUNTS with their kpis.yaml, its ENVIRONMENT in every service."""
    workers, settings, environment = request.module.WORKERS, request.module.ACCOUNTS, request.module.ENVIRONMENT
    folder, names = tmp_path_factory.mktemp("compose"), ",".join(settings)
    if settings:
        # As include/accounts is one.
        (accounts_folder := folder / "accounts").mkdir()
        for name, file in settings.items():
            shutil.copy(file, accounts_folder / f"{name}.yaml")
        environment = {**environment, "CLOSE_KPIS_SETTINGS": str(accounts_folder)}
    with ExitStack() as stack:
        services = start_services(demo_company, folder, stack)
        (inside := folder / "airflow").mkdir()
        compose = Compose(services, inside, stack, workers=workers, accounts=names, environment=environment)
        accounts = tuple(map(Account, names.split(",")))
        compose.airflow.wait_for_dags(dag_ids=[account.prefixed(dag) for account in accounts for dag in DAGS])
        yield Stand(compose, services, accounts)


@pytest.fixture(scope="module")
def expected(demo_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Returns the demo company's workbook as the embedded default publishes it."""
    folder = tmp_path_factory.mktemp("embedded")
    with ExitStack() as stack:
        return published_alone(start_services(demo_company, folder, stack), ROOT / "include" / "kpis.yaml", folder)
