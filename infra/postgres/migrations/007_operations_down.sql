drop table audit_log;
drop table provider_state;
