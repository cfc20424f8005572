"""Messages to people, for the digest and the alarms: plain text, Slack's blocks, mail, and sending each in one try."""
