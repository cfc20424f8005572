"""The words by which statuses, pipelines, fields and meetings are recognised, in English and German.

They only propose: each choice is printed with its reason, and what no word decides is left open.
"""

from __future__ import annotations

import re


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


TRIAL = _words(
    r"trial", r"\btest(phase|zeit|zeitraum|zugang|kunden?|version|er|s)?\b", r"\bprobe", r"\bpilot", r"\bpoc\b"
)
CUSTOMER = _words(
    r"customer", r"\bclients?\b", r"kund(e|en|in|innen)\b", r"subscriber", r"abonnent", r"\bpaying\b", r"zahlend"
)
NOT_YET = _words(
    r"potential", r"prospect", r"potenziell", r"future", r"künftig", r"wunsch", r"\b(no|not|kein|keine|nicht)\b"
)
ENDED = _words(
    r"churn",
    r"former",
    r"ehemalig",
    r"\bex\b",
    r"\bpast\b",
    r"\blost\b",
    r"cancel",
    r"kündig",
    r"verloren",
    r"inactive",
    r"inaktiv",
    r"abgewandert",
    r"abgelaufen",
    r"expired",
    r"\bended\b",
    r"beendet",
    r"abgebrochen",
    r"storniert",
)
CHURNED = _words(
    r"churn",
    r"former",
    r"ehemalig",
    r"\bex\b",
    r"cancel",
    r"kündig",
    r"abgewandert",
    r"abgelaufen",
    r"expired",
    r"beendet",
    r"storniert",
)
LOST = _words(
    r"\blost\b",
    r"\bbad fit\b",
    r"\bno fit\b",
    r"not a fit",
    r"unqualified",
    r"disqualif",
    r"not interested",
    r"\bno interest",
    r"kein interesse",
    r"verloren",
    r"absage",
    r"abgesagt",
    r"abgelehnt",
    r"rejected",
    r"declined",
    r"\bdead\b",
    r"\bjunk\b",
    r"unpassend",
    r"ungeeignet",
    r"passt nicht",
    r"nicht qualifiziert",
    r"do not contact",
)

RENEWAL = _words(r"renew", r"verlänger", r"erneuer")
EXPANSION = _words(r"expan", r"up-?sell", r"cross-?sell", r"upgrade", r"add-?on", r"erweiter", r"ausbau", r"zusatz")
NOT_SALES = _words(r"partner", r"hiring", r"recruit", r"bewerb", r"personal", r"invest", r"fundrais")
NEW_BUSINESS = _words(r"\bnew\b", r"\bsales\b", r"neu", r"vertrieb", r"verkauf", r"akquis", r"acquisition")

SOURCE = _words(
    r"source", r"quelle", r"herkunft", r"\bkanal\b", r"\bchannel\b", r"origin", r"hear about", r"aufmerksam"
)
OWNER = _words(
    r"owner", r"account manager", r"account executive", r"verantwortlich", r"betreuer", r"inhaber", r"zuständig"
)

DEMO_TITLES = ("demo", "vorführung", "produktvorstellung", "präsentation", "walkthrough", "presentation")
"""Words of the title of a meeting, or the name of an activity, that show the product; the first is the default."""
NO_SHOW = _words(
    r"no[- ]?show", r"nicht erschienen", r"did not (attend|show)", r"cancel", r"abgesagt", r"ausgefallen", r"missed"
)
