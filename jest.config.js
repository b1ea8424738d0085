import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = import.meta.dirname;
const folders = ['shared', 'services', 'infra', 'tests', 'bench', 'monitoring', 'examples'];

const project = {
  rootDir: root,
  // Without them jest looks through the node modules as well.
  roots: folders.map((folder) => join(root, folder)).filter((folder) => existsSync(folder)),
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};
const integration = '**/*.integration.test.ts';

export default {
  projects: [
    { ...project, displayName: 'unit', testMatch: ['**/*.test.ts', `!${integration}`] },
    {
      ...project,
      displayName: 'integration',
      testMatch: [integration],
      // Brings the servers up and migrates the database that every file gets a copy of.
      globalSetup: '<rootDir>/tests/global-setup.ts',
      globalTeardown: '<rootDir>/tests/global-teardown.ts',
    },
  ],
  testTimeout: 60_000,
  // Files wait for servers more than they compute.
  maxWorkers: 3,
};
