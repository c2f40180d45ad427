-- What one person did on one day, for the workbench. In every month's table, those to come too:
-- they are made like the parent. Connected systems are left out: they write the most events, and
-- nobody asks for their day.

CREATE INDEX case_event_by_actor ON case_event (actor_id, at) WHERE actor_kind = 'account';
