"""State machines: what may happen, in any order, and what must hold all the while."""
