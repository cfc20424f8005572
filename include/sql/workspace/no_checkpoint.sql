-- The workspace is gone after the computation: compressing its tables at a commit costs seconds and saves nothing.
set checkpoint_threshold = '1TB';
