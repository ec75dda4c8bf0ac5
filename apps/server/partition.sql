-- Divides flows, sessions and token caches into 16 partitions each, by hash, and the audit trail by month. auth_user and
-- auth_user_client stay whole. apps/docs/scale.md explains why, and when to do this. Run it with psql as the owner of the
-- tables, at a quiet hour: it copies all rows and locks the tables meanwhile. All names stay the same, as later migrations
-- require.
BEGIN;
SET LOCAL lock_timeout = '30s';
SET LOCAL statement_timeout = 0;
-- Months begin in UTC, because the IDs of entries begin with an instant.
SET LOCAL TIME ZONE 'UTC';

-- Replaces the table of this name by a partitioned one. Constraints and indexes are created again after the rows were copied.
CREATE FUNCTION pg_temp.divide(name text, division text, parts text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	before oid;
	definitions text[];
	guards text[];
	definition text;
	part text;
BEGIN
	EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', name);
	before := format('%I', name)::regclass;
	definitions :=
		ARRAY(SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', name, conname, pg_get_constraintdef(oid))
			FROM pg_constraint WHERE conrelid = before AND contype IN ('p', 'f') ORDER BY contype DESC)
		|| ARRAY(SELECT pg_get_indexdef(indexrelid)
			FROM pg_index WHERE indrelid = before AND NOT indisprimary)
		|| ARRAY(SELECT pg_get_triggerdef(oid)
			FROM pg_trigger WHERE tgrelid = before AND NOT tgisinternal);
	-- A statement trigger fires only for the table that the statement names, which may be a partition.
	guards := ARRAY(SELECT regexp_replace(pg_get_triggerdef(oid), ' ON \S+ ', ' ON %I ')
		FROM pg_trigger WHERE tgrelid = before AND NOT tgisinternal);
	EXECUTE format('ALTER TABLE %I RENAME TO undivided', name);
	EXECUTE format('CREATE TABLE %I (LIKE undivided INCLUDING DEFAULTS) PARTITION BY %s', name, division);
	FOREACH part IN ARRAY parts LOOP
		EXECUTE format('CREATE TABLE %I PARTITION OF %I %s', name || '_' || split_part(part, ' ', 1), name,
			substr(part, strpos(part, ' ') + 1));
	END LOOP;
	EXECUTE format('INSERT INTO %I SELECT * FROM undivided', name);
	DROP TABLE undivided;
	FOREACH definition IN ARRAY definitions LOOP
		EXECUTE definition;
	END LOOP;
	FOREACH definition IN ARRAY guards LOOP
		FOREACH part IN ARRAY parts LOOP
			EXECUTE format(definition, name || '_' || split_part(part, ' ', 1));
		END LOOP;
	END LOOP;
END;
$$;

CREATE FUNCTION pg_temp.sixteen(storage text) RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(format('%s FOR VALUES WITH (MODULUS 16, REMAINDER %s) WITH (%s)', part, part, storage))
	FROM generate_series(0, 15) AS part;
$$;

-- An entry's ID begins with its instant: milliseconds since 1970, as twelve hexadecimal digits.
CREATE FUNCTION pg_temp.entry_at(instant timestamptz) RETURNS text LANGUAGE sql AS $$
	SELECT lpad(to_hex((extract(epoch FROM instant) * 1000)::bigint), 12, '0');
$$;

CREATE FUNCTION pg_temp.months(first timestamptz, count int) RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(format('%s FOR VALUES FROM (%L) TO (%L)', to_char(month, 'YYYY_MM'),
		pg_temp.entry_at(month), pg_temp.entry_at(month + interval '1 month')))
		|| 'other DEFAULT'::text
	FROM generate_series(first, first + (count - 1) * interval '1 month', interval '1 month') AS month;
$$;

-- Rows are deleted after minutes or hours, and each leaves a dead row behind.
SELECT pg_temp.divide('auth_flow', 'HASH (state_digest)',
	pg_temp.sixteen('autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0'));
SELECT pg_temp.divide('auth_session', 'HASH (id)',
	pg_temp.sixteen('autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0'));
SELECT pg_temp.divide('auth_token_cache', 'HASH (partition_key)',
	pg_temp.sixteen('autovacuum_vacuum_scale_factor = 0.05, toast.autovacuum_vacuum_scale_factor = 0.05'));
-- Twelve months. Create the next ones before they begin, each with the triggers of the others. To drop an old month without
-- deleting its rows one by one: ALTER TABLE auth_event DETACH PARTITION auth_event_2026_01.
SELECT pg_temp.divide('auth_event', 'RANGE (id)',
	pg_temp.months(date_trunc('month', now(), 'UTC'), 12));

COMMIT;
