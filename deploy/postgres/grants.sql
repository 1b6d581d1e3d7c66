-- What the application's role may do. Run by the owner after every migration:
--
--     psql -v app=clinic_app -d clinic -U clinic_owner -f deploy/postgres/grants.sql
--
-- Events and the chain over them are added and read, by the site too: nobody who takes over the site
-- can rewrite who looked at what. A table that was made since is out of reach until this has run.

\set ON_ERROR_STOP on

BEGIN;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"app";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"app";
REVOKE UPDATE, DELETE, TRUNCATE ON consults_event, consults_link, consults_seal FROM :"app";
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM :"app";
COMMIT;
