-- settings.* and staging.* mean the workspace, every other name the lake.
set search_path = 'lake.main,memory.staging,memory.settings';
