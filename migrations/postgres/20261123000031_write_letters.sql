-- Up to which serial number orders were checked for a mail about their delay.
CREATE TABLE letters_looked (
    one     bigint NOT NULL PRIMARY KEY CHECK (one = 1),
    through bigint NOT NULL
);

INSERT INTO letters_looked VALUES (1, 0);
