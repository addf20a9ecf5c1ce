"""``junheng floor``: the spending floor of an entity as tables and a chart in the terminal."""
