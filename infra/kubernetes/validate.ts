import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { Service } from 'kubernetes-models/v1/Service';
import { identityOf, type Manifest } from './manifest.ts';
import { OPERATOR_OBJECTS } from './operator-objects.ts';

type Model = new (data: never) => { validate(): void };

const MODELS: Readonly<Record<string, Model>> = {
  ConfigMap,
  Deployment,
  Ingress,
  Job,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  ScaledObject,
  Service,
};

/** What Kubernetes or an operator would refuse; undefined when nothing. A kind that has no model here is refused too. */
export function problemOf(manifest: Manifest): string | undefined {
  try {
    validate(manifest);
    return undefined;
  } catch (error) {
    return `${identityOf(manifest)}: ${(error as Error).message}`;
  }
}

function validate(manifest: Manifest): void {
  const ofOperator = OPERATOR_OBJECTS[manifest.kind];
  if (ofOperator !== undefined) {
    ofOperator.parse(manifest);
    return;
  }
  const Typed = MODELS[manifest.kind];
  if (Typed === undefined) throw new Error('no model of this kind');
  // The constructor sets kind and apiVersion itself: what stands in the file has to be the same.
  const typed = new Typed(manifest as never) as unknown as Manifest & { validate(): void };
  if (typed.apiVersion !== manifest.apiVersion) throw new Error(`apiVersion should be ${typed.apiVersion}`);
  typed.validate();
}
