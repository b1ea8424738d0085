drop table background_jobs;
