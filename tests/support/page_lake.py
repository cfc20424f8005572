"""A small lake that has everything which the page shows, with hostile names from Close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.publishing.publish import publish_workbook
from tests.kpis.small_account import SmallAccount

if TYPE_CHECKING:
    from pathlib import Path

    from close_kpis.lake.config import LakeConfig
    from close_kpis.workbook.google.hook import GoogleSheetsHook

HOSTILE = '<script>document.title="run"</script><img src=x onerror="document.title=\'run\'">"\'}}{{7*7}}\u202egnp'
"""A name that runs, closes attributes, is a template or turns its direction where a page lets it."""

SHOWN = HOSTILE.replace("\u202e", "")
"""What a reader sees of it."""


def page_account(
    folder: Path, google: GoogleSheetsHook | None = None, config: LakeConfig | None = None
) -> SmallAccount:
    """Return an account that is computed; published twice with a restated month, where there is a spreadsheet."""
    folder.mkdir(exist_ok=True)
    account = SmallAccount(folder, as_of="2026-06-20 12:00")
    account.config = config or account.config
    account.user("ann", first_name=HOSTILE)
    for name in ("steady", "leaves", "other"):
        account.moves(f"lead_{name}", "2025-11-03", ("2026-01-20", "Customer"), display_name=f"{name} {HOSTILE}")
    account.deal("deal_1", "lead_steady", "2026-01-20", 1200, created="2025-12-11", user_id="ann")
    account.deal("deal_2", "lead_leaves", "2026-01-21", 700, created="2025-12-11", user_id="ann")
    # A customer without a deal is to be mended, and so is a deal without a value.
    account.deal("deal_3", "lead_steady", "2026-02-10", None, created="2026-02-01", user_id="ann")
    account.run()
    if google is not None:
        publish_workbook(account.config, google, run_id="manual__1", settings_file=account.settings_file())
    account.change("lead_leaves", "2026-05-20", "Customer", "Churned")
    [lead] = [row for row in account.rows["leads"] if row["id"] == "lead_leaves"]
    lead |= {"status_id": "stat_Churned", "status_label": "Churned"}
    account.sync("2026-06-21 12:00")
    account.compute()
    if google is not None:
        publish_workbook(account.config, google, run_id="manual__2", settings_file=account.settings_file())
    return account
