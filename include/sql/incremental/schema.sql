-- The staging models of a large lake, kept lead by lead from one computation to the next: nobody reads them but the next one.
create schema if not exists incremental;
