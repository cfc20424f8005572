"""Close: reading the CRM's REST API completely, within its limits."""
