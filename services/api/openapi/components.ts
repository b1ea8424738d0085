import { z } from 'zod';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Schemas with a name of their own (`meta({ id })`), each once, and references to them. */
export class Components {
  readonly schemas: Record<string, JsonSchema> = {};

  /** A reference where the schema has a name, else the schema itself. */
  schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const { $schema: _, $defs = {}, ...own } = this.#convert(schema, io);
    for (const [name, definition] of Object.entries($defs as Record<string, JsonSchema>)) {
      const known = this.schemas[name];
      // A schema that reads and one that writes may not share a name unless they are the same.
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(definition))
        throw new Error(`schema '${name}': two forms under one name`);
      this.schemas[name] = definition;
    }
    return own;
  }

  /** The schema itself, without references: for the parts of parameters. */
  inline(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const { $schema: _, ...own } = z.toJSONSchema(schema, { ...OPTIONS, io, reused: 'inline' });
    return own;
  }

  #convert(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const text = JSON.stringify(z.toJSONSchema(schema, { ...OPTIONS, io }));
    return JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonSchema;
  }
}

const OPTIONS = {
  target: 'draft-2020-12',
  // A Buffer or a transform has no JSON form: the field is shown without a type.
  unrepresentable: 'any',
  // The format says it; the pattern of a date alone has four lines.
  override: ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => {
    if (jsonSchema['format'] !== undefined) delete jsonSchema['pattern'];
  },
} as const;
