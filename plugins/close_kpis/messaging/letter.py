"""A mail that a program sends."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP


def letter(subject: str, sender: str, recipient: str, message_id: str, text: str) -> EmailMessage:
    """Return a mail of plain text to one recipient.

    Args:
        subject: its subject, one line.
        sender: the address that it is from, as the SMTP connection names it.
        recipient: an address.
        message_id: its ``Message-ID``.
        text: what it says.
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    message["From"] = sender
    message["To"] = recipient
    message["Message-ID"] = message_id
    # What answers by itself, such as a note of absence, does not answer this. Source: RFC 3834, 5.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message
