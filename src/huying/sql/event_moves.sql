-- The few steps that move a case between the levels, or decide above a desk: what a desk passed on
-- in a month is found without a look at all that happened in it. In every month's table, those to
-- come too.

CREATE INDEX case_event_moves ON case_event (at)
    WHERE verb IN ('escalate', 'send_down', 'arbitrate');
