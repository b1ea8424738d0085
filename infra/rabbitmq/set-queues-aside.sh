#!/bin/sh
# Changes the type of the work queues without losing a message; docs/classic-to-quorum.md is the guide. Runs where rabbitmqctl
# does, with the shovel plugin, while nobody publishes or consumes:
#   set-queues-aside.sh aside [vhost]   every work and dead-letter queue moves to <queue>.aside and is deleted
#   set-queues-aside.sh back [vhost]    what is aside moves into the queues that queue-init has declared anew
# A shovel acknowledges a message when the other queue has confirmed it, and a queue is deleted only when it is empty and nobody
# uses it. Ends with 1 at the first thing that fails, and can be run again.
set -eu
step=$1
vhost=${2:-/}
ctl() { rabbitmqctl --quiet "$@"; }
encoded=$(printf %s "$vhost" | sed 's|/|%2F|g')

move() { # from to
  ctl set_parameter -p "$vhost" shovel "$1" "{\"src-uri\":\"amqp:///$encoded\",\"src-queue\":\"$1\",\"src-delete-after\":\"queue-length\",\"dest-uri\":\"amqp:///$encoded\",\"dest-queue\":\"$2\",\"ack-mode\":\"on-confirm\"}"
  # A shovel that has moved what was there when it began is gone.
  while ctl list_parameters -p "$vhost" --no-table-headers | grep -q "^shovel[[:space:]]$1[[:space:]]"; do sleep 1; done
}

queues=$(ctl list_queues -p "$vhost" --no-table-headers name messages)
case $step in
  aside) wanted='^(metadata_enrichment|movie_enrichment)_(queue|backlog|dlq)$|^enrichment_[a-z0-9]+_(queue|backlog)$' ;;
  back) wanted='\.aside$' ;;
  *) echo "aside or back, not $step" >&2; exit 2 ;;
esac
printf '%s\n' "$queues" | grep -E "$(echo "$wanted" | sed 's/\$/[[:space:]]/g')" | while read -r name messages; do
  case $step in
    aside) target=$name.aside ;;
    back) target=${name%.aside} ;;
  esac
  [ "$messages" -eq 0 ] || move "$name" "$target" </dev/null
  ctl delete_queue -p "$vhost" --if-empty --if-unused "$name" </dev/null >/dev/null
  echo "$name: $messages messages to $target"
done
