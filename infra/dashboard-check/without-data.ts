/** What comes back empty in the check, and why that is right, by the name of the check. */
const EXPORTER = 'comes from an exporter of a server, which deployments run and the local stack does not';

export const WITHOUT_DATA: Readonly<Record<string, string>> = {
  'alert RedisDown': EXPORTER,
  'alert PostgresDown': EXPORTER,
  'series redis_up': EXPORTER,
  'series pg_up': EXPORTER,
};
