-- One row; parameters by name.
insert into settings.run (
    as_of, from_month, timezone, history_start, customer_basis, rate_denominator,
    demo_rule, demo_title_pattern, demo_text_pattern, count_automated_emails,
    source_field_id, owner_field_id, currency, unknown_source_share_limit
)
values (
    $as_of, $from_month, $timezone, $history_start, $customer_basis, $rate_denominator,
    $demo_rule, $demo_title_pattern, $demo_text_pattern, $count_automated_emails,
    $source_field_id, $owner_field_id, $currency, $unknown_source_share_limit
);
