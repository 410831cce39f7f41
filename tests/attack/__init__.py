"""What a stranger, a dishonest merchant or the application's own role once could do, and no longer can."""
