-- name: every_municipality()$
SELECT scope.every_municipality();

-- name: enter(municipalities, building, unassigned, account, actor, origin)!
-- What the session may see, and in whose name it acts, until it is said otherwise.
SELECT set_config('gebaeude.municipalities', CAST(:municipalities::integer[] AS text), false),
       set_config('gebaeude.building', coalesce(:building::text, ''), false),
       set_config('gebaeude.unassigned', CASE WHEN :unassigned THEN 'on' ELSE '' END, false),
       set_config('gebaeude.account', coalesce(:account::text, ''), false),
       set_config('gebaeude.actor', :actor, false),
       set_config('gebaeude.origin', :origin, false);

-- name: leave()!
-- Sees nothing any more, and acts in nobody's name.
SELECT set_config(name, '', false)
FROM unnest(ARRAY['gebaeude.municipalities', 'gebaeude.building', 'gebaeude.unassigned',
                  'gebaeude.account', 'gebaeude.actor', 'gebaeude.origin']) AS name;
