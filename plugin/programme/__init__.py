"""The tenants: programmes and their versioned documents."""
