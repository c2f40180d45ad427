-- The database's time, and as many serials as there are new cases: what a case's number and the
-- hash of its first event need before it can be written.
SELECT clock_timestamp(),
       ARRAY(SELECT nextval('case_serial') FROM generate_series(1, %(cases)s::integer))
