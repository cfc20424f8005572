-- Queries run on one thread again: from here on they are small.
set threads = 1;
