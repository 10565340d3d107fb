-- Up to which order, by its count, it was looked whether its customer should get a letter because it takes its time: one
-- row. Orders that are there already are not written to.
CREATE TABLE letters_looked (
    one     INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    through INTEGER NOT NULL
) STRICT;

INSERT INTO letters_looked SELECT 1, coalesce(max(count), 0) FROM orders;
