-- Names without a catalog mean the workspace.
use memory;
