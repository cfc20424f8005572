-- settings.*, staging.* and kpi.* mean the candidate, every other name the lake.
set search_path = 'lake.main,checked.staging,checked.settings,checked.kpi';
