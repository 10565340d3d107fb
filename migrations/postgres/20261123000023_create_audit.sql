-- What operators did. It is only added to.
CREATE TABLE audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      bigint NOT NULL,
    who     text   NOT NULL CHECK (length(who) > 0),
    name    text   NOT NULL,
    act     text   NOT NULL,
    subject text   NOT NULL,
    outcome text   NOT NULL CHECK (outcome IN ('done', 'unchanged', 'refused')),
    detail  text
);

CREATE INDEX audit_of_subject ON audit (subject, id);

CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is only added to';
END $$;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_is_not_truncated BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
