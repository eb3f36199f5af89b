-- Whose people an entry is about that belongs to no municipality's things, such as a sign-in: those
-- municipalities see it. Part of what the chain runs over; entries from before have none.
ALTER TABLE audit ADD COLUMN municipalities integer[];

CREATE OR REPLACE FUNCTION audit_content(entry audit) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(convert_to((jsonb_build_array(
        entry.position, (extract(epoch FROM entry.at) * 1000000)::bigint, entry.account_id,
        entry.actor, entry.origin, entry.action, entry.subject, entry.municipality_id,
        entry.building_id, entry.before, entry.after)
        || CASE WHEN entry.municipalities IS NULL THEN '[]'::jsonb
                ELSE jsonb_build_array(entry.municipalities) END)::text, 'UTF8'))
$$;

-- Those of whoever acts, and of the account that it is about; a guest belongs to the building.
CREATE FUNCTION audit_whose() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.subject = 'session/guest' THEN
        SELECT l.building_id INTO NEW.building_id
        FROM one_time_link l WHERE l.id = (NEW.after ->> 'guest_link_id')::integer;
    END IF;
    IF NEW.building_id IS NOT NULL THEN
        SELECT s.municipality_id INTO NEW.municipality_id
        FROM building b JOIN site s ON s.id = b.site_id WHERE b.id = NEW.building_id;
        RETURN NEW;
    END IF;
    SELECT array_agg(DISTINCT r.municipality_id ORDER BY r.municipality_id) INTO NEW.municipalities
    FROM account a JOIN account_role r ON r.account_id = a.id
    WHERE a.id = NEW.account_id OR (
        split_part(NEW.subject, '/', 1) IN ('account', 'session', 'api_token', 'one_time_link')
        AND lower(a.email) = substr(NEW.subject, strpos(NEW.subject, '/') + 1));
    RETURN NEW;
END
$$;
CREATE TRIGGER whose BEFORE INSERT ON audit
    FOR EACH ROW WHEN (NEW.municipality_id IS NULL) EXECUTE FUNCTION audit_whose();

DROP POLICY scope ON audit;
CREATE POLICY scope ON audit FOR SELECT USING (
    (SELECT scope.building()) IS NULL AND (
        municipality_id = ANY ((SELECT scope.municipalities())::integer[])
        OR municipalities && (SELECT scope.municipalities())
        OR (municipality_id IS NULL AND municipalities IS NULL AND (
            account_id IN (SELECT scope.accounts())
            OR (account_id IS NULL AND (SELECT scope.unassigned()))))));
