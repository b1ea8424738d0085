-- A user may own a table that we extend. What we add to it is written down here, and only that is taken away again:
-- a column or a table that was there before us survives every rollback.
create table schema_additions (
  table_name text not null,
  -- '' stands for the table itself.
  column_name text not null,
  primary key (table_name, column_name)
);

-- Creates the table with its key columns, unless there is one; either way the key can be a conflict target afterwards.
create function ensure_result_table(wanted text, id_column text) returns void language plpgsql as $$
begin
  if to_regclass(wanted) is null then
    -- Fill factor 85 leaves room on the page for the new
    -- version of a row, so that a refresh (which touches no indexed column) is a heap-only update.
    execute format(
      'create table %1$I (owner text not null default '''', %2$I text not null, primary key (owner, %2$I)) with (fillfactor = 85)',
      wanted, id_column);
    insert into schema_additions values (wanted, '');
    return;
  end if;
  perform add_missing_column(wanted, 'owner', 'text not null default ''''');
  perform add_missing_column(wanted, id_column, 'text');
  execute format('create unique index if not exists %I on %I (owner, %I)', wanted || '_owner_' || id_column || '_key', wanted, id_column);
end $$;

create function add_missing_column(wanted_table text, wanted_column text, definition text) returns void language plpgsql as $$
begin
  if exists (
    select from pg_attribute
    where attrelid = wanted_table::regclass and attname = wanted_column and not attisdropped
  ) then
    return;
  end if;
  execute format('alter table %I add column %I %s', wanted_table, wanted_column, definition);
  insert into schema_additions values (wanted_table, wanted_column);
end $$;

create function drop_added_columns(wanted_table text, wanted_columns text[]) returns void language plpgsql as $$
declare
  added text;
begin
  for added in
    delete from schema_additions
    where table_name = wanted_table and column_name = any (wanted_columns) and column_name <> ''
    returning column_name
  loop
    execute format('alter table %I drop column %I', wanted_table, added);
  end loop;
end $$;

create function drop_result_table(wanted text, id_column text) returns void language plpgsql as $$
begin
  if exists (select from schema_additions where table_name = wanted and column_name = '') then
    execute format('drop table %I', wanted);
    delete from schema_additions where table_name = wanted;
    return;
  end if;
  execute format('drop index if exists %I', wanted || '_owner_' || id_column || '_key');
  perform drop_added_columns(wanted, array['owner', id_column]);
end $$;
