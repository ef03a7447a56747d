-- Claims count the attempts whose outcome nobody knows, and scheduled work finds the tokens that are due for renewal.

-- How many claims of the present refresh token ended without anybody knowing how, the one that is held included. So far it
-- was the revision they were for; a revision that has been written over is in no doubt.
ALTER TABLE tokenkeep_record RENAME COLUMN claim_revision TO claim_attempts;
UPDATE tokenkeep_record SET claim_attempts = (claim_attempts = revision) + (claim_previous = revision)
  WHERE claim_attempts <> 0 OR claim_previous <> 0;
ALTER TABLE tokenkeep_record DROP COLUMN claim_previous;

-- From when on scheduled work should renew the token, in epoch milliseconds; 0 is never. A hint that is not sealed.
ALTER TABLE tokenkeep_record ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;

CREATE INDEX tokenkeep_record_due_at ON tokenkeep_record (partition, due_at) WHERE due_at > 0;
