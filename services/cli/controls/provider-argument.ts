import { Argument } from 'commander';
import { listProviders } from '../../../shared/providers/registry.ts';

export const providerArgument = (): Argument =>
  new Argument('<provider>', 'one of the providers').choices(listProviders());
