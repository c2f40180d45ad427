-- The pages that were heard of lately, with the cases on them, and how long ago it was.
SELECT page.tab, "case".number, page.account_id, account.name, page.doing, page.opened_at,
       clock_timestamp() - page.seen_at
FROM presence page
JOIN account ON account.id = page.account_id
JOIN "case" ON "case".id = page.case_id
WHERE page.seen_at > clock_timestamp() - %(gone_after)s::interval
