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

-- The loader does not own the raw tables and so cannot analyze them; after a large load the planner must know.
create or replace function ops.analyze_record(record_name text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    raw_table regclass;
begin
    select pg_class.oid::regclass into strict raw_table
    from pg_class
    inner join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_namespace.nspname in ('raw', 'protected') and pg_class.relkind = 'r'
        and pg_class.relname = record_name;
    execute format('analyze %s', raw_table);
end
$$;

revoke all on function ops.analyze_record(text) from public;
grant execute on function ops.analyze_record(text) to junheng_loader;
