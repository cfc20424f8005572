"""Google's side: credentials, the connection, the transport."""
