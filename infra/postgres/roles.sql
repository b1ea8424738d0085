-- Who may do what in the database, without passwords: they come from a file of their own. Run by psql as a superuser in the
-- database of the pipeline; what is there already stays, so that it can be run again after an upgrade.
\set ON_ERROR_STOP on

select format('create role %I login', name) from unnest(array[
  'musicdb_user', 'enrichment_worker', 'enrichment_api', 'enrichment_scheduler', 'enrichment_dlq_manager',
  'enrichment_operator', 'enrichment_monitor'
]) as wanted (name) where not exists (select from pg_roles where rolname = name) \gexec

select format('create role %I nologin', name) from unnest(array['enrichment_services', 'enrichment_readers'])
  as wanted (name) where not exists (select from pg_roles where rolname = name) \gexec

-- musicdb_user owns the tables and applies migrations; no service logs in as it.
select format('alter database %I owner to musicdb_user', current_database()) \gexec
alter schema public owner to musicdb_user;

-- Services read and write rows. They cannot create, alter, truncate or drop anything.
grant usage on schema public to enrichment_services, enrichment_readers;
grant select, insert, update, delete on all tables in schema public to enrichment_services;
grant usage, select on all sequences in schema public to enrichment_services;
grant select on all tables in schema public to enrichment_readers;
alter default privileges for role musicdb_user in schema public
  grant select, insert, update, delete on tables to enrichment_services;
alter default privileges for role musicdb_user in schema public
  grant usage, select on sequences to enrichment_services;
alter default privileges for role musicdb_user in schema public grant select on tables to enrichment_readers;

grant enrichment_services to enrichment_worker, enrichment_api, enrichment_scheduler, enrichment_dlq_manager,
  enrichment_operator;
grant pg_monitor to enrichment_monitor;
