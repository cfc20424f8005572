"""Measurements of the pipeline on large accounts."""
