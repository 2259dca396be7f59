#!/bin/sh
# Restore the database of docker-compose.yml from a dump, set it right, start again; says how long each step took.
# Usage: deploy/restore.sh backup.dump        (made by: docker-compose exec -T database pg_dump -Fc -U kias kias)
# docs/runbook.md, «Restore». The present database is kept under another name until somebody drops it.
set -eu
dump=${1:?name the dump}
compose=${COMPOSE:-docker-compose}
[ -s "$dump" ] || { echo "$dump is empty or missing" >&2; exit 1; }

begun=$(date +%s)
step() {
    now=$(date +%s)
    echo "[$((now - begun)) s] $1"
}
sql() {
    $compose exec -T database psql -q -v ON_ERROR_STOP=1 -U kias -d postgres -c "$1"
}

step "stop what writes"
$compose stop web worker beat flower
former="kias_before_$(date -u +%Y%m%d%H%M%S)"
step "keep the present database as $former"
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'kias'" > /dev/null
sql "ALTER DATABASE kias RENAME TO $former"
sql "CREATE DATABASE kias"
step "restore $dump"
$compose exec -T database pg_restore --exit-on-error --no-owner -U kias -d kias < "$dump"
step "migrate"
$compose run --rm migrate
step "after_restore"
$compose run --rm web python manage.py after_restore
step "start"
$compose up -d web worker beat flower
step "done"
