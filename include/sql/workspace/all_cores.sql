-- Queries run on as many threads as there are cores; a connection begins with one.
reset threads;
