-- The tables of a small reporting application. While the cluster is read-only, quiesce.ts exempts the lower ones wholly,
-- and two columns of report_card.
CREATE TABLE collection (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE report_card (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  collection_id uuid REFERENCES collection,
  last_used_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE cloud_migration (id serial PRIMARY KEY, state text NOT NULL, progress int NOT NULL);
CREATE TABLE setting (key text PRIMARY KEY, value text);
CREATE TABLE core_user (id serial PRIMARY KEY, email text NOT NULL UNIQUE);
CREATE TABLE core_session (id uuid PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE login_history (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE audit_log (id bigserial PRIMARY KEY, topic text NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE view_log (id bigserial PRIMARY KEY, model text NOT NULL, at timestamptz NOT NULL DEFAULT now());
