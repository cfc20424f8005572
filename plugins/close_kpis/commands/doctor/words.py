"""The words by which statuses, pipelines, fields and meetings are recognised.

In English, German, Spanish, Portuguese, French and Russian. They only propose: each choice is printed with its reason,
what the records show outweighs a name, and what no word decides is left open.
"""

from __future__ import annotations

import re
import unicodedata


def says(pattern: re.Pattern[str], name: str | None) -> bool:
    """Say whether a name has a word of a pattern; letters with accents are the same however they are put together."""
    return pattern.search(unicodedata.normalize("NFKC", name or "")) is not None


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


TRIAL = _words(
    *(r"trial", r"\bpilot", r"\bpoc\b"),
    *(r"\btest(phase|zeit|zeitraum|zugang|kunden?|version|er|s)?\b", r"\bprobe"),
    *(r"\bprueba", r"\bteste\b", r"\bessai", r"\bпробн", r"\bтест", r"\bпилот", r"\bтриал"),
)
CUSTOMER = _words(
    *(r"customer", r"\bclients?\b", r"subscriber", r"\bpaying\b"),
    *(r"kund(e|en|in|innen)\b", r"abonnent", r"zahlend"),
    *(r"\bclientes?\b", r"suscriptor", r"assinante", r"abonné", r"\bклиент", r"подписчик", r"платящ"),
)
NOT_YET = _words(
    *(r"potential", r"prospect", r"future", r"\b(no|not)\b", r"\blead\b"),
    *(r"potenziell", r"künftig", r"wunsch", r"\b(kein|keine|nicht)\b"),
    *(r"potencia(l|is|les)\b", r"\bfutur", r"\bposibles?\b", r"\bpossíve(l|is)\b", r"\b(não|nao|sin|sem)\b"),
    *(r"potentiel", r"\b(pas|sans|non)\b", r"потенциальн", r"будущ", r"возможн", r"\bне\b"),
)
ENDED = _words(
    *(r"churn", r"former", r"\bex\b", r"\bpast\b", r"\blost\b", r"cancel", r"inactive", r"expired", r"\bended\b"),
    *(r"ehemalig", r"kündig", r"verloren", r"inaktiv", r"abgewandert", r"abgelaufen", r"beendet", r"abgebrochen"),
    *(r"storniert", r"\bperdid[oa]s?\b", r"\bantigu[oa]s?\b", r"\bantig[oa]s?\b", r"ina(c)?tiv[oa]", r"\bbaja\b"),
    *(r"caducad", r"expirad", r"vencid[oa]", r"finalizad", r"encerrad", r"terminad", r"\bancien", r"\bperdue?s?\b"),
    *(r"résili", r"désabonn", r"annulé", r"inactif", r"expiré", r"terminé", r"бывш", r"отток", r"ушед", r"уш[её]л"),
    *(r"потерян", r"отмен", r"неактивн", r"ист[её]к", r"расторг", r"отказ", r"закончил"),
)
CHURNED = _words(
    *(r"churn", r"former", r"\bex\b", r"cancel", r"expired"),
    *(r"ehemalig", r"kündig", r"abgewandert", r"abgelaufen", r"beendet", r"storniert"),
    *(r"^bajas?\b", r"\bde baja\b", r"caducad", r"expirad", r"résili", r"désabonn", r"expiré", r"\bancien(ne)?s?\b"),
    *(r"бывш", r"отток", r"ушед", r"уш[её]л", r"расторг", r"отписал"),
)
LOST = _words(
    *(r"\blost\b", r"\bbad fit\b", r"\bno fit\b", r"not a fit", r"unqualified", r"disqualif", r"not interested"),
    *(r"\bno interest", r"rejected", r"declined", r"\bdead\b", r"\bjunk\b", r"do not contact"),
    *(
        r"kein interesse",
        r"verloren",
        r"absage",
        r"abgesagt",
        r"abgelehnt",
        r"unpassend",
        r"ungeeignet",
        r"passt nicht",
    ),
    *(r"nicht qualifiziert", r"\bperdid[oa]s?\b", r"descartad", r"no interesad", r"sin interés", r"no (cu|c)alificad"),
    *(
        r"des(cu|c|qu)alificad",
        r"rechazad",
        r"não interessad",
        r"sem interesse",
        r"não qualificad",
        r"recusad",
        r"rejeitad",
    ),
    *(
        r"\bperdue?s?\b",
        r"pas intéressé",
        r"sans intérêt",
        r"non qualifié",
        r"refusé",
        r"rejeté",
        r"потерян",
        r"проигра",
    ),
    *(r"отказ", r"не ?интерес", r"нецелев", r"не ?квалифиц", r"не подход", r"\bмусор", r"отклон"),
)

RENEWAL = _words(
    *(r"renew", r"verlänger", r"erneuer", r"renovaci", r"renova[çc]", r"renouvel", r"reconduc", r"продлен", r"пролонг"),
)
EXPANSION = _words(
    *(r"expan", r"up-?sell", r"cross-?sell", r"upgrade", r"add-?on", r"erweiter", r"ausbau", r"zusatz"),
    *(r"ampliaci", r"amplia[çc]", r"ven[td]as? cruzada", r"ven[td]as? adiciona", r"ventes? (croisée|additionnelle)"),
    *(r"montée en gamme", r"расшир", r"до-?продаж", r"доп\.? ?продаж", r"кросс", r"апсел", r"апгрейд"),
)
NOT_SALES = _words(
    *(r"partner", r"hiring", r"recruit", r"invest", r"fundrais", r"bewerb", r"personal"),
    *(
        r"\bsocios?\b",
        r"contrataci",
        r"reclutamiento",
        r"\binversi",
        r"parceir",
        r"parceria",
        r"contrataç",
        r"recrutamento",
    ),
    *(r"partenari", r"partenaire", r"recrutement", r"embauche", r"candidat", r"levée de fonds"),
    *(r"партн[её]р", r"\bна[её]м", r"\bнайм", r"рекрут", r"ваканс", r"инвест"),
)
NEW_BUSINESS = _words(
    *(r"\bnew\b", r"\bsales\b", r"acquisition", r"neu", r"vertrieb", r"verkauf", r"akquis"),
    *(r"\bnuev[oa]s?\b", r"\bventas?\b", r"adquisici", r"captaci", r"\bnov[oa]s?\b", r"\bvendas?\b", r"aquisiç"),
    *(r"\bnouve(au|aux|lle|lles)\b", r"\bventes?\b", r"\bнов(ый|ые|ая|ое|ых)\b", r"\bпродаж", r"привлечен"),
)

SOURCE = _words(
    *(r"source", r"\bchannel\b", r"origin", r"hear about", r"quelle", r"herkunft", r"\bkanal\b", r"aufmerksam"),
    *(r"\bfuente", r"\borigen", r"\bcanal\b", r"nos conoci", r"\borigem", r"\bfonte\b", r"nos conhec"),
    *(r"provenance", r"connu(s)?\b", r"источник", r"\bканал", r"откуда"),
)
OWNER = _words(
    *(r"owner", r"account manager", r"account executive", r"verantwortlich", r"betreuer", r"inhaber", r"zuständig"),
    *(r"propietari", r"responsable", r"ejecutiv[oa] de cuenta", r"proprietári", r"responsável", r"gestor"),
    *(r"propriétaire", r"chargée? de compte", r"titulaire", r"ответственн", r"владелец", r"менеджер"),
)

DEMO_TITLES = (
    *("demo", "walkthrough", "presentation", "vorführung", "produktvorstellung", "präsentation"),
    *("presentación", "apresentação", "démo", "présentation", "демо", "презентац"),
)
"""Words of the title of a meeting, or the name of an activity, that show the product; the first is the default."""
NO_SHOW = _words(
    *(r"no[- ]?show", r"did not (attend|show)", r"cancel", r"missed"),
    *(r"nicht erschienen", r"abgesagt", r"ausgefallen", r"no (se )?(present|asisti|acudi)", r"\bausente"),
    *(r"não compareceu", r"\bfaltou", r"pas (venu|présenté)", r"\babsent", r"annulé", r"не приш", r"не яв", r"неявк"),
    *(r"отмен", r"не состоя"),
)

SAME_SOURCES = (
    frozenset({
        "web",
        "website",
        "homepage",
        "webseite",
        "site",
        "internet",
        "sitioweb",
        "paginaweb",
        "siteweb",
        "сайт",
    }),
    frozenset({"referral", "recommendation", "empfehlung", "recomendacion", "indicacao", "recommandation"}),
    frozenset({"event", "tradeshow", "messe", "feria", "salon", "evento", "conference"}),
    frozenset({"phone", "call", "coldcall", "telefon", "telefono", "telefone", "telephone"}),
    frozenset({"ad", "ads", "advertising", "paid", "paidads", "werbung", "anzeige", "publicidad", "publicite"}),
)
"""Names that may mean one source; without spaces, signs and accents."""
