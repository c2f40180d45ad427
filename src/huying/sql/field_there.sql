-- Which parts of what a phone keeps there are at all for an account in an area. Each is asked for by
-- its own question only where this says so: most grids have few of them, and the parts themselves
-- decide who may see what.
SELECT
    EXISTS (
        SELECT FROM grid_task
        WHERE grid_code LIKE %(inside)s AND (state = 'open' OR done_at > %(lately)s)
    ) AS tasks,
    EXISTS (SELECT FROM patrol_place WHERE grid_code LIKE %(inside)s AND removed_at IS NULL)
        AS places,
    EXISTS (
        SELECT FROM care_person
        WHERE (area_code LIKE %(inside)s OR worker_id = %(account)s) AND ended_on IS NULL
    ) AS people,
    EXISTS (SELECT FROM survey WHERE state = 'open' AND district_code = %(district)s) AS surveys,
    EXISTS (
        SELECT FROM survey_target target JOIN survey ON survey.id = target.survey_id
        WHERE survey.state = 'open' AND target.area_code LIKE %(inside)s
    ) OR EXISTS (
        SELECT FROM survey_entry WHERE area_code LIKE %(inside)s AND valid_until IS NULL
    ) OR EXISTS (
        SELECT FROM survey_grid grid JOIN survey ON survey.id = grid.survey_id
        WHERE survey.state = 'open' AND grid.grid_code = %(area)s
    ) AS entered,
    EXISTS (SELECT FROM notice WHERE account_id = %(account)s) AS notices,
    (SELECT count(*) FROM notice WHERE account_id = %(account)s AND read_at IS NULL) AS unread,
    EXISTS (
        SELECT FROM team_turn turn JOIN team_member member ON member.id = turn.member_id
        WHERE member.account_id = %(account)s AND turn.ends_at > %(now)s
    ) AS turns,
    (
        SELECT began_at FROM duty_span
        WHERE account_id = %(account)s AND ended_at IS NULL
          AND began_at <= %(now)s AND ends_by > %(now)s
        LIMIT 1
    ) AS on_duty_since
