"""The journeys: one story each, from start to end. They alone use the ledger."""
