import { z } from 'zod';
import type { Pipeline } from '../../shared/pipelines/pipeline.ts';
import { pipelines } from '../../shared/pipelines/registry.ts';
import { envelopeSchema } from '../../shared/task/message.ts';

/** JSON Schemas of what may be published, one for each pipeline, by their paths. */
export const messageSchemas = (): [path: string, text: string][] =>
  pipelines.map((pipeline) => [
    `docs/schemas/${pipeline.kind}-message.json`,
    `${JSON.stringify(messageSchema(pipeline), undefined, 2)}\n`,
  ]);

/** The form that a publisher should keep to: readers are more patient (a number for a text, a date for a year). */
function messageSchema({ name, kind, schema }: Pipeline): object {
  const entity = z.toJSONSchema(schema);
  const envelope = z.toJSONSchema(envelopeSchema, { io: 'input' });
  return {
    $schema: entity.$schema,
    title: `Message to enrich a ${kind}`,
    description: `The body of a message of the ${name} pipeline: a UTF-8 JSON object of at most 256 KiB.`,
    type: 'object',
    properties: { ...entity.properties, ...envelope.properties },
    required: entity.required,
    // Unknown fields are stored with the result.
    additionalProperties: true,
    ...(envelope.$defs && { $defs: envelope.$defs }),
  };
}
