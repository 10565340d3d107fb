-- What is known of a queue apart from its jobs. A queue that nobody paused or claimed from has no row.
CREATE TABLE queues (
    name      TEXT    NOT NULL PRIMARY KEY CHECK (length(name) > 0),
    paused_at INTEGER
) STRICT, WITHOUT ROWID;

-- Whose work a job is.
ALTER TABLE jobs ADD COLUMN share TEXT;
