-- One row; parameters by name.
insert into published.publishes (
    publish_id, published_at, as_of, computation_id, run_id, spreadsheet_id, url, requests, cells, bytes
)
values ($publish_id, $published_at, $as_of, $computation_id, $run_id, $spreadsheet_id, $url, $requests, $cells, $bytes);
