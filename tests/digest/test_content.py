"""What a digest says: the workbook's numbers, for readers with any program and any names in Close."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from benchmarks import sample
from close_kpis.digest.content import Digest, Notice, SameDay, compose, read_digest
from close_kpis.digest.lake_state import read_state
from close_kpis.digest.mail import CLIPPED_AT, PICTURE_ID, html, mail, text
from close_kpis.digest.picture import HEIGHT, WIDTH, bars, picture
from close_kpis.digest.slack import digest_blocks, notice_blocks
from close_kpis.headlines.figures import choices, months_of
from close_kpis.kpis.registry import load_definitions
from close_kpis.lake.connection import connect
from close_kpis.messaging.blocks import fallback
from close_kpis.settings.audience import Audience
from close_kpis.workbook.targets import TeamTargets
from tests.digest.conftest import young
from tests.support.filled_lake import fill
from tests.support.slack_server import texts, wrong_in

if TYPE_CHECKING:
    from close_kpis.workbook.tables import Tables
    from tests.digest.conftest import Office

EVIL = (
    "<!channel>",
    "@channel",
    "<script>alert(1)</script>",
    "*bold* _it_ `code` :tada:",
    '=HYPERLINK("http://evil.example")',
    "https://evil.example/login",
    "<https://evil.example|Open the workbook>",
    "www.evil.example",
    "boss@evil.example",
    "line one\nBcc: eve@evil.example",
    "\u202egpj.exe",
    "&lt;b&gt;",
    "{{ 7 * 7 }} ${HOME} $x^2$",
    "x" * 5000,
)
"""Names as somebody may have given them in Close."""

NO_TARGETS = TeamTargets()


def digest_of(
    tables: Tables,
    *,
    url: str = "https://docs.example.com/d/1/edit",
    targets: TeamTargets = NO_TARGETS,
    **keys: Any,
) -> Digest:
    months = months_of(tables)
    assert months is not None
    return compose(
        tables,
        sample.STAMP,
        Audience(slack_channel="#revenue", **keys),
        load_definitions(),
        title="Acme",
        url=url,
        months=months,
        before=SameDay(date(2026, 5, 19), {}),
        targets=targets,
    )


def named(name: str) -> Tables:
    """Return tables in which every rep and source that a sentence may name has a name."""
    tables = young()
    reps = tables.rep_monthly.assign(rep=name)
    sources = tables.source_monthly.assign(source=[name] * len(tables.source_monthly))
    return replace(tables, rep_monthly=reps, source_monthly=sources.drop_duplicates("cohort_month"))


def read(office: Office, **keys: Any) -> Digest:
    with closing(connect(office.config)) as con:
        con.execute("begin transaction")
        published = read_state(con).published
        assert published is not None
        audience = Audience(slack_channel="c", **keys)
        found = read_digest(con, published, audience, load_definitions(), "Acme", NO_TARGETS)
    assert found is not None
    return found


def test_a_digest_shows_the_numbers_of_the_summary_tab(office: Office) -> None:
    digest = read(office)
    rows = {row[0].get("formattedValue"): row for row in office.book.cells("Summary")[4:] if row}
    shown = {label: [cell.get("formattedValue", "") for cell in row] for label, row in rows.items()}
    heads = ("Completed", "Against the month before", "Against the year before", "To date")
    told = office.book.values("Summary")[3]
    columns = [next(at for at, head in enumerate(told) if head.startswith(start)) for start in heads]
    assert len(digest.lines) == 9
    for line in digest.lines:
        value, month_before, year_before, to_date = (shown[line.label][at] for at in columns)
        # The account's currency is EUR: both show its sign first.
        assert line.value == (value or "–")
        told = [change.text.replace("\N{MINUS SIGN}", "-").partition(" on ")[0] for change in line.changes]
        assert told == [change for change in (month_before, year_before) if change]
        assert line.to_date.partition(": ")[2] == (to_date or "–")
    sentences = [label for label in shown if label and label.endswith(".")]
    assert [sentence.replace("\N{WORD JOINER}", "") for sentence in digest.sentences] == sentences[:3]
    assert digest.upkeep == office.book.values("Summary")[2][0]
    assert digest.stamp == office.book.values("Summary")[1][0]
    assert digest.url == office.rows("select url from published.publishes")[0][0]


def test_the_running_month_is_set_beside_what_was_published_on_the_same_day(office: Office) -> None:
    """A publish of 19 May, before the one of 19 June: the same day of the month before."""
    day = datetime(2026, 5, 20, 3, 59, tzinfo=UTC)
    may = young(4)
    fill(office.config, may, day, "may")
    for table in ("published.publishes", "published.kpi_values", "kpi.computations where computation_id <> 'may'"):
        office.rows(f"delete from {table}")
    office.publish()
    fill(office.config, young(), sample.STAMP.as_of, "june")
    office.publish()

    digest = read(office, kpis=["growth.new_customers", "growth.mrr", "pipeline.weighted_arr"])
    phrases = digest.phrases
    was = may.growth_monthly.iloc[-1]
    june = young().growth_monthly.iloc[-1]
    assert bool(was["is_running"])
    assert [line.to_date for line in digest.lines] == [
        f"Jun to date: {phrases.count(june['new_customers'])} (by 19 May: {phrases.count(was['new_customers'])})",
        f"Jun to date: {phrases.amount(june['mrr_cents'] / 100)} (by 19 May: {phrases.amount(was['mrr_cents'] / 100)})",
        "now: €8,001",
    ]
    assert digest.comparison == ("June runs through 19 Jun; in brackets what was published of May on the same day.")


def test_a_month_that_cannot_be_compared_says_so(office: Office) -> None:
    assert read(office).comparison == "June runs through 19 Jun; nothing was published on 19 May to compare it with."


def test_numbers_are_written_as_the_audience_reads_them() -> None:
    tables = young()
    german = digest_of(tables, locale="de_DE", kpis=["growth.mrr", "growth.churn_rate"])
    assert german.lines[0].value.endswith("$")
    assert "%" in german.lines[1].value
    assert "," in german.lines[1].value
    assert german.lines[0].label == "MRR"


def test_investors_are_told_of_no_rep_and_no_source() -> None:
    digest = digest_of(named("Secret Rep"), every="month")
    assert digest.sentences
    assert "Secret" not in " ".join([*digest.sentences, text(digest)])
    assert all(not line.to_date for line in digest.lines)
    assert digest.heading == "May 2026"


@pytest.mark.parametrize("name", EVIL)
def test_a_name_from_close_is_text_wherever_it_stands(name: str) -> None:
    digest = digest_of(named(name))
    told = " ".join(digest.sentences)
    assert "added" in told
    shown = digest_blocks(digest, "F0")
    elements = [one for block in shown for part in block.get("elements", []) for one in flat(part)]
    assert {one["type"] for one in elements} <= {"text", "link", "emoji"}
    assert [one["url"] for one in elements if one["type"] == "link"] == [digest.url]
    assert all("mrkdwn" not in str(block) for block in shown)

    page = html(digest, "cid:x")
    assert "<script>" not in page
    assert page.count("href=") == 1
    assert f'href="{digest.url}"' in page
    for where in (page, text(digest), *texts(shown)):
        assert "evil.example" not in where
        assert "http://" not in where.replace(digest.url, "")
        assert "\u202e" not in where
    assert "\nBcc" not in text(digest)
    assert all(len(sentence) < 400 for sentence in digest.sentences)
    assert "<" not in fallback(digest.subject)


def flat(part: dict[str, Any]) -> list[dict[str, Any]]:
    if part["type"] == "rich_text_list":
        return [one for item in part["elements"] for one in item["elements"]]
    return list(part["elements"])


def test_a_title_with_markup_is_text_in_subject_and_notification() -> None:
    digest = replace(digest_of(young()), title="<!channel> & Co")
    assert fallback(digest.subject).startswith("&lt;!channel&gt; &amp; Co, May 2026")
    message = mail(digest, "kpis@example.com", "ann@example.com", "<1@x>", None)
    assert message["Subject"].startswith("<!channel> & Co, May 2026")


def largest() -> Digest:
    """Return the digest with the most and the longest that settings and names allow."""
    tables = named("W" * 300)
    names = list(choices(load_definitions()))
    digest = digest_of(tables, kpis=names[:20], locale="de_DE", url="https://docs.example.com/" + "d" * 200)
    long = tuple(sentence + " and more" * 10 for sentence in digest.sentences)
    return replace(digest, title="T" * 60, sentences=long)


def test_the_largest_message_is_within_slacks_limits() -> None:
    for blocks in (
        digest_blocks(largest(), "F0"),
        digest_blocks(largest(), None),
        notice_blocks(Notice("T", "r", "u")),
    ):
        assert len(blocks) <= 50
        assert [wrong for block in blocks for wrong in wrong_in(block)] == []
        assert all(len(one) <= 3000 for one in texts(blocks))
        assert sum(map(len, texts(blocks))) <= 13_000


def test_the_largest_mail_is_not_clipped() -> None:
    page = html(largest(), f"cid:{PICTURE_ID}")
    assert len(page.encode()) < CLIPPED_AT / 2
    message = mail(largest(), "kpis@example.com", "ann@example.com", "<1@x>", picture(largest()))
    assert len(message.as_bytes()) < 300_000


def test_a_mail_has_text_html_and_the_picture_inside() -> None:
    digest = digest_of(young())
    drawn = picture(digest)
    message = mail(digest, "KPIs <kpis@example.com>", "ann@example.com", "<1@example.com>", drawn)
    assert message.get_content_type() == "multipart/alternative"
    plain, related = message.iter_parts()
    assert isinstance(related, EmailMessage)
    page, image = related.iter_parts()
    assert [part.get_content_type() for part in (plain, related, page, image)] == [
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    assert image["Content-ID"] == f"<{PICTURE_ID}>"
    assert image.get_content() == drawn
    assert f'src="cid:{PICTURE_ID}"' in page.get_content()
    assert digest.url in plain.get_content()
    assert message["Auto-Submitted"] == "auto-generated"
    assert max(map(len, message.as_bytes().splitlines())) < 998


@pytest.mark.parametrize("count", [2, 5, 28])
def test_a_picture_can_be_drawn_of_any_history(count: int) -> None:
    tables = sample.tables(first=sample.months(date(2026, 7, 1), 1)[0].replace(year=2024, month=3), count=count)
    drawn = picture(digest_of(tables))
    assert drawn.startswith(b"\x89PNG")
    assert (int.from_bytes(drawn[16:20]), int.from_bytes(drawn[20:24])) == (WIDTH, HEIGHT)
    assert len(drawn) < 150_000


def test_without_wins_or_deals_there_are_still_a_picture_and_a_message() -> None:
    tables = young()
    nothing = tables.mrr_movements_monthly.assign(**{
        name: 0 for name in tables.mrr_movements_monthly.columns if name.endswith("_cents")
    })
    rates = tables.win_rate_monthly.assign(win_rate=pd.Series([None] * len(tables.win_rate_monthly), dtype="float64"))
    digest = digest_of(replace(tables, mrr_movements_monthly=nothing, win_rate_monthly=rates))
    assert picture(digest).startswith(b"\x89PNG")
    assert bars(digest)[0].startswith("MRR ")
    assert digest_blocks(digest, None)
    assert html(digest)


def test_before_a_month_is_completed_there_is_nothing_to_tell() -> None:
    assert months_of(young(1)) is None
