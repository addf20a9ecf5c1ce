-- Who reads what. Schemas that dbt builds belong to the transformer; default privileges survive every rebuild.
do $$
declare
    schema_name text;
begin
    foreach schema_name in array array['staging', 'intermediate', 'warehouse', 'marts'] loop
        execute format('create schema if not exists %I authorization junheng_transformer', schema_name);
    end loop;
end
$$;

alter default privileges for role junheng_transformer in schema warehouse
grant select on tables to junheng_analyst;
alter default privileges for role junheng_transformer in schema marts
grant select on tables to junheng_analyst, junheng_bi;

grant usage on schema warehouse, marts to junheng_analyst;
grant usage on schema marts to junheng_bi;

-- The views in marts ask these two questions once a query, not once a row.
create or replace function ops.reads_every_district(role_name name) returns boolean
language sql stable security definer set search_path = pg_catalog as $$
    select pg_has_role(role_name, 'junheng_analyst', 'member')
        or pg_has_role(role_name, 'junheng_transformer', 'member')
$$;

create or replace function ops.granted_districts(reader name) returns text[]
language sql stable security definer set search_path = pg_catalog as $$
    select coalesce(array_agg(district_grant.district_code), array[]::text[])
    from ops.district_grant
    inner join pg_roles on pg_roles.rolname = district_grant.role_name
    where pg_has_role(reader, pg_roles.oid, 'member')
$$;

grant usage on schema ops to junheng_analyst, junheng_bi;
revoke all on function ops.reads_every_district(name), ops.granted_districts(name) from public;
grant execute on function ops.reads_every_district(name), ops.granted_districts(name)
to junheng_analyst, junheng_bi, junheng_transformer;

-- The raw table of a record; a name that is none raises.
create or replace function ops.raw_table(record_name text) returns regclass
language plpgsql stable set search_path = pg_catalog as $$
declare
    found regclass;
begin
    select pg_class.oid::regclass into strict found
    from pg_class
    inner join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_namespace.nspname in ('raw', 'protected') and pg_class.relkind = 'r'
        and pg_class.relname = record_name;
    return found;
end
$$;

-- The loader does not own the raw tables and so cannot analyze them; after a large load the planner must know.
-- Tables of single batches are analyzed once: their rows do not change.
create or replace function ops.analyze_record(record_name text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    batch_table regclass;
begin
    for batch_table in
        select pg_class.oid::regclass
        from pg_inherits
        inner join pg_class on pg_class.oid = pg_inherits.inhrelid
        where pg_inherits.inhparent = ops.raw_table(record_name) and pg_class.reltuples < 0
    loop
        execute format('analyze %s', batch_table);
    end loop;
    execute format('analyze %s', ops.raw_table(record_name));
end
$$;

-- A table for one large batch: what is the same in all its rows is a default and need not be copied row by row.
-- Nobody reads it by its own name: once attached, its rows are rows of the record's raw table.
create or replace function ops.open_batch_table(record_name text, batch uuid, sheet text, block smallint)
returns text
language plpgsql security definer set search_path = pg_catalog as $$
declare
    raw_table regclass := ops.raw_table(record_name);
    batch_table text;
begin
    select format('%I.%I', pg_namespace.nspname, record_name || '_' || replace(batch::text, '-', ''))
    into strict batch_table
    from pg_class
    inner join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_class.oid = raw_table;
    execute format('drop table if exists %s', batch_table); -- of the batch when it was refused, empty since
    execute format('create table %s (like %s, check (batch_id = %L))', batch_table, raw_table, batch);
    execute format(
        'alter table %s alter batch_id set default %L, alter source_sheet set default %L, '
        'alter source_block set default %s', batch_table, batch, sheet, block
    );
    execute format('grant insert on %s to junheng_loader', batch_table);
    return batch_table;
end
$$;

create or replace function ops.attach_batch_table(record_name text, batch_table regclass) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
    if not starts_with(batch_table::text, ops.raw_table(record_name)::text || '_') then
        raise exception '% is no table of a batch of %', batch_table, record_name;
    end if;
    execute format('alter table %s inherit %s', batch_table, ops.raw_table(record_name));
end
$$;

-- Drop the table of a batch that nobody will read again; whether it went. What was ever current stays for good:
-- raw does not forget. Of a batch that was refused the rows may still be needed, to judge it anew once an
-- explanation comes and to tell of whom nothing counts, until a later file has told all that it told: one that was
-- accepted later and is newer itself, for an explanation lets a batch in again over an older one. A table that no
-- batch of the ledger has is of a load that did not end.
create or replace function ops.drop_batch_table(record_name text, batch uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
declare
    batch_table regclass := to_regclass(ops.raw_table(record_name)::text || '_' || replace(batch::text, '-', ''));
    known ops.load_batch;
    is_needed boolean;
    partitions text[];
begin
    -- While it is being loaded, or judged anew, its load holds this.
    if batch_table is null or not pg_try_advisory_xact_lock(hashtextextended('junheng.load/' || batch, 0)) then
        return false;
    end if;
    -- What is waited for comes first and nothing is waited for after it: who reads the table may go on to the ledger.
    execute format('lock table %s in access exclusive mode', batch_table);
    select * into known from ops.load_batch where batch_id = batch for update nowait;
    if found then
        if known.status <> 'refused'
            or exists (select 1 from ops.partition_batch where batch_id = batch)
            or exists (select 1 from ops.batch_part where origin_batch_id = batch)
        then
            return false;
        end if;
        execute format(
            'select exists (select 1 from %s as held where not exists ('
            'select 1 from ops.current_batch as later inner join ops.load_batch as told using (batch_id) '
            'where later.record = $1 and later.partition_key = held.partition_key '
            'and later.accepted_at > $2 and told.file_modified_at > $3))',
            batch_table
        ) into is_needed using record_name, known.decided_at, known.file_modified_at;
        if is_needed then
            return false;
        end if;
        execute format('select array_agg(distinct partition_key) from %s', batch_table) into partitions;
        update ops.load_batch set rows_dropped_at = clock_timestamp(), dropped_partitions = partitions
        where batch_id = batch;
    end if;
    execute format('drop table %s', batch_table);
    return true;
end
$$;

revoke all on function ops.raw_table(text), ops.analyze_record(text),
ops.open_batch_table(text, uuid, text, smallint), ops.attach_batch_table(text, regclass),
ops.drop_batch_table(text, uuid) from public;
grant execute on function ops.analyze_record(text),
ops.open_batch_table(text, uuid, text, smallint), ops.attach_batch_table(text, regclass),
ops.drop_batch_table(text, uuid) to junheng_loader;
