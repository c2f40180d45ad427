-- Fills the bench database: %(rows)s cases of the last two years, each with an event, a text, a
-- lead party and an order. A filler's event log is no chain (its hashes are noise) and says only
-- that rows are there; the cases that a benchmark makes itself are whole.
-- Streets and troubles recur as they do in a town: some every day, the last ones hardly ever.
-- %(open)s in a thousand are open, %(due)s of those are due now.
CREATE TEMP TABLE filler ON COMMIT DROP AS
SELECT
    gen_random_uuid() AS id,
    n,
    g.code AS grid,
    left(g.code, 9) AS town,
    (SELECT array_agg(u.id) FROM unit u WHERE u.area_code = left(g.code, 9)
        AND u.kind = 'department') AS units,
    n %% 1000 < %(open)s AS is_open,
    now() - make_interval(secs => (%(rows)s - n) * 63.0) AS received,
    (ARRAY['兴业大道', '市莲路', '长堤路', '清河东路', '德兴路', '岐山中路', '富华西路', '大北路',
           '捷进中路', '盛泰路', '汉溪大道', '迎宾路', '西丽南路', '光明北路', '桥兴大道', '万丰街'
    ])[width_bucket(power(n::bigint * 7919 %% 10007 / 10007.0, 3), 0, 1, 16)] AS street,
    (ARRAY['xydd', 'sll', 'zdl ctl', 'qhdl', 'dxl', 'qszl', 'fhxl', 'dbl', 'jjzl', 'stl', 'hxdd',
           'ybl', 'xlnl', 'gmbl', 'qxdd', 'wfj'
    ])[width_bucket(power(n::bigint * 7919 %% 10007 / 10007.0, 3), 0, 1, 16)] AS street_initials,
    (ARRAY['门口的路灯坏了，晚上很黑，请派人来修', '有人占道经营，烧烤油烟很大', '垃圾堆了三天没人清，臭味很大',
           '楼上装修到半夜，吵得没法睡', '消防通道停满了电动车', '路面塌了一个坑，车都绕着走',
           '井盖不见了，老人小孩经过很危险', '工地扬尘，窗户都不敢开', '流浪狗追人，小孩不敢上学',
           '水管爆了，路上全是水', '有股煤气味，不敢开火', '出租屋飞线充电', '河涌发黑发臭',
           '广告牌松动，风一吹就响', '独居老人两天没出门，请去看看', '有人在绿化带里种菜',
           '树枝压着电线', '夜间有人收购赃车', '池塘边没有护栏', '发现一窝马蜂'
    ])[width_bucket(power(n::bigint * 104729 %% 100003 / 100003.0, 3), 0, 1, 20)] AS trouble
FROM generate_series(1, %(rows)s) AS n
JOIN (SELECT code, row_number() OVER (ORDER BY code) AS number, count(*) OVER () AS many
      FROM grid) AS g ON g.number = n %% g.many + 1;

INSERT INTO "case" (
    id, district_code, number, state, channel, kind, level, item_code, item_version_id,
    holder_code, area_code, grid_code, address, lon, lat, received_at, accepted_at,
    dispatched_at, desk_since, handle_due, due_at, wake_at, ended_at, lead_unit_id,
    last_seq, last_hash, changed_at
)
SELECT
    filler.id, '440113', town || to_char(received, 'YYYYMMDD') || lpad((50000000 + n)::text, 8, '0'),
    CASE WHEN is_open THEN 'handling' WHEN n %% 400 = 1 THEN 'merged' ELSE 'closed' END,
    CASE WHEN n %% 3 = 0 THEN 'hotline' WHEN n %% 1000 = 1 THEN 'walk_in' ELSE 'patrol' END, 'complex', 'town',
    v.item_id, v.id, town, grid, grid, street || n %% 900 || '号', 113.3 + n %% 997 / 5000.0,
    22.9 + n %% 991 / 5000.0, received, received + interval '9 minutes',
    received + interval '20 minutes', received, received + interval '3 days',
    CASE WHEN is_open THEN now() + make_interval(secs => n %% 86400 + 3600) END,
    CASE WHEN is_open THEN
        CASE WHEN n %% 1000000 < %(due)s THEN now() - make_interval(secs => n %% 3600 + 1)
             ELSE now() + make_interval(secs => n %% 86400 + 3600) END END,
    CASE WHEN is_open THEN NULL ELSE received + interval '2 days' END,
    units[n %% cardinality(units) + 1], 4, decode(repeat('5a', 32), 'hex'), received
FROM filler
JOIN (SELECT id, item_id, row_number() OVER (ORDER BY id) AS number, count(*) OVER () AS many
      FROM item_version) AS v ON v.number = n %% v.many + 1;

INSERT INTO case_event (
    case_id, seq, written_at, at, district_code, verb, actor_kind, to_state, data, prev, hash
)
SELECT c.id, e.seq, now(), c.received_at, '440113', e.verb, 'system', e.state,
       -- What the sums learn from an event, should they ever come to the case.
       CASE e.seq
           WHEN 1 THEN jsonb_build_object(
               'area', c.area_code, 'holder', c.holder_code, 'channel', c.channel)
           WHEN 2 THEN jsonb_build_object('item', c.item_code, 'version', v.version)
           WHEN 3 THEN jsonb_build_object('unit', c.lead_unit_id)
           ELSE '{}'
       END,
       decode(repeat('5a', 32), 'hex'), decode(repeat('5a', 32), 'hex')
FROM filler
JOIN "case" c USING (id)
JOIN item_version v ON v.id = c.item_version_id,
     (VALUES (1, 'report', 'reported'), (2, 'accept', 'accepted'),
             (3, 'dispatch', 'dispatched'), (4, 'sign_for', 'handling')
     ) AS e (seq, verb, state);

INSERT INTO case_text (id, case_id, district_code, kind, seq, body, salt, digest)
SELECT gen_random_uuid(), id, '440113', 'description', 1,
       street || n %% 900 || '号' || trouble || '，工单' || n, decode(repeat('5a', 16), 'hex'),
       decode(repeat('5a', 32), 'hex')
FROM filler;

INSERT INTO case_party (id, case_id, district_code, part, unit_id, since_seq)
SELECT gen_random_uuid(), id, '440113', 'lead', units[n %% cardinality(units) + 1], 3 FROM filler;

INSERT INTO dispatch_order (
    id, case_id, district_code, unit_id, part, dispatched_at, suggested, signed_at, return_reason,
    ended_at
)
SELECT gen_random_uuid(), id, '440113', units[n %% cardinality(units) + 1], 'lead', received,
       true, received, '', CASE WHEN is_open THEN NULL ELSE received END
FROM filler;

INSERT INTO case_address_words (case_id, district_code, words)
SELECT id, '440113', street || n %% 900 || E'号\n' || street_initials || n %% 900 || 'h' FROM filler;
