-- A temporary table comes before pg_catalog unless the path names pg_temp, and anyone may make
-- one: with a pg_class of the caller's own, the months would have kept the rights which default
-- privileges give to new tables. Named last, it is looked at last.
ALTER FUNCTION case_event_partitions(integer) SET search_path = pg_catalog, public, pg_temp;
