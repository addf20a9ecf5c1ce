"""School workbooks of the education statistics: their layouts (YAML), finding cells, checking, reading."""
