"""The demo company: a made-up SaaS seller of three years, written as an account folder for the Close sandbox.

`write_company` is the one entry. The parts, in the order in which they build on each other:

| module | idea |
|---|---|
| `dice`, `calendar`, `ids` | seeded chance, working time in New York, ids as Close makes them |
| `catalogue` | the account's set-up: statuses, pipelines, fields, outcomes, sources, plans |
| `people` | the sales team and each one's way of working |
| `model` | leads, deals and activities as plain objects |
| `life_cycle`, `deals` | from a new lead to a customer, and what follows |
| `activities` | calls, mails, meetings and tasks around that story |
| `odd_cases` | every rare thing that the KPI definitions have a rule for, at least once |
| `rows`, `activity_rows`, `reference_rows`, `events` | all as the Close API returns it; the event log of 30 days |
| `writer` | puts it all together, in JSON Lines |
"""

from sandbox.company.writer import write_company

__all__ = ["write_company"]
