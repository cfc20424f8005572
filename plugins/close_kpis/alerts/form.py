"""The looks of an alarm: Slack's blocks, and plain text for mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.messaging.blocks import bullets, header, link, section, text_of

if TYPE_CHECKING:
    from close_kpis.alerts.causes import Alarm
    from close_kpis.messaging.blocks import Block

OPEN_RUN = "Open the run in Airflow"


def alarm_blocks(alarm: Alarm) -> list[Block]:
    """Return the blocks of an alarm: at most five."""
    blocks = [header(alarm.subject), section([text_of(alarm.text)])]
    if alarm.records:
        blocks.append(bullets([[link(url, said) if url else text_of(said)] for said, url in alarm.records]))
    if alarm.remedy:
        blocks.append(section([text_of("Remedy: ", bold=True), text_of(alarm.remedy)]))
    return [*blocks, section([link(alarm.url, OPEN_RUN)])]


def alarm_text(alarm: Alarm) -> str:
    """Return an alarm as plain text, which no mail program takes for anything else."""
    records = "\n".join(f"- {said}{f': {url}' if url else ''}" for said, url in alarm.records)
    remedy = f"Remedy: {alarm.remedy}" if alarm.remedy else ""
    parts = [alarm.subject, alarm.text, records, remedy, f"{OPEN_RUN}: {alarm.url}"]
    return "\n\n".join(part for part in parts if part) + "\n"
