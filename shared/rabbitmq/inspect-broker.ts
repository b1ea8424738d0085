/** What a broker says about itself and about what of the pipeline is there. Nothing is declared, changed or taken. */
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { SILENT } from '../observability/log.ts';
import { Connection } from './connection.ts';
import { missingObjects } from './declare.ts';
import {
  type BrokerNode,
  type LiveBinding,
  type LiveConsumer,
  type LiveQueue,
  openManagement,
} from './management.ts';
import { EXCHANGE, type Topology } from './topology.ts';

export interface BrokerFacts {
  readonly version: string;
  /** `queue …`, `exchange …`. */
  readonly missing: readonly string[];
  /** In the broker's words: why this login may not publish; empty = it may. */
  readonly publishRefusal: string;
  /** It takes no messages now. */
  readonly isBlocked: boolean;
  /** Undefined = the management API is not known or does not say. */
  readonly queues: readonly LiveQueue[] | undefined;
  readonly bindings: readonly LiveBinding[] | undefined;
  readonly consumers: readonly LiveConsumer[] | undefined;
  readonly nodes: readonly BrokerNode[] | undefined;
}

export interface BrokerAddress {
  readonly amqpUrl: string;
  /** Empty = not known. */
  readonly managementUrl: string;
}

const CONNECT_MS = 5_000;
const CONFIRM_MS = 2_000;

/** Rejects with the reason when the broker cannot be used. */
export async function inspectBroker(
  { amqpUrl, managementUrl }: BrokerAddress,
  topology: Topology,
): Promise<BrokerFacts> {
  const connection = new Connection({ url: amqpUrl, name: 'enrich-doctor', log: SILENT }).start();
  try {
    const model = await connection.ready(AbortSignal.timeout(CONNECT_MS)).catch((error: unknown) => {
      throw connection.lastError ?? (error as Error);
    });
    const missing = await missingObjects(model, topology);
    const hasExchange = !missing.includes(`exchange ${EXCHANGE}`);
    const publishRefusal = hasExchange ? await publishRefusalOf(model) : '';
    const management = openManagement(managementUrl, amqpUrl);
    const [queues, bindings, consumers, nodes] = await Promise.all([
      management.queues(),
      management.bindings(),
      management.consumers(),
      management.nodes(),
    ]);
    return {
      version: versionOf(model),
      missing,
      publishRefusal: publishRefusal ?? '',
      isBlocked: connection.isBlocked || publishRefusal === undefined,
      queues,
      bindings,
      consumers,
      nodes,
    };
  } finally {
    await connection.close();
  }
}

function versionOf(model: ChannelModel): string {
  const { version } = model.connection.serverProperties as { readonly version?: unknown };
  return typeof version === 'string' ? version : '';
}

/** Publishes what no queue takes. Undefined = no answer in time: the broker takes no messages. */
async function publishRefusalOf(model: ChannelModel): Promise<string | undefined> {
  const channel: ConfirmChannel = await model.createConfirmChannel();
  const refused = new Promise<string>((resolve) => {
    channel.on('error', ({ message }: Error) => {
      resolve(message);
    });
  });
  channel.publish(EXCHANGE, 'probe.of.nobody', Buffer.alloc(0));
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
    }, CONFIRM_MS);
  });
  const confirmed = channel.waitForConfirms().then(
    () => '',
    () => refused,
  );
  const answer = await Promise.race([confirmed, refused, tooLate]);
  clearTimeout(timer);
  if (answer === '') await channel.close();
  return answer;
}
