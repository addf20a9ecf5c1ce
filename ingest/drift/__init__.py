"""Files whose layout changed: what differs, holding them, and accepting a layout for years."""
