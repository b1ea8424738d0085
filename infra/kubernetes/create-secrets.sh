#!/bin/sh
# Prints the secrets that the manifests name, made of the files of infra/compose/prepare.sh: pipe it into `kubectl apply -f -`.
#   infra/kubernetes/create-secrets.sh | kubectl apply -f -
set -eu
cd "$(dirname "$0")/../.."
secrets=${ENRICHMENT_SECRETS_DIR:-.secrets}
sh infra/compose/prepare.sh >&2

create() { # name, then what kubectl takes
  name=$1
  shift
  echo ---
  kubectl create secret generic "$name" --namespace enrichment --dry-run=client --output yaml "$@"
}
# The database's own name in the cluster, for the one process that does not go through the pool.
sed 's|@postgres:|@postgres-rw:|' "$secrets/migration_database_url" >"$secrets/migration_database_url.kubernetes"

create rabbitmq-definitions --from-file=definitions.json="$secrets/rabbitmq_definitions.json"
create redis-users --from-file=users.acl="$secrets/redis_users.acl"
create enrichment-migration --from-file=database_url="$secrets/migration_database_url.kubernetes"
create enrichment-queue-init --from-file=rabbitmq_url="$secrets/queue_init_rabbitmq_url" \
  --from-file=management_url="$secrets/queue_init_management_url"
for login in worker scheduler api operator; do
  create "enrichment-$login" --from-file=rabbitmq_url="$secrets/${login}_rabbitmq_url" \
    --from-file=redis_url="$secrets/${login}_redis_url" --from-file=database_url="$secrets/${login}_database_url"
done
create enrichment-dlq-manager --from-file=rabbitmq_url="$secrets/dlq_manager_rabbitmq_url" \
  --from-file=database_url="$secrets/dlq_manager_database_url"
create provider-credentials --from-file="$secrets/spotify_client_secret" --from-file="$secrets/lastfm_api_key" \
  --from-file="$secrets/tmdb_token"
for login in musicdb_user worker scheduler api dlq_manager operator; do
  user=enrichment_$login
  [ "$login" != musicdb_user ] || user=musicdb_user
  create "postgres-$(echo "$login" | tr _ -)" --type=kubernetes.io/basic-auth --from-literal=username="$user" \
    --from-file=password="$secrets/passwords/postgres-$login"
done
