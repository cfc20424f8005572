-- Names without a catalog mean the lake.
use lake;
