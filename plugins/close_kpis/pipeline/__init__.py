"""The pipeline's steps, one module each: what the DAGs' tasks call."""
