const project = {
  rootDir: import.meta.dirname,
  roots: ['shared', 'services', 'tests', 'infra', 'bench', 'monitoring'].map(
    (folder) => `<rootDir>/${folder}`,
  ),
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
  testTimeout: 20_000,
  // Files wait for servers more than they compute.
  maxWorkers: 3,
};
