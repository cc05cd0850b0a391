-- The role of dashboards. Run it once in the store's database, as a superuser, after `rollout db migrate`:
--
--     psql -d rollout -f deploy/postgres/roles.sql
--
-- Again does no harm. Passwords are not set here: \password rollout_viewer in psql, which sends none in the clear.
-- The limits hold on every connection of the role; it can set them aside itself, the rights it cannot.

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'rollout_viewer') THEN
        CREATE ROLE rollout_viewer LOGIN;
    END IF;
    -- Nobody but the owner makes temporary tables.
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO rollout_viewer', current_database());
END $$;

-- Dashboards send what people type: it reads the views and nothing else, changes nothing, and is not waited for.
ALTER ROLE rollout_viewer NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 20;
ALTER ROLE rollout_viewer SET default_transaction_read_only = on;
ALTER ROLE rollout_viewer SET statement_timeout = '10s';
ALTER ROLE rollout_viewer SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE rollout_viewer SET lock_timeout = '2s';
ALTER ROLE rollout_viewer SET temp_file_limit = '1GB';
-- Compiling a panel's query takes longer than running it.
ALTER ROLE rollout_viewer SET jit = off;
ALTER ROLE rollout_viewer SET search_path = rollout_ops;

REVOKE ALL ON SCHEMA rollout_ops FROM PUBLIC;
GRANT USAGE ON SCHEMA rollout_ops TO rollout_viewer;
GRANT SELECT ON ALL TABLES IN SCHEMA rollout_ops TO rollout_viewer;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA rollout_ops TO rollout_viewer;
-- And on what later versions add, when this role migrates.
ALTER DEFAULT PRIVILEGES IN SCHEMA rollout_ops GRANT SELECT ON TABLES TO rollout_viewer;
