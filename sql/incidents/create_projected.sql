-- Makes the empty table `projected`: degrees of pairs x, y.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE projected (x DOUBLE, y DOUBLE, raw_lat DOUBLE, raw_lon DOUBLE)
