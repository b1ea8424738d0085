select drop_added_columns(owned_table, array['enrichment_timestamp', 'enrichment_source_api', 'source_data_version'])
from (values ('tracks'), ('movies')) as result (owned_table);
