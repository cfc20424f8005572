-- The numbers that were computed and are still to be checked; nobody reads them but the checks.
create schema if not exists candidate;
