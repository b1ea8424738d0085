drop index background_jobs_label_idx;
