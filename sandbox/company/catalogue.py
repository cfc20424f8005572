"""The account's set-up: statuses, pipelines, custom fields, outcomes, sources and price plans."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.company.ids import close_id

ORGANIZATION = close_id("orga", "demo")
ORGANIZATION_NAME = "Lumen Desk"

LEAD_STATUSES = ("Potential", "Contacted", "Trial", "Customer", "Churned", "Lost", "Bad fit")
CUSTOMER_STATUS = "Customer"


@dataclass(frozen=True)
class Stage:
    """A status of opportunities.

    Attributes:
        label: what users see; labels repeat across pipelines.
        type: active, won or lost.
        confidence: per cent that an opportunity gets in this stage.
    """

    label: str
    type: str
    confidence: int


@dataclass(frozen=True)
class Pipeline:
    """A pipeline with its stages in order; the last two are the won and the lost one."""

    name: str
    stages: tuple[Stage, ...]

    @property
    def id(self) -> str:
        """The id Close would have given."""
        return close_id("pipe", self.name)

    @property
    def open_stages(self) -> tuple[Stage, ...]:
        """The stages on the way to a decision."""
        return tuple(stage for stage in self.stages if stage.type == "active")

    @property
    def won(self) -> Stage:
        """The stage of won opportunities."""
        return next(stage for stage in self.stages if stage.type == "won")

    @property
    def lost(self) -> Stage:
        """The stage of lost opportunities."""
        return next(stage for stage in self.stages if stage.type == "lost")

    def stage(self, label: str) -> Stage:
        """Return the stage with this label."""
        return next(stage for stage in self.stages if stage.label == label)

    def stage_id(self, stage: Stage) -> str:
        """Return the id of one of its stages; lead statuses share the prefix."""
        return close_id("stat", self.name, stage.label)


def _pipeline(name: str, *stages: tuple[str, int], won: str = "Won", lost: str = "Lost") -> Pipeline:
    open_stages = tuple(Stage(label, "active", confidence) for label, confidence in stages)
    return Pipeline(name, (*open_stages, Stage(won, "won", 100), Stage(lost, "lost", 0)))


NEW_BUSINESS = _pipeline("New business", ("Discovery", 20), ("Demo", 40), ("Proposal sent", 60), ("Contract sent", 80))
EXPANSION = _pipeline("Expansion", ("Identified", 30), ("Proposal sent", 60))
RENEWAL = _pipeline("Renewal", ("Upcoming", 70), ("In negotiation", 80), won="Renewed", lost="Not renewed")
PARTNERSHIPS = _pipeline("Partnerships", ("Talking", 25), won="Signed", lost="Declined")
PIPELINES = (NEW_BUSINESS, EXPANSION, RENEWAL, PARTNERSHIPS)


def lead_status_id(label: str) -> str:
    """Return the id of a lead status."""
    return close_id("stat", "lead", label)


@dataclass(frozen=True)
class Field:
    """A custom field.

    Attributes:
        name: what users see.
        object_type: lead, contact, opportunity, activity or shared.
        type: text, number, choices, user ...
        choices: labels of a choices field, in order.
        multiple: whether a record holds a list of values.
    """

    name: str
    object_type: str
    type: str
    choices: tuple[str, ...] | None = None
    multiple: bool = False

    @property
    def id(self) -> str:
        """The id Close would have given."""
        return close_id("cf", self.object_type, self.name)

    @property
    def key(self) -> str:
        """The flat key under which a record carries the value."""
        return f"custom.{self.id}"


@dataclass(frozen=True)
class Source:
    """A lead source and how its leads fare.

    Attributes:
        name: value of the custom field, None for leads on which nobody filled it in.
        share: part of all new leads.
        deal: probability that a lead comes to an opportunity.
        trial: probability that a lead starts a trial.
        win: probability that an opportunity is won, before the rep's own hand.
        churn: factor on the monthly risk of leaving.
        ticket: factor on the price.
    """

    name: str | None
    share: float
    deal: float
    trial: float
    win: float
    churn: float = 1.0
    ticket: float = 1.0


SOURCES = (
    Source("Website", 0.29, deal=0.66, trial=0.60, win=0.20),
    Source("Referral", 0.12, deal=0.80, trial=0.40, win=0.33, churn=0.6, ticket=1.15),
    Source("Partner", 0.10, deal=0.76, trial=0.25, win=0.28, churn=0.7, ticket=1.3),
    Source("Outbound", 0.18, deal=0.60, trial=0.16, win=0.13, ticket=1.25),
    Source("Paid Search", 0.15, deal=0.60, trial=0.62, win=0.115, churn=2.0, ticket=0.75),
    Source("Conference", 0.08, deal=0.66, trial=0.20, win=0.18, ticket=1.35),
    Source("unknown", 0.04, deal=0.55, trial=0.3, win=0.15),
    Source(None, 0.04, deal=0.55, trial=0.3, win=0.14),
)
FORMULA_SOURCE = '=HYPERLINK("https://spam.example","Free leads")'
PHONE_SOURCE = "+49 89 5550 0100"
SPACED_SOURCE = "Trade\u00a0fair"
SPELLINGS = ("website", "  Website ")
"""How some people write the source Website."""

LEAD_SOURCE = Field(
    "Lead source",
    "lead",
    "choices",
    (
        *(source.name for source in SOURCES if source.name),
        SPACED_SOURCE,
        PHONE_SOURCE,
        FORMULA_SOURCE,
        *SPELLINGS,
    ),
)
ACCOUNT_OWNER = Field("Account owner", "lead", "user")
INTERESTS = Field("Interested in", "lead", "choices", ("Help desk", "Chat", "Phone", "Analytics"), multiple=True)
CAMPAIGN = Field("Campaign", "shared", "text")
DISCOUNT = Field("Discount %", "opportunity", "number")
COMPETITOR = Field("Competitor", "opportunity", "choices", ("None", "In-house tool", "Larger suite", "Spreadsheet"))
CONTACT_ROLE = Field("Role", "contact", "choices", ("Decision maker", "Champion", "User"))
DEMO_RESULT = Field("Result", "activity", "choices", ("Good fit", "Needs follow-up", "No fit"))
DEMO_SEATS = Field("Seats discussed", "activity", "number")
FIELDS = (
    LEAD_SOURCE,
    ACCOUNT_OWNER,
    INTERESTS,
    CAMPAIGN,
    DISCOUNT,
    COMPETITOR,
    CONTACT_ROLE,
    DEMO_RESULT,
    DEMO_SEATS,
)

DEMO_REPORT = close_id("actitype", "Demo report")
PARTNER_VISIT = close_id("actitype", "Partner visit")
CUSTOM_ACTIVITY_TYPES = {DEMO_REPORT: "Demo report", PARTNER_VISIT: "Partner visit"}

NO_SHOW = "No-show"
OUTCOMES = {
    "Successful": ("calls", "meetings"),
    NO_SHOW: ("meetings",),
    "Rescheduled": ("meetings",),
    "Wrong number": ("calls",),
}


def outcome_id(name: str) -> str:
    """Return the id of an outcome of calls or meetings."""
    return close_id("outcome", name)


@dataclass(frozen=True)
class Plan:
    """A price plan; its price is in cents a month."""

    name: str
    monthly: int


PLANS = {Plan("Starter", 34_000): 0.34, Plan("Team", 79_000): 0.42, Plan("Business", 159_000): 0.24}
ENTERPRISE = Plan("Enterprise", 330_000)
