"""What the Summary tab and the digest tell of the KPI tables: headline figures, what changed, what to mend."""
