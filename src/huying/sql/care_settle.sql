-- Where many people on the care list stand after their visits, or after a rung was climbed: one
-- statement for all of them. They are held by the transaction at hand.
UPDATE care_person SET
    due_on = now_due.due_on,
    why = now_due.why,
    last_on = now_due.last_on,
    misses = now_due.misses,
    rung = now_due.rung,
    climb_on = now_due.climb_on,
    last_seq = now_due.last_seq
FROM unnest(
    %(id)s::uuid[], %(due_on)s::date[], %(why)s::text[], %(last_on)s::date[], %(misses)s::int[],
    %(rung)s::int[], %(climb_on)s::date[], %(last_seq)s::int[]
) AS now_due (id, due_on, why, last_on, misses, rung, climb_on, last_seq)
WHERE care_person.id = now_due.id
