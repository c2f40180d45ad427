-- The emergencies that nobody has taken, of all areas, the newest first: confirmed, or by their words
-- while the desk has not decided against them; no unit has the case, no team is on its way or called.
-- Every web process asks it four times a second, as long as any desk has a page open.
SELECT number, area_code, coalesce(nullif(item_code, ''), suggested_item), received_at
FROM "case"
WHERE state IN ('reported', 'accepted') AND (emergency OR NOT emergency_words = '') AND alarms
    AND NOT (state = 'accepted' AND NOT emergency)
    AND NOT EXISTS (
        SELECT FROM alarm
        WHERE alarm.case_id = "case".id AND missed_at IS NULL AND ended_at IS NULL
    )
ORDER BY received_at DESC
LIMIT %(most)s
