-- One row: the currency that amounts are shown in.
select currency from settings.run;
