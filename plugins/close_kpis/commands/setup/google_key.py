"""The steps that take the Google account and the spreadsheet."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from close_kpis import links
from close_kpis.accounts import Account
from close_kpis.commands.doctor.findings import check_sheets
from close_kpis.commands.setup.connection import connection
from close_kpis.commands.setup.terminal import ask, say
from close_kpis.standalone.env_file import google_connection, replace_file
from close_kpis.workbook.google.credentials import account_name, credentials, read_extras
from close_kpis.workbook.google.errors import SheetsConfigError

if TYPE_CHECKING:
    from close_kpis.standalone.env_file import EnvFile

SCREENS = """Google writes on behalf of a service account. Four screens, in the order in which they follow:
  1. a project, a new one or yours       https://console.cloud.google.com/projectcreate
  2. its Google Sheets API: Enable       https://console.cloud.google.com/apis/library/sheets.googleapis.com
  3. Create service account; any name,   https://console.cloud.google.com/iam-admin/serviceaccounts/create
     no role, nobody else has access
  4. the account > Keys > Add key >      https://console.cloud.google.com/iam-admin/serviceaccounts
     Create new key > JSON: the browser saves a file"""

KEY = "secrets/google-key.json"
MOST_BYTES = 100_000
"""A key has some 2,400 bytes."""

_EMAILS = re.compile(r"[\w.-]+@[\w.-]+\.\w+", re.ASCII)


def take_google_account(env: EnvFile) -> str:
    """Ask for a key file until one can be used, and keep a copy of it; one that is there and can be is kept.

    Returns:
        The e-mail address to share the spreadsheet with.

    Raises:
        EOFError, KeyboardInterrupt: the user gave up.
        OSError: the key cannot be stored.
    """
    values = env.values()
    if values.get("GOOGLE_KEY_FILE") and (env.folder / values["GOOGLE_KEY_FILE"]).exists():
        try:
            account = _account(values, env.folder)
        except SheetsConfigError as error:
            say(f"FAILED  Google, with {values['GOOGLE_KEY_FILE']}: {error}")
        else:
            say(f"ok      Google: {account}, with the key in {values['GOOGLE_KEY_FILE']}")
            return account
    say(SCREENS)
    say(
        "No keys in your organisation? Type i: a service account is impersonated, by another key or by\n"
        "~/.config/gcloud/application_default_credentials.json, which gcloud auth application-default login makes."
    )
    chain = ""
    while True:
        said = ask("Path of the file" if chain else "Path of the key file, or i")
        if said.lower() == "i" and not chain:
            chain = _ask_chain()
            continue
        path = _path(said)
        try:
            text = _read(path)
            draft = {**values, "GOOGLE_KEY_FILE": str(path.resolve()), "GOOGLE_IMPERSONATION_CHAIN": chain}
            account = _account(draft, env.folder)
        except (OSError, SheetsConfigError, UnicodeDecodeError) as error:
            said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            say(f"FAILED  {path}: {'no text' if isinstance(error, UnicodeDecodeError) else said}")
            continue
        _keep(env.folder, text)
        kept = "" if path.resolve() == (env.folder / KEY).resolve() or chain else f". {path} is not needed any more"
        changed = {"GOOGLE_KEY_FILE": f"./{KEY}"}
        if chain or values.get("GOOGLE_IMPERSONATION_CHAIN"):
            changed["GOOGLE_IMPERSONATION_CHAIN"] = chain
        env.save(changed)
        say(f"ok      Google: {account}; the key is in {KEY}{kept}")
        return account


def take_spreadsheet(env: EnvFile, account: str, named: str | None) -> None:
    """Ask for a spreadsheet until it can be written, and store its id; one that is there and can be is kept.

    Args:
        env: where it is stored.
        account: whom it must be shared with.
        named: the spreadsheet that the settings name, which counts before the connection's.

    Raises:
        EOFError, KeyboardInterrupt: the user gave up.
    """
    values = env.values()
    wanted = named or links.spreadsheet_id(values.get("SPREADSHEET_ID", ""))
    if wanted and _can_write(env, wanted):
        if values.get("SPREADSHEET_ID") != wanted:
            env.save({"SPREADSHEET_ID": wanted})
        return
    if named:
        say("  It is the one that kpis.yaml names as workbook.spreadsheet_id, which counts.")
    else:
        say("Create a spreadsheet, https://sheets.new: a service account owns none.")
    say(f"In it press Share, and give the role Editor to\n\n    {account}\n")
    while True:
        again = ", or Enter to try again" if wanted else ""
        said = "" if named else ask(f"Address or id of the spreadsheet{again}")
        if named:
            ask("Enter when it is shared")
        if said:
            wanted = links.spreadsheet_id(said)
        if not wanted:
            say(
                "  That is neither: copy the whole address from the browser, https://docs.google.com/spreadsheets/d/..."
            )
        elif _can_write(env, wanted):
            env.save({"SPREADSHEET_ID": wanted})
            return


def _can_write(env: EnvFile, spreadsheet_id: str) -> bool:
    fields = google_connection({**env.values(), "SPREADSHEET_ID": spreadsheet_id}, env.folder)
    with connection(Account().sheets_conn, fields) as conn_id:
        finding = check_sheets(conn_id, spreadsheet_id, is_written=True)
    say(f"{'ok    ' if finding.works else 'FAILED'}  Spreadsheet: {finding.said}")
    return finding.works


def _account(values: dict[str, str], folder: Path) -> str:
    """Return whom the spreadsheet is to be shared with.

    Raises:
        SheetsConfigError: the credentials cannot be used.
    """
    extras = read_extras(google_connection(values, folder)["extra"], Account().sheets_conn)
    return account_name(credentials(extras, Account().sheets_conn), Account().sheets_conn)


def _ask_chain() -> str:
    while True:
        chain = ask("E-mail address of the service account (delegates before it, with commas between)")
        emails = [part.strip() for part in chain.split(",")]
        if all(_EMAILS.fullmatch(email) for email in emails):
            return ",".join(emails)
        say("  An e-mail address, such as kpis@your-project.iam.gserviceaccount.com.")


def _path(said: str) -> Path:
    """Return the path of what was typed, or dropped into the terminal, which quotes or escapes it."""
    try:
        [one] = shlex.split(said)
    except ValueError:
        one = said
    return Path(one or ".").expanduser()


def _read(path: Path) -> str:
    """Return the text of a key file.

    Raises:
        OSError: it cannot be read.
        SheetsConfigError: it is too large to be a key.
    """
    if path.stat().st_size > MOST_BYTES:
        raise SheetsConfigError("it is too large to be a key")
    return path.read_text(encoding="utf-8")


def _keep(folder: Path, text: str) -> None:
    """Keep a copy of a key where git and the image ignore it.

    Nobody else gets into the folder; in a container, which sees the file alone, another user has to read it.
    """
    secrets = (folder / KEY).parent
    secrets.mkdir(mode=0o700, exist_ok=True)
    secrets.chmod(0o700)
    replace_file(folder / KEY, text, mode=0o644)
