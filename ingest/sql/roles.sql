-- Group roles: people and services are made members of them; none can log in by itself.
do $$
declare
    role_name text;
begin
    foreach role_name in array array['junheng_loader', 'junheng_transformer', 'junheng_analyst', 'junheng_bi'] loop
        if not exists (select 1 from pg_roles where rolname = role_name) then
            execute format('create role %I nologin', role_name);
        end if;
    end loop;
end
$$;

-- The one who migrates must be able to act as both. Before Postgres 16 membership alone said so.
do $$
declare
    privilege text := case when current_setting('server_version_num')::integer >= 160000 then 'set' else 'member' end;
begin
    if not pg_has_role(current_user, 'junheng_loader', privilege)
        or not pg_has_role(current_user, 'junheng_transformer', privilege) then
        execute format('grant junheng_loader, junheng_transformer to %I', current_user);
    end if;
    execute format('grant create on database %I to junheng_transformer', current_database());
end
$$;

create schema if not exists raw;
create schema if not exists protected;
create schema if not exists ops;
revoke all on schema public from public;
