drop function drop_result_table(text, text);
drop function ensure_result_table(text, text);
drop function drop_added_columns(text, text[]);
drop function add_missing_column(text, text, text);
drop table schema_additions;
