-- calendar_version: one value that differs as soon as anything in a district's calendar, or its
-- ladder of supervision, does.
-- Read from the rows themselves, so that it also sees edits made past the application.
SELECT md5(concat_ws('|',
    (SELECT string_agg(concat_ws(',', day, kind, name), ';' ORDER BY day)
       FROM calendar_day WHERE district_code = %(district)s),
    (SELECT string_agg(year::text, ';' ORDER BY year)
       FROM calendar_year WHERE district_code = %(district)s),
    (SELECT string_agg(concat_ws(',', starts, ends), ';' ORDER BY starts)
       FROM working_hours WHERE district_code = %(district)s),
    (SELECT concat_ws(',', remind, leader, supervise, reworks)
       FROM ladder_setting WHERE district_code = %(district)s)))
