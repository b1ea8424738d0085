/**
 * Objects of the RabbitMQ Cluster Operator and of CloudNativePG, as far as this project uses them: there are no published models of
 * them. Strict: a field that is not written down here is a mistake, or has to be looked up and added.
 */
import { z } from 'zod';

const quantity = z.string().regex(/^\d+(m|Mi|Gi)?$/);
const size = z.string().regex(/^\d+(Mi|Gi|Ti)$/);
const resources = z.strictObject({
  requests: z.strictObject({ cpu: z.union([quantity, z.int()]), memory: size }),
  limits: z.strictObject({ memory: size }),
});
const metadata = z.strictObject({
  name: z.string(),
  namespace: z.string(),
  labels: z.record(z.string(), z.string()).optional(),
});
const secretName = z.strictObject({ name: z.string() });
const secretKey = z.strictObject({ name: z.string(), key: z.string() });
const object = <Spec extends z.ZodType>(apiVersion: string, kind: string, spec: Spec) =>
  z.strictObject({ apiVersion: z.literal(apiVersion), kind: z.literal(kind), metadata, spec });

const rabbitmqCluster = z.strictObject({
  // An even number of nodes tolerates no more losses than one less.
  replicas: z.int().refine((count) => count % 2 === 1, 'an odd number'),
  // Whole: a node that starts anew must not be of another version than its peers.
  image: z.string().regex(/:\d+\.\d+\.\d+/, 'a tag with the whole version'),
  terminationGracePeriodSeconds: z.int().min(60),
  persistence: z.strictObject({ storage: size }),
  resources,
  rabbitmq: z.strictObject({ additionalConfig: z.string(), additionalPlugins: z.array(z.string()) }),
  affinity: z.record(z.string(), z.unknown()).optional(),
  // Merged by the operator into the StatefulSet that it makes.
  override: z.strictObject({ statefulSet: z.record(z.string(), z.unknown()) }),
});

const postgresCluster = z.strictObject({
  instances: z.int().min(1),
  storage: z.strictObject({ size }),
  resources,
  postgresql: z.strictObject({ parameters: z.record(z.string(), z.string()) }),
  bootstrap: z.strictObject({
    initdb: z.strictObject({
      database: z.string(),
      owner: z.string(),
      secret: secretName,
      postInitApplicationSQL: z.array(z.string()),
    }),
  }),
  managed: z.strictObject({
    roles: z.array(
      z.strictObject({
        name: z.string(),
        login: z.boolean(),
        inRoles: z.array(z.string()),
        passwordSecret: secretName,
      }),
    ),
  }),
  monitoring: z.strictObject({ enablePodMonitor: z.boolean() }),
  backup: z
    .strictObject({
      retentionPolicy: z.string().regex(/^\d+[dwm]$/),
      barmanObjectStore: z.strictObject({
        destinationPath: z.string(),
        s3Credentials: z.strictObject({ accessKeyId: secretKey, secretAccessKey: secretKey }),
      }),
    })
    .optional(),
});

const pooler = z.strictObject({
  cluster: z.strictObject({ name: z.string() }),
  instances: z.int().min(1),
  type: z.enum(['rw', 'ro']),
  pgbouncer: z.strictObject({
    poolMode: z.enum(['session', 'transaction']),
    parameters: z.record(z.string(), z.string()),
  }),
});

const scheduledBackup = z.strictObject({
  // Seconds first.
  schedule: z.string().regex(/^(\S+ ){5}\S+$/),
  cluster: z.strictObject({ name: z.string() }),
});

const CNPG = 'postgresql.cnpg.io/v1';

/** By kind; a kind of that name in another group is refused by its apiVersion. */
export const OPERATOR_OBJECTS: Readonly<Record<string, z.ZodType>> = {
  RabbitmqCluster: object('rabbitmq.com/v1beta1', 'RabbitmqCluster', rabbitmqCluster),
  Cluster: object(CNPG, 'Cluster', postgresCluster),
  Pooler: object(CNPG, 'Pooler', pooler),
  ScheduledBackup: object(CNPG, 'ScheduledBackup', scheduledBackup),
};
