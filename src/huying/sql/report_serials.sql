-- The database's time, and as many serials as there are new cases: what a case's number and the
-- hash of its first event need before it can be written.
SELECT clock_timestamp(),
       -- The subselect hides the count from the planner, which would else plan for each anew.
       ARRAY(SELECT nextval('case_serial') FROM generate_series(1, (SELECT %(cases)s::integer)))
