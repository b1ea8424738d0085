drop table lane_pauses;
alter table provider_state drop column held_until, drop column held_reason, drop column set_rate;
