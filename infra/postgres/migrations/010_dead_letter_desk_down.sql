drop table sweeps;
drop function readable_text;

drop index dead_letters_replay_id_idx;
alter table dead_letters drop constraint dead_letters_state_check;
update dead_letters set state = 'discarded' where state in ('edited', 'gone');
alter table dead_letters add constraint dead_letters_state_check
  check (state in ('waiting', 'replayed', 'discarded', 'enriched'));
alter table dead_letters
  drop column owner,
  drop column entity_id,
  drop column lane,
  drop column priority,
  drop column replay_id,
  drop column replayed_at,
  drop column replayed_fingerprint,
  drop column replaced_by;

-- The older key holds a message id once: of two pipelines that know the same one the later letter stays. It is an index
-- of the queues, and can be made again from them.
delete from dead_letters as older using dead_letters as newer
where older.message_id = newer.message_id
  and (older.last_error_at, older.pipeline) < (newer.last_error_at, newer.pipeline);
alter table dead_letters drop constraint dead_letters_pkey;
alter table dead_letters add primary key (message_id);
