-- A page has a case on it; nobody else's page is written over.
INSERT INTO presence AS page (tab, case_id, account_id, doing, opened_at, seen_at)
VALUES (%(tab)s, %(case)s, %(account)s, %(doing)s, clock_timestamp(), clock_timestamp())
ON CONFLICT (tab) DO UPDATE SET
    case_id = excluded.case_id, doing = excluded.doing, seen_at = excluded.seen_at,
    opened_at = CASE WHEN page.case_id = excluded.case_id
                     THEN page.opened_at ELSE excluded.opened_at END
WHERE page.account_id = excluded.account_id
RETURNING true
