drop table dead_letter_replays;
drop table api_keys;
