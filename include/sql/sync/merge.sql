-- Writes the rows that temp.applied chose from temp.incoming to raw.{table}.
merge into raw.{table} as stored
using (select incoming.* exclude (_position) from temp.incoming semi join temp.applied using (id, _position)) as incoming
on stored.id = incoming.id
when matched then update by name
when not matched then insert by name;
