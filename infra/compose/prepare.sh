#!/bin/sh
# Makes what docker compose needs beside the repository: .env from its example, and .secrets/ with a random password for each
# login of each server and the files made of them. What is there stays: run it again after an upgrade. Needs sh and openssl.
set -eu
cd "$(dirname "$0")/../.."
secrets=${ENRICHMENT_SECRETS_DIR:-.secrets}
settings=${ENRICHMENT_ENV_FILE:-.env}

# The folder shuts other users of the host out; the files in it are readable, since each container has another user.
umask 022
mkdir -p "$secrets/passwords"
chmod 700 "$secrets"

# Hex only: it needs no escaping in a URL, an ini file, SQL or an ACL.
password() {
  [ -s "$secrets/passwords/$1" ] || openssl rand -hex 24 >"$secrets/passwords/$1"
  cat "$secrets/passwords/$1"
}
sha256() { printf %s "$1" | openssl dgst -sha256 -r | cut -d' ' -f1; }
# RabbitMQ's form: four bytes of salt, then the hash of salt and password.
rabbitmq_hash() {
  salt=$(openssl rand -hex 2)
  { printf %s "$salt"; printf %s "$salt$1" | openssl dgst -sha256 -binary; } | openssl base64 -A
}
write() { printf '%s\n' "$2" >"$secrets/$1"; }
# Replaces each @name@ of a template by what the function makes of that login's password.
fill() { # template server function
  text=$(cat "$1")
  for login in $(grep -o '@[a-z_]*@' "$1" | tr -d @); do
    value=$($3 "$(password "$2-$login")")
    text=$(printf '%s' "$text" | sed "s|@$login@|$value|")
  done
  printf '%s\n' "$text"
}

fill infra/rabbitmq/definitions.json rabbitmq rabbitmq_hash >"$secrets/rabbitmq_definitions.json"
fill infra/redis/users.acl redis sha256 >"$secrets/redis_users.acl"
: >"$secrets/pgbouncer_userlist.txt"
: >"$secrets/postgres_passwords.sql"

for login in worker api scheduler dlq_manager operator; do
  write "${login}_rabbitmq_url" "amqp://enrichment_$login:$(password "rabbitmq-$login")@rabbitmq:5672"
  write "${login}_database_url" "postgres://enrichment_$login:$(password "postgres-$login")@db-connection-pool:5432/musicdb"
  echo "\"enrichment_$login\" \"$(password "postgres-$login")\"" >>"$secrets/pgbouncer_userlist.txt"
  echo "alter role enrichment_$login password '$(password "postgres-$login")';" >>"$secrets/postgres_passwords.sql"
done
for login in worker api scheduler operator; do
  write "${login}_redis_url" "redis://enrichment_$login:$(password "redis-$login")@redis:6379/0"
done
for login in queue_init api scheduler operator; do
  write "${login}_management_url" "http://enrichment_$login:$(password "rabbitmq-$login")@rabbitmq:15672"
done
write queue_init_rabbitmq_url "amqp://enrichment_queue_init:$(password rabbitmq-queue_init)@rabbitmq:5672"
write publisher_rabbitmq_url "amqp://enrichment_publisher:$(password rabbitmq-publisher)@127.0.0.1:${RABBITMQ_PORT:-5672}"
# Directly: migrations need a session of their own, which a pool in transaction mode does not give.
write migration_database_url "postgres://musicdb_user:$(password postgres-musicdb_user)@postgres:5432/musicdb"
echo "alter role musicdb_user password '$(password postgres-musicdb_user)';" >>"$secrets/postgres_passwords.sql"
echo "alter role enrichment_monitor password '$(password postgres-monitor)';" >>"$secrets/postgres_passwords.sql"
write postgres_password "$(password postgres-superuser)"
write postgres_monitor_password "$(password postgres-monitor)"
write redis_monitor_passwords.json "{\"redis://enrichment_monitor@redis:6379\": \"$(password redis-monitor)\"}"
write management_password "$(password rabbitmq-musicdb)"
write grafana_password "$(password grafana-admin)"

# For credentials of providers, and of a receiver of traces; empty = none.
for name in spotify_client_secret lastfm_api_key tmdb_token otlp_headers; do
  [ -e "$secrets/$name" ] || : >"$secrets/$name"
done
[ -e "$settings" ] || cp .env.example "$settings"

echo "Ready: docker compose up -d"
echo "RabbitMQ management: http://127.0.0.1:15673, user musicdb, password in $secrets/management_password"
echo "Grafana: http://127.0.0.1:3001, user admin, password in $secrets/grafana_password"
echo "A key for the HTTP API at http://127.0.0.1:8080: docker compose run --rm enrich keys create --name NAME --owner OWNER"
echo "Publishing from this machine: the address in $secrets/publisher_rabbitmq_url"
