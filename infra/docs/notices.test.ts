import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listProviders, loadProvider } from '../../shared/providers/registry.ts';

const onOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
const notice = onOneLine(readFileSync(join(import.meta.dirname, '..', '..', 'NOTICE'), 'utf8'));

test.each(listProviders())(
  'NOTICE holds, word for word, what the terms of %s ask to be said',
  async (name) => {
    const definition = await loadProvider(name);
    expect(notice).toContain(`${definition.title} ${onOneLine(definition.notice)}`);
  },
);
