import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

/** Any object of Kubernetes, as it stands in a file. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Every document of a YAML text; throws with the place of a mistake. */
export function parseManifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text).map((document) => {
    const [mistake] = document.errors;
    if (mistake !== undefined) throw mistake;
    return document.toJS() as Manifest;
  });
}

export const readManifests = (file: string): readonly Manifest[] =>
  parseManifests(readFileSync(file, 'utf8'));

/** What patches, and the same object in another rendering, are matched by. */
export const identityOf = ({ apiVersion, kind, metadata }: Manifest): string =>
  `${apiVersion} ${kind} ${metadata.name}`;
