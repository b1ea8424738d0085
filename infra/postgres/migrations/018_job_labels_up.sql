-- A list of one label, also of one that nobody uses, without a look at every job there is.
create index background_jobs_label_idx on background_jobs (label, id) where label is not null;
