"""The ground floor: everything may stand on it; it stands on nothing."""
