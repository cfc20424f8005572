-- settings.*, staging.* and kpi.* mean the workspace, every other name the lake.
set search_path = 'lake.main,memory.staging,memory.settings,memory.kpi';
