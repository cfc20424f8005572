"""Secrets in texts: the one place that knows them, in every form in which they can come back."""

from __future__ import annotations

import html
import json
import re
import sys
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MASK = "***"
SHORTEST = 5
"""Characters of a secret from which on it is masked wherever it stands: a shorter one is part of many a word, and is
masked where a password is named. Source: airflow/sdk/_shared/secrets_masker, ``min_length_to_mask``."""

SHORTEST_LINE = 16
"""Characters of a line of a longer secret from which on it is a secret itself."""

_VALUE = r"""(?:'(?:[^'\\]|\\.|'')*'?|"(?:[^"\\]|\\.)*"?|[^\s,;&)}\]'"]+)"""
_SECRET_NAMES = (
    r"(?:ssl)?password|passwd|pwd|(?:client_|s3_)?secret|api[_-]?key|(?:access_|refresh_|id_)?token|private_key(?:_id)?"
)

_PLACES = (
    # libpq's and DuckDB's options, queries of addresses.
    (re.compile(rf"(?i)\b({_SECRET_NAMES})(\s*=\s*){_VALUE}"), rf"\1\2{MASK}"),
    # JSON, and Python's dicts.
    (re.compile(rf"""(?i)(["'](?:{_SECRET_NAMES})["'])(\s*:\s*){_VALUE}"""), rf"\1\2{MASK}"),
    # An address of PostgreSQL, whose password may hold what has to be percent-encoded there, and is not.
    (re.compile(r"""(?i)\b(postgres(?:ql)?(?:\+\w+)?://)[^\s"'<>]*@"""), rf"\1{MASK}@"),
    (re.compile(r"""(://)[^\s/"'<>@]+@"""), rf"\1{MASK}@"),
    (re.compile(r"""(?i)(authorization["']?\s*[:=]\s*["']?(?:basic|bearer)\s+)[^\s"',;]+"""), rf"\1{MASK}"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), MASK),
    (re.compile(r"\bxox[a-z]-[\w-]+|\bxapp-[\w-]+"), MASK),
    (re.compile(r"(?i)(https://hooks\.slack\.com/)[^\s\"'<>]+"), rf"\1{MASK}"),
    (re.compile(r"\bapi_[A-Za-z0-9]{12,}\.[A-Za-z0-9]{12,}"), MASK),
)
"""Where a secret stands that nobody has told us of, and what is shown instead."""

_SENSITIVE = re.compile(rf"(?i)(?:{_SECRET_NAMES}|keyfile_dict|s3_key_id)$")
"""Names of the extras of a connection whose values are secret."""

_kept: list[str] = []
"""The longest first: a part of a secret that is one itself would leave the rest."""


def keep_secret(*secrets: str | None) -> None:
    """Mask secrets from here on in all that passes `masked`, and in Airflow's logs: quoted, escaped or encoded, too.

    Args:
        secrets: as they are; None and empty ones say that there is none.
    """
    new = {form for secret in secrets if secret for form in _forms(secret)}.difference(_kept)
    if not new:
        return
    _kept.extend(new)
    _kept.sort(key=len, reverse=True)
    # Where nobody has loaded Airflow there are no logs of its.
    if "airflow.sdk" in sys.modules:
        from airflow.sdk.log import mask_secret

        # It compiles what it knows anew with each text, so a key of many lines is one to it.
        keys = [form for secret in secrets if secret and "\n" in secret for form in (secret, *_escaped(secret))]
        mask_secret([*keys] if keys else [*sorted(new)])


def keep_connection(password: str | None, extra: Mapping[str, Any]) -> None:
    """Mask what is secret of an Airflow connection: its password, and the extras whose names say so.

    Args:
        password: of the connection.
        extra: of the connection, parsed; a value may be a JSON object as text.
    """
    keep_secret(password, *_sensitive(extra, is_sensitive=False))


def masked(text: str) -> str:
    """Return a text with `MASK` for each secret in it: those kept, and what stands where secrets do."""
    for secret in _kept:
        text = text.replace(secret, MASK)
    for place, shown in _PLACES:
        text = place.sub(shown, text)
    return text


def _sensitive(value: Any, *, is_sensitive: bool) -> Iterator[str]:
    """Yield the texts of an extra that are secret; in a key's JSON only the fields that are, not its addresses."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            # No JSON after all: it may be half a key.
            if is_sensitive:
                yield value
            return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _sensitive(inner, is_sensitive=bool(_SENSITIVE.search(name.rpartition("__")[2])))
    elif is_sensitive and isinstance(value, str):
        yield value


def _forms(secret: str) -> Iterator[str]:
    """Yield how a secret can be written: as it is, quoted, escaped, as the user name of a Basic header, encoded.

    Of a key of several lines each line is one, however their ends are written.
    """
    lines = [line.strip() for line in secret.splitlines()]
    is_key = len(lines) > 1
    for one in lines if is_key else {secret, secret.strip()}:
        if is_key and (len(one) < SHORTEST_LINE or one.startswith("-----")):
            continue
        for form in {one} if is_key else {one, *_escaped(one), *_based(one)}:
            quoted = {quote(form, safe=""), quote(form), quote_plus(form)}
            lower = {re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text) for text in quoted}
            yield from (text for text in {form, *quoted, *lower} if len(text) >= SHORTEST)


def _escaped(secret: str) -> Iterator[str]:
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    yield html.escape(secret)
    yield unquote(secret)
    # A literal of SQL, and of libpq.
    yield secret.replace("'", "''")
    yield secret.replace("\\", "\\\\").replace("'", "\\'")


def _based(secret: str) -> Iterator[str]:
    """Yield a secret in base64: alone, and as a user name without a password, with padding and without."""
    for data in (secret.encode(errors="replace"), f"{secret}:".encode(errors="replace")):
        for encoded in (b64encode(data).decode(), urlsafe_b64encode(data).decode()):
            yield encoded
            yield encoded.rstrip("=")
