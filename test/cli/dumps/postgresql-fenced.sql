--
-- PostgreSQL database dump
--

\restrict token

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

DROP TRIGGER IF EXISTS quiesce_21230326_2_a2d97f1f4711_cd6faad9 ON public.card;
DROP TRIGGER IF EXISTS quiesce_21230326_2_a2d97f1f4711_33a54f30 ON public.entry;
DROP TRIGGER IF EXISTS own ON public.entry;
DROP INDEX IF EXISTS quiesce.quiesce_run_namespace;
DROP INDEX IF EXISTS quiesce.quiesce_node_namespace;
DROP INDEX IF EXISTS quiesce.quiesce_freeze_active;
DROP INDEX IF EXISTS quiesce.quiesce_event_namespace;
ALTER TABLE IF EXISTS ONLY quiesce.quiesce_version DROP CONSTRAINT IF EXISTS quiesce_version_pkey;
ALTER TABLE IF EXISTS ONLY quiesce.quiesce_run_token DROP CONSTRAINT IF EXISTS quiesce_run_token_pkey;
ALTER TABLE IF EXISTS ONLY quiesce.quiesce_run DROP CONSTRAINT IF EXISTS quiesce_run_pkey;
ALTER TABLE IF EXISTS ONLY quiesce.quiesce_row_lock DROP CONSTRAINT IF EXISTS quiesce_row_lock_pkey;
ALTER TABLE IF EXISTS ONLY quiesce.quiesce_node DROP CONSTRAINT IF EXISTS quiesce_node_pkey;
ALTER TABLE IF EXISTS ONLY quiesce.quiesce_lock DROP CONSTRAINT IF EXISTS quiesce_lock_pkey;
ALTER TABLE IF EXISTS ONLY quiesce.quiesce_freeze DROP CONSTRAINT IF EXISTS quiesce_freeze_pkey;
ALTER TABLE IF EXISTS ONLY quiesce.quiesce_event DROP CONSTRAINT IF EXISTS quiesce_event_pkey;
ALTER TABLE IF EXISTS ONLY quiesce.quiesce_cluster DROP CONSTRAINT IF EXISTS quiesce_cluster_pkey;
ALTER TABLE IF EXISTS ONLY public.entry DROP CONSTRAINT IF EXISTS entry_pkey;
ALTER TABLE IF EXISTS ONLY public.card DROP CONSTRAINT IF EXISTS card_pkey;
DROP TABLE IF EXISTS quiesce.quiesce_version;
DROP TABLE IF EXISTS quiesce.quiesce_run_token;
DROP TABLE IF EXISTS quiesce.quiesce_run;
DROP TABLE IF EXISTS quiesce.quiesce_row_lock;
DROP TABLE IF EXISTS quiesce.quiesce_node;
DROP TABLE IF EXISTS quiesce.quiesce_lock;
DROP TABLE IF EXISTS quiesce.quiesce_freeze;
DROP TABLE IF EXISTS quiesce.quiesce_event;
DROP TABLE IF EXISTS quiesce.quiesce_cluster;
DROP TABLE IF EXISTS public.entry;
DROP TABLE IF EXISTS public.card;
DROP FUNCTION IF EXISTS quiesce.quiesce_21230326_2_a2d97f1f4711();
DROP FUNCTION IF EXISTS public.own();
DROP SCHEMA IF EXISTS quiesce;
--
-- Name: quiesce; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA quiesce;


--
-- Name: own(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.own() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  -- not quiesce_0a1b2c3d_5_0123456789ab;
  NEW.text := 'quiesce_0a1b2c3d_5_0123456789ab; ' || NEW.text;
  RETURN NEW;
END
$$;


--
-- Name: quiesce_21230326_2_a2d97f1f4711(); Type: FUNCTION; Schema: quiesce; Owner: -
--

CREATE FUNCTION quiesce.quiesce_21230326_2_a2d97f1f4711() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$
DECLARE
  shown pg_catalog.text := pg_catalog.current_setting('quiesce.token', true);
  one pg_catalog.text;
BEGIN
  IF shown IS NOT NULL THEN
    FOREACH one IN ARRAY pg_catalog.string_to_array(shown, ',') LOOP
      IF pg_catalog.sha256(pg_catalog.convert_to(one, 'UTF8')) OPERATOR(pg_catalog.=) pg_catalog.decode('ad8e3778e998a5df6832fee832761342d2d8f79f918b21268eaa6795c6b00c53', 'hex') THEN
        RETURN NULL;
      END IF;
    END LOOP;
  END IF;
  RAISE EXCEPTION USING ERRCODE = '25006', MESSAGE = E'quiesce fence: the cluster is read-only: it''s a dump; $$ -- \\ (freeze a2d97f1f-4711-4020-b283-908ef598c2d8)',
    DETAIL = pg_catalog.concat(TG_OP, ' on ', TG_TABLE_SCHEMA, '.', TG_TABLE_NAME, ' was refused by the database itself.'),
    HINT = 'Reads still work; writes come back when the freeze ends. More: the quiesce_freeze row with id a2d97f1f-4711-4020-b283-908ef598c2d8, or cluster.state.';
END$_$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: card; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.card (
    id integer NOT NULL,
    name text,
    last_used_at timestamp with time zone
);


--
-- Name: entry; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.entry (
    id integer NOT NULL,
    text text
);


--
-- Name: TABLE entry; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.entry IS 'never quiesce_0a1b2c3d_5_0123456789ab';


--
-- Name: quiesce_cluster; Type: TABLE; Schema: quiesce; Owner: -
--

CREATE TABLE quiesce.quiesce_cluster (
    namespace text NOT NULL COLLATE pg_catalog."C",
    epoch bigint NOT NULL,
    nonce text NOT NULL,
    mode text NOT NULL,
    database_identity text NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT quiesce_cluster_epoch_check CHECK ((epoch > 0)),
    CONSTRAINT quiesce_cluster_mode_check CHECK ((mode = ANY (ARRAY['read-write'::text, 'draining'::text, 'read-only'::text])))
);


--
-- Name: quiesce_event; Type: TABLE; Schema: quiesce; Owner: -
--

CREATE TABLE quiesce.quiesce_event (
    id bigint NOT NULL,
    namespace text NOT NULL COLLATE pg_catalog."C",
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    type text NOT NULL,
    epoch bigint,
    node text,
    freeze_id uuid,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL
);


--
-- Name: quiesce_event_id_seq; Type: SEQUENCE; Schema: quiesce; Owner: -
--

ALTER TABLE quiesce.quiesce_event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME quiesce.quiesce_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: quiesce_freeze; Type: TABLE; Schema: quiesce; Owner: -
--

CREATE TABLE quiesce.quiesce_freeze (
    id uuid NOT NULL,
    namespace text NOT NULL COLLATE pg_catalog."C",
    nonce text NOT NULL,
    kind text NOT NULL,
    phase text NOT NULL,
    epoch bigint NOT NULL,
    database_identity text NOT NULL,
    reason text NOT NULL,
    owner text NOT NULL,
    holder uuid NOT NULL,
    exempt jsonb NOT NULL,
    on_holder_lost text NOT NULL,
    begun_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    drain_until timestamp with time zone NOT NULL,
    lease_ms integer,
    lease_until timestamp with time zone,
    deadline_at timestamp with time zone,
    expected_end timestamp with time zone,
    frozen_at timestamp with time zone,
    ended_at timestamp with time zone,
    ended_by text,
    end_reason text,
    end_note text,
    takeover_ms integer,
    CONSTRAINT quiesce_freeze_kind_check CHECK ((kind = ANY (ARRAY['operator'::text, 'machine'::text]))),
    CONSTRAINT quiesce_freeze_on_holder_lost_check CHECK ((on_holder_lost = ANY (ARRAY['thaw'::text, 'stay'::text]))),
    CONSTRAINT quiesce_freeze_phase_check CHECK ((phase = ANY (ARRAY['draining'::text, 'read-only'::text])))
);


--
-- Name: quiesce_lock; Type: TABLE; Schema: quiesce; Owner: -
--

CREATE TABLE quiesce.quiesce_lock (
    namespace text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    token bigint NOT NULL,
    holder uuid,
    nonce text,
    owner text,
    taken_over_from uuid,
    acquired_at timestamp with time zone,
    lease_until timestamp with time zone,
    CONSTRAINT quiesce_lock_token_check CHECK ((token > 0))
);


--
-- Name: quiesce_node; Type: TABLE; Schema: quiesce; Owner: -
--

CREATE TABLE quiesce.quiesce_node (
    id uuid NOT NULL,
    namespace text NOT NULL COLLATE pg_catalog."C",
    host text NOT NULL,
    pid integer NOT NULL,
    application text NOT NULL,
    library_version text NOT NULL,
    protocol_version integer NOT NULL,
    policy_hash text NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    heartbeat_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    heartbeat_ms integer NOT NULL,
    lease_ms integer NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    seen_epoch bigint DEFAULT 0 NOT NULL,
    acked_epoch bigint DEFAULT 0 NOT NULL,
    in_flight integer DEFAULT 0 NOT NULL,
    unknown_writes integer DEFAULT 0 NOT NULL,
    oldest text
)
WITH (fillfactor='50');


--
-- Name: quiesce_row_lock; Type: TABLE; Schema: quiesce; Owner: -
--

CREATE TABLE quiesce.quiesce_row_lock (
    lock_name text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: quiesce_run; Type: TABLE; Schema: quiesce; Owner: -
--

CREATE TABLE quiesce.quiesce_run (
    id uuid NOT NULL,
    namespace text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    owner text NOT NULL,
    holder uuid NOT NULL,
    nonce text NOT NULL,
    on_holder_lost text NOT NULL,
    lease_ms integer NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    takeover_ms integer NOT NULL,
    takeovers integer DEFAULT 0 NOT NULL,
    freeze_id uuid,
    phase text NOT NULL,
    steps jsonb NOT NULL,
    baseline text,
    thawed boolean DEFAULT false NOT NULL,
    outcome text,
    error text,
    progress integer DEFAULT 0 NOT NULL,
    cancel_by text,
    cancel_reason text,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT quiesce_run_on_holder_lost_check CHECK ((on_holder_lost = ANY (ARRAY['resume'::text, 'rollback'::text, 'thaw'::text]))),
    CONSTRAINT quiesce_run_progress_check CHECK (((progress >= 0) AND (progress <= 100)))
);


--
-- Name: quiesce_run_token; Type: TABLE; Schema: quiesce; Owner: -
--

CREATE TABLE quiesce.quiesce_run_token (
    run_id uuid NOT NULL,
    nonce text NOT NULL
);


--
-- Name: quiesce_version; Type: TABLE; Schema: quiesce; Owner: -
--

CREATE TABLE quiesce.quiesce_version (
    version integer NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


--
-- Data for Name: card; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.card (id, name, last_used_at) FROM stdin;
1	one	\N
\.


--
-- Data for Name: entry; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.entry (id, text) FROM stdin;
1	a text;\nCREATE TRIGGER quiesce_0a1b2c3d_5_0123456789ab_x BEFORE INSERT ON entry;\n\\.\n--\n/* it's; $$
2	plain
\.


--
-- Name: card card_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.card
    ADD CONSTRAINT card_pkey PRIMARY KEY (id);


--
-- Name: entry entry_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (id);


--
-- Name: quiesce_cluster quiesce_cluster_pkey; Type: CONSTRAINT; Schema: quiesce; Owner: -
--

ALTER TABLE ONLY quiesce.quiesce_cluster
    ADD CONSTRAINT quiesce_cluster_pkey PRIMARY KEY (namespace);


--
-- Name: quiesce_event quiesce_event_pkey; Type: CONSTRAINT; Schema: quiesce; Owner: -
--

ALTER TABLE ONLY quiesce.quiesce_event
    ADD CONSTRAINT quiesce_event_pkey PRIMARY KEY (id);


--
-- Name: quiesce_freeze quiesce_freeze_pkey; Type: CONSTRAINT; Schema: quiesce; Owner: -
--

ALTER TABLE ONLY quiesce.quiesce_freeze
    ADD CONSTRAINT quiesce_freeze_pkey PRIMARY KEY (id);


--
-- Name: quiesce_lock quiesce_lock_pkey; Type: CONSTRAINT; Schema: quiesce; Owner: -
--

ALTER TABLE ONLY quiesce.quiesce_lock
    ADD CONSTRAINT quiesce_lock_pkey PRIMARY KEY (namespace, name);


--
-- Name: quiesce_node quiesce_node_pkey; Type: CONSTRAINT; Schema: quiesce; Owner: -
--

ALTER TABLE ONLY quiesce.quiesce_node
    ADD CONSTRAINT quiesce_node_pkey PRIMARY KEY (id);


--
-- Name: quiesce_row_lock quiesce_row_lock_pkey; Type: CONSTRAINT; Schema: quiesce; Owner: -
--

ALTER TABLE ONLY quiesce.quiesce_row_lock
    ADD CONSTRAINT quiesce_row_lock_pkey PRIMARY KEY (lock_name);


--
-- Name: quiesce_run quiesce_run_pkey; Type: CONSTRAINT; Schema: quiesce; Owner: -
--

ALTER TABLE ONLY quiesce.quiesce_run
    ADD CONSTRAINT quiesce_run_pkey PRIMARY KEY (id);


--
-- Name: quiesce_run_token quiesce_run_token_pkey; Type: CONSTRAINT; Schema: quiesce; Owner: -
--

ALTER TABLE ONLY quiesce.quiesce_run_token
    ADD CONSTRAINT quiesce_run_token_pkey PRIMARY KEY (run_id);


--
-- Name: quiesce_version quiesce_version_pkey; Type: CONSTRAINT; Schema: quiesce; Owner: -
--

ALTER TABLE ONLY quiesce.quiesce_version
    ADD CONSTRAINT quiesce_version_pkey PRIMARY KEY (version);


--
-- Name: quiesce_event_namespace; Type: INDEX; Schema: quiesce; Owner: -
--

CREATE INDEX quiesce_event_namespace ON quiesce.quiesce_event USING btree (namespace, id);


--
-- Name: quiesce_freeze_active; Type: INDEX; Schema: quiesce; Owner: -
--

CREATE INDEX quiesce_freeze_active ON quiesce.quiesce_freeze USING btree (namespace) WHERE (ended_at IS NULL);


--
-- Name: quiesce_node_namespace; Type: INDEX; Schema: quiesce; Owner: -
--

CREATE INDEX quiesce_node_namespace ON quiesce.quiesce_node USING btree (namespace);


--
-- Name: quiesce_run_namespace; Type: INDEX; Schema: quiesce; Owner: -
--

CREATE INDEX quiesce_run_namespace ON quiesce.quiesce_run USING btree (namespace, started_at);


--
-- Name: entry own; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER own BEFORE UPDATE ON public.entry FOR EACH ROW EXECUTE FUNCTION public.own();


--
-- Name: entry quiesce_21230326_2_a2d97f1f4711_33a54f30; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER quiesce_21230326_2_a2d97f1f4711_33a54f30 BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.entry FOR EACH STATEMENT EXECUTE FUNCTION quiesce.quiesce_21230326_2_a2d97f1f4711();

ALTER TABLE public.entry ENABLE ALWAYS TRIGGER quiesce_21230326_2_a2d97f1f4711_33a54f30;


--
-- Name: card quiesce_21230326_2_a2d97f1f4711_cd6faad9; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER quiesce_21230326_2_a2d97f1f4711_cd6faad9 BEFORE INSERT OR DELETE OR UPDATE OF id, name OR TRUNCATE ON public.card FOR EACH STATEMENT EXECUTE FUNCTION quiesce.quiesce_21230326_2_a2d97f1f4711();

ALTER TABLE public.card ENABLE ALWAYS TRIGGER quiesce_21230326_2_a2d97f1f4711_cd6faad9;


--
-- PostgreSQL database dump complete
--

\unrestrict token

