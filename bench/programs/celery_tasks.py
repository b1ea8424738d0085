"""Celery's way: one task a message, a GET and an upsert each; connections are opened once a process."""
import json
import os

import psycopg2
import redis
from celery import Celery
from celery.signals import worker_process_init

app = Celery("bench", broker=os.environ["RABBITMQ_URL"])
app.conf.update(
    task_default_queue=os.environ["BENCH_QUEUE"],
    task_ignore_result=True,
    worker_prefetch_multiplier=100,
    worker_send_task_events=False,
    broker_pool_limit=1,
)

SAVE = os.environ["BENCH_SAVE"]
stores = {}


@worker_process_init.connect
def open_stores(**_):
    stores["redis"] = redis.Redis.from_url(os.environ["REDIS_URL"])
    stores["postgres"] = psycopg2.connect(os.environ["DATABASE_URL"])
    stores["postgres"].autocommit = True
    stores["cursor"] = stores["postgres"].cursor()


@app.task(name="enrich")
def enrich(task):
    answer = json.loads(stores["redis"].get(f"bench:answer:{task['artist']}|{task['title']}"))
    fields, match = answer["fields"], answer["match"]
    origin = {
        "provider": answer["provider"],
        "id": answer["id"],
        "fetched_at": answer["fetchedAt"],
        "expires_at": answer["expiresAt"],
    }
    stores["cursor"].execute(
        SAVE,
        (
            task["owner"],
            task["track_id"],
            task["artist"],
            task["title"],
            "enriched",
            json.dumps(fields),
            json.dumps({field: origin for field in fields}),
            json.dumps(match),
            match["score"],
            answer["provider"],
            match["matcherVersion"],
            answer["fetchedAt"],
        ),
    )
