import { url } from '../../shared/runtime/environment.ts';

export const settings = {
  databaseUrl: url('DATABASE_URL', {
    doc: 'PostgreSQL server. Migrations need a direct connection, not a pooler.',
    protocols: ['postgres:', 'postgresql:'],
    secret: true,
  }),
};
