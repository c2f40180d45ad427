-- Fills the bench database with %(people)s people, a third as many dwellings, twenty to a building,
-- twelve buildings to a street, in all grids. What is sealed is noise as long as the real thing,
-- and so are the marks: whom the benchmark looks for it registers itself. Every 1300th person has
-- one frequent name, whose mark is %(common)s. Ids follow from numbers, so that nothing is joined.
CREATE TEMP TABLE places ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY code) - 1 AS number, count(*) OVER () AS many, code,
    (outline #>> '{coordinates,0,0,0}')::float AS lon, (outline #>> '{coordinates,0,0,1}')::float AS lat
FROM grid WHERE outline ->> 'type' = 'Polygon';

CREATE TEMP TABLE streets ON COMMIT DROP AS
SELECT s AS n, md5('s' || s)::uuid AS id, p.code, p.lon, p.lat,
    (ARRAY['兴业大道', '市莲路', '长堤路', '清河东路', '德兴路', '岐山中路', '富华西路', '大北路',
           '捷进中路', '盛泰路', '汉溪大道', '迎宾路', '西丽南路', '光明北路', '桥兴大道', '万丰街'
    ])[s %% 16 + 1] || s / 16 || '巷' AS name,
    (ARRAY['xydd', 'sll', 'cdl', 'qhdl', 'dxl', 'qszl', 'fhxl', 'dbl', 'jjzl', 'stl', 'hxdd',
           'ybl', 'xlnl', 'gmbl', 'qxdd', 'wfj'])[s %% 16 + 1] || s / 16 || 'x' AS spelt
FROM generate_series(0, %(people)s / 720) AS s
JOIN places AS p ON p.number = s %% p.many;

INSERT INTO register_address (
    id, district_code, area_code, valid_from, source, made_at, version, community_code, parent_id,
    level, name, full_name, words, building_id, lon, lat
)
SELECT id, left(code, 6), left(code, 12), date '2020-01-01', 'import', now(), 1, left(code, 12), NULL::uuid,
    4, name, name, name || E'\n' || spelt, NULL::uuid, NULL::float, NULL::float
FROM streets
UNION ALL
SELECT md5('b' || b)::uuid, left(code, 6), code, date '2020-01-01', 'import', now(), 1, left(code, 12),
    id, 5, b %% 12 * 2 + 1 || '号', name || b %% 12 * 2 + 1 || '号',
    name || b %% 12 * 2 + 1 || E'号\n' || spelt || b %% 12 * 2 + 1 || 'h', md5('b' || b)::uuid,
    lon + b %% 97 / 50000.0, lat + b %% 89 / 50000.0
FROM generate_series(0, %(people)s / 60) AS b JOIN streets ON n = b / 12
UNION ALL
SELECT md5('r' || r)::uuid, left(code, 6), code, date '2020-01-01', 'import', now(), 1, left(code, 12),
    md5('b' || r / 20)::uuid, 9, (r %% 20 / 4 + 1) * 100 + r %% 4 + 1 || '房',
    name || r / 20 %% 12 * 2 + 1 || '号' || (r %% 20 / 4 + 1) * 100 + r %% 4 + 1 || '房', '',
    md5('b' || r / 20)::uuid, NULL, NULL
FROM generate_series(0, %(people)s / 3) AS r JOIN streets ON n = r / 240;

INSERT INTO register_dwelling (
    id, district_code, area_code, valid_from, source, made_at, version, address_id, use, risks
)
SELECT md5('d' || r)::uuid, left(code, 6), code, date '2020-01-01', 'import', now(), 1,
    md5('r' || r)::uuid, 'rented', '{}'
FROM generate_series(0, %(people)s / 3) AS r JOIN streets ON n = r / 240;

INSERT INTO register_person (
    id, district_code, area_code, valid_from, source, made_at, version, name_enc, name_masked,
    name_index, initials, id_number_enc, id_number_masked, id_number_index, phone_enc,
    phone_masked, phone_index, birth_year, sex, stay, dwelling_id, relation
)
SELECT md5('p' || p)::uuid, left(code, 6), code, date '2020-01-01', 'import', now(), 1,
    decode(repeat('5a', 60), 'hex'), '陈**',
    CASE WHEN p %% 1300 = 0 THEN decode(%(common)s, 'hex')
         ELSE sha256(int8send(floor(power(p::bigint * 7919 %% 100003 / 100003.0, 3) * 900000)::bigint)) END,
    (ARRAY['c', 'l', 'h', 'z', 'w', 'l', 'g', 'c', 'x', 'y', 'd', 'f', 's', 'm', 'q', 'o'])
        [width_bucket(power(p::bigint * 104729 %% 10007 / 10007.0, 2), 0, 1, 16)]
        || chr(97 + (p::bigint * 7919 %% 26)::int) || chr(97 + (p::bigint * 15485863 / 26 %% 26)::int),
    decode(repeat('5a', 70), 'hex'), '440*************18', sha256(int8send(p::bigint * 2)),
    decode(repeat('5a', 64), 'hex'), '138****0000', sha256(int8send(p::bigint * 2 + 1)),
    1940 + p %% 80, CASE p %% 2 WHEN 0 THEN 'female' ELSE 'male' END, 'registered',
    md5('d' || p / 3)::uuid, CASE p %% 3 WHEN 0 THEN 'head' ELSE 'child' END
FROM generate_series(1, %(people)s) AS p JOIN streets ON n = p / 720;

INSERT INTO register_enterprise (
    id, district_code, area_code, valid_from, source, made_at, version, name, words, kind,
    address_id, risks, contact_masked, phone_masked
)
SELECT md5('e' || e)::uuid, left(code, 6), code, date '2020-01-01', 'import', now(), 1,
    name || word || e || '号店', name || word || e || E'号店\n' || spelt || mark || e || 'hd', 'shop',
    md5('b' || e)::uuid, '{}', '', ''
FROM generate_series(0, %(people)s / 60) AS e
JOIN streets ON n = e / 12
CROSS JOIN LATERAL (SELECT
    (ARRAY['五金', '餐馆', '便利店', '汽修', '药房', '服装', '电器', '宾馆'])[e %% 8 + 1] AS word,
    (ARRAY['wj', 'cg', 'bld', 'qx', 'yf', 'fz', 'dq', 'bg'])[e %% 8 + 1] AS mark) AS words
