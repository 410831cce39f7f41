-- Purpose: the hot tables, written by hand where Django has no words (distribution keys, BRIN, fill factors, append-only).
-- Parameters: none; run by the first migration.
-- Locks: none that matter, the tables are new.
-- Index: primary keys lead with what is looked up and contain owner_id, so that they can be distributed by it.
CREATE TABLE ledger_transfer (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    request_id text NOT NULL,
    digest bytea NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    reverses uuid,
    reference_kind text NOT NULL,
    reference_id uuid,
    rule_version text NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    occurred_at timestamptz NOT NULL,
    posted_at timestamptz NOT NULL,
    booked_on date NOT NULL,
    account_ids uuid[] NOT NULL CHECK (cardinality(account_ids) >= 2),
    PRIMARY KEY (id, owner_id),
    UNIQUE (owner_id, request_id)
);
CREATE INDEX ledger_transfer_reversals ON ledger_transfer (owner_id, reverses) WHERE reverses IS NOT NULL;

CREATE TABLE ledger_entry (
    account_id uuid NOT NULL,
    transfer_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    balance_after bigint,
    seq bigint,
    booked_on date NOT NULL,
    PRIMARY KEY (account_id, transfer_id, owner_id)
);
CREATE INDEX ledger_entry_day ON ledger_entry USING brin (booked_on) WITH (pages_per_range = 32, autosummarize = on);

CREATE TABLE ledger_lot (
    account_id uuid NOT NULL,
    transfer_id uuid NOT NULL,
    part smallint NOT NULL,
    owner_id uuid NOT NULL,
    funder_id uuid,
    amount bigint NOT NULL CHECK (amount > 0),
    remaining bigint NOT NULL CHECK (remaining BETWEEN 0 AND amount),
    cost_minor bigint NOT NULL CHECK (cost_minor >= 0),
    earned_at timestamptz NOT NULL,
    active_from timestamptz NOT NULL,
    expires_at timestamptz,
    origin_transfer_id uuid,
    PRIMARY KEY (account_id, transfer_id, part, owner_id)
);
CREATE INDEX ledger_lot_expiring ON ledger_lot (expires_at) WHERE remaining > 0 AND expires_at IS NOT NULL;
CREATE INDEX ledger_lot_origin ON ledger_lot (origin_transfer_id) WHERE origin_transfer_id IS NOT NULL;

CREATE TABLE ledger_lot_move (
    account_id uuid NOT NULL,
    lot_transfer_id uuid NOT NULL,
    lot_part smallint NOT NULL,
    transfer_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (account_id, lot_transfer_id, lot_part, transfer_id, owner_id)
);
CREATE INDEX ledger_lot_move_transfer ON ledger_lot_move (owner_id, transfer_id);

CREATE TABLE ledger_lot_activation (
    owner_id uuid NOT NULL,
    request_id text NOT NULL,
    account_id uuid NOT NULL,
    lot_transfer_id uuid NOT NULL,
    lot_part smallint NOT NULL,
    active_from timestamptz NOT NULL,
    expires_at timestamptz,
    actor text NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, request_id, account_id, lot_transfer_id, lot_part)
);

CREATE INDEX ledger_account_id ON ledger_account (id);
ALTER TABLE ledger_account SET (fillfactor = 80);
ALTER TABLE ledger_stripe SET (fillfactor = 30);
ALTER TABLE ledger_lot SET (fillfactor = 90);

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_lot_move
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_lot_activation
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_day_digest
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_digest_chunk
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

CREATE TYPE ledger_transfer_in AS (
    n integer, id uuid, owner_id uuid, kind text, request_id text, digest bytea, amount bigint, reverses uuid,
    shortfall text, lot_transfer_id uuid, reopen_until timestamptz, reference_kind text, reference_id uuid,
    rule_version text, actor text, reason text, occurred_at timestamptz
);
CREATE TYPE ledger_leg_in AS (
    n integer, account_id uuid, owner_id uuid, owner_kind text, unit_id uuid, guarded boolean, lotted boolean,
    amount bigint, funder_id uuid, cost_minor bigint, earned_at timestamptz, active_from timestamptz,
    expires_at timestamptz
);
