-- Notes for a lead that is gone which lead took it over.
update raw.leads
set _merged_into = $destination
where id = $source and _merged_into is distinct from $destination;
