"""The lake: raw copies of Close's objects, and the tables computed from them, in a DuckLake."""
