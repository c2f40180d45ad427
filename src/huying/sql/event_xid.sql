-- The number of the transaction that wrote an event. Transactions are numbered as they begin to
-- write and commit in any order: whoever follows the log goes no further than the oldest one that
-- is still open, and so misses none. In every month's table, those to come too. A column's default
-- that is the same for all rows present writes none of them anew.

ALTER TABLE case_event ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE INDEX case_event_xid ON case_event (xid);
