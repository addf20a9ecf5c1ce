#!/bin/sh
# Run once by the Postgres image when its volume is empty: Airflow's metadata beside the warehouse.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --command 'create database airflow'
