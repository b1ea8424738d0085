-- When the newest of the stored values was fetched, from which provider the accepted match came, and the version of
-- the matcher that accepted it. All null until a row is enriched.
select add_missing_column(owned_table, name, definition)
from (values ('tracks'), ('movies')) as result (owned_table),
     (values ('enrichment_timestamp', 'timestamp with time zone'),
             ('enrichment_source_api', 'character varying(50)'),
             ('source_data_version', 'character varying(100)')) as metadata (name, definition);
