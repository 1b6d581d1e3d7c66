-- Two roles: one owns the tables and migrates, the other serves the site and cannot change history.
-- Run once by a superuser, on the database of the site:
--
--     psql -v owner=clinic_owner -v app=clinic_app -d clinic -f deploy/postgres/roles.sql
--
-- then give both a password with \password, migrate with the owner's DATABASE_URL, and run grants.sql.

\set ON_ERROR_STOP on

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', name)
FROM unnest(ARRAY[:'owner', :'app']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

SELECT current_database() AS name \gset
ALTER DATABASE :"name" OWNER TO :"owner";
ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"name" TO :"app";
GRANT USAGE ON SCHEMA public TO :"app";

-- No statement and no value of a row in the server's log: a failing INSERT would print its values.
ALTER ROLE :"app" SET log_min_error_statement = 'panic';
ALTER ROLE :"app" SET log_error_verbosity = 'terse';
ALTER ROLE :"app" SET log_statement = 'none';
ALTER ROLE :"app" SET log_min_duration_statement = -1;
ALTER ROLE :"app" SET log_min_duration_sample = -1;
ALTER ROLE :"app" SET log_duration = off;
