export default {
  rootDir: '.',
  roots: ['<rootDir>/shared', '<rootDir>/services', '<rootDir>/tests', '<rootDir>/infra'],
  testMatch: ['**/*.test.ts'],
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
  // Brings the local stack up and migrates the template database that every file clones.
  globalSetup: '<rootDir>/tests/global-setup.ts',
  testTimeout: 20_000,
};
