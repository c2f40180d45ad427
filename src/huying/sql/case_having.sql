-- Which parts a case has at all, for its page: most have hardly any, and this is one question where
-- asking for each would be twenty. Each is looked up in an index; the order is that of `Having`.
-- Levels 5 and 6 are the plates and buildings of the registers, as in their own index.
SELECT
    EXISTS (SELECT FROM case_answers WHERE case_id = %(case)s) AS answers,
    EXISTS (SELECT FROM case_contact WHERE case_id = %(case)s AND NOT party) AS contacts,
    EXISTS (
        SELECT FROM case_party WHERE case_id = %(case)s AND until_seq IS NULL
        AND part NOT IN ('reporter', 'lead', 'assist')
    ) AS parties,
    EXISTS (SELECT FROM suspension WHERE case_id = %(case)s) AS pauses,
    EXISTS (SELECT FROM hold WHERE case_id = %(case)s AND cleared_at IS NULL) AS holds,
    EXISTS (SELECT FROM "case" WHERE merged_into_id = %(case)s) AS merged,
    EXISTS (SELECT FROM "case" WHERE parent_id = %(case)s) AS subs,
    EXISTS (SELECT FROM dispatch_order WHERE case_id = %(case)s AND part = 'assist') AS parts,
    EXISTS (SELECT FROM outside_ask WHERE case_id = %(case)s) AS asks,
    EXISTS (SELECT FROM handling_record WHERE case_id = %(case)s) AS records,
    EXISTS (SELECT FROM supervision WHERE case_id = %(case)s) AS supervisions,
    EXISTS (SELECT FROM alarm WHERE case_id = %(case)s) AS alarms,
    EXISTS (SELECT FROM whistle WHERE case_id = %(case)s) AS whistles,
    EXISTS (SELECT FROM task_case WHERE case_id = %(case)s) AS task,
    EXISTS (SELECT FROM patrol_case WHERE case_id = %(case)s) AS patrol,
    EXISTS (SELECT FROM care_case WHERE case_id = %(case)s) AS visit,
    EXISTS (SELECT FROM watch_mark WHERE case_id = %(case)s AND area_code = %(area)s) AS watch,
    EXISTS (
        SELECT FROM register_address
        WHERE community_code = %(community)s AND level IN (5, 6) AND valid_until IS NULL
    ) AS buildings
