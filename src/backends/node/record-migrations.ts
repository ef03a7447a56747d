/**
 * The files of `migrations/` as text, in their order: a backend that makes its tables itself has them wherever it was bundled.
 * None is ever changed; what changes the tables is a further one.
 */
export const recordMigrations: readonly string[] = [
  `-- The sealed records of tokenkeep, for D1 and any other SQLite. Nothing here can be read without the keyring.
CREATE TABLE tokenkeep_record (
  -- Tenant and collection, percent-encoded, with a slash between them.
  partition TEXT NOT NULL,
  -- Unique within the partition; random unless the application chose it.
  id TEXT NOT NULL,
  -- Counts the writes, from 1. Authenticated by the seal; every write is conditional on it.
  revision INTEGER NOT NULL CHECK (revision > 0),
  -- Blind index of what must be unique in the partition: the user, issuer and client of a token.
  identity BLOB NOT NULL,
  -- Blind indexes of the fields a token is found by; NULL where the token has none.
  lookup_user_name BLOB,
  lookup_access_token BLOB,
  lookup_refresh_token BLOB,
  lookup_grant_token BLOB,
  -- The key that sealed the record, and the one that made its blind indexes.
  key_id TEXT NOT NULL,
  index_key_id TEXT NOT NULL,
  -- From when on nothing in the record is usable, in epoch milliseconds; 0 is never. Authenticated by the seal.
  expires_at INTEGER NOT NULL DEFAULT 0 CHECK (expires_at >= 0),
  -- The token: an envelope as docs/storage-format.md describes it.
  sealed BLOB NOT NULL,
  -- The claim on the right to renew the token. Never indexed: each index would add a row to every claim's bill.
  -- Who holds it, or held it last without giving it back; empty when nobody does.
  claim_owner TEXT NOT NULL DEFAULT '',
  -- Until when it is held, in epoch milliseconds of the database's clock.
  claim_until INTEGER NOT NULL DEFAULT 0,
  -- The revision for which the last holder claimed and then neither wrote nor gave back; 0 when there is none.
  claim_revision INTEGER NOT NULL DEFAULT 0,
  -- What claim_revision was when the present holder claimed.
  claim_previous INTEGER NOT NULL DEFAULT 0,
  -- Before when no claim is granted, in epoch milliseconds.
  retry_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (partition, id)
) STRICT;

CREATE UNIQUE INDEX tokenkeep_record_identity ON tokenkeep_record (partition, identity);

CREATE INDEX tokenkeep_record_user_name ON tokenkeep_record (partition, lookup_user_name)
  WHERE lookup_user_name IS NOT NULL;
CREATE INDEX tokenkeep_record_access_token ON tokenkeep_record (partition, lookup_access_token)
  WHERE lookup_access_token IS NOT NULL;
CREATE INDEX tokenkeep_record_refresh_token ON tokenkeep_record (partition, lookup_refresh_token)
  WHERE lookup_refresh_token IS NOT NULL;
CREATE INDEX tokenkeep_record_grant_token ON tokenkeep_record (partition, lookup_grant_token)
  WHERE lookup_grant_token IS NOT NULL;

CREATE INDEX tokenkeep_record_expires_at ON tokenkeep_record (expires_at) WHERE expires_at > 0;
`,

  `-- Claims count the attempts whose outcome nobody knows, and scheduled work finds the tokens that are due for renewal.

-- How many claims of the present refresh token ended without anybody knowing how, the one that is held included. So far it
-- was the revision they were for; a revision that has been written over is in no doubt.
ALTER TABLE tokenkeep_record RENAME COLUMN claim_revision TO claim_attempts;
UPDATE tokenkeep_record SET claim_attempts = (claim_attempts = revision) + (claim_previous = revision)
  WHERE claim_attempts <> 0 OR claim_previous <> 0;
ALTER TABLE tokenkeep_record DROP COLUMN claim_previous;

-- From when on scheduled work should renew the token, in epoch milliseconds; 0 is never. A hint that is not sealed.
ALTER TABLE tokenkeep_record ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;

CREATE INDEX tokenkeep_record_due_at ON tokenkeep_record (partition, due_at) WHERE due_at > 0;
`,
];
