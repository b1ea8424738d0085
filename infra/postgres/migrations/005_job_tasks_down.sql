drop table job_tasks;
