#!/bin/sh
# Copies the stores and the secrets of a data folder into a new folder; the kit may run meanwhile.
#   backup.sh <data folder> <new folder>
set -eu
umask 077
data=$(cd "$1" && pwd)
mkdir "$2"
cd "$2"

# In the direction of the flow: what one copy has begun, those after it may know the end of, and never the other way.
# VACUUM INTO takes what is still in the write-ahead log; a copy of the file alone would leave that behind.
for store in bot device-sim device-db erp; do
  [ -e "$data/$store.sqlite" ] || continue
  sqlite3 "$data/$store.sqlite" "VACUUM INTO '$store.sqlite'"
  if [ "$(sqlite3 "$store.sqlite" 'PRAGMA integrity_check')" != ok ]; then
    echo "The copy of $store.sqlite is damaged." >&2
    exit 1
  fi
done
cp "$data/secrets.json" .
